"""System checks about personal data. They fail closed: a field that nobody declared is an error."""

import ast
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Reminder
from django.core.exceptions import FieldDoesNotExist
from django.db import Error as DatabaseIsAway
from django.db import connection, models, transaction
from django.utils.translation import override

from core.jobs import JOBS
from privacy.models import PolicyVersion
from privacy.policy import registry_diff, snapshots
from privacy.registry import digest_keys
from privacy.registry.declarations import REGISTRY, Data, Declaration, Erasing, fields_in
from privacy.registry.purposes import PURPOSES
from privacy.registry.retention import Keep, Retention, Swept, WithParent
from privacy.traffic import shared_salt

Answer = TypeVar("Answer")


@register("privacy")
def check_fields(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    return [message for model in apps.get_models() for message in check_model(model)]


def check_model(model: type[models.Model]) -> Iterator[CheckMessage]:
    declared = REGISTRY.fields_of(model)
    where = f"{model._meta.app_label}/personal_data.py"
    for name in fields_in(model):
        if name not in declared:
            yield Error(
                f"Nobody has declared what the field {name} tells about people.",
                hint=f"Declare it in {where}: with data(…), or as impersonal.",
                obj=model,
                id="privacy.E001",
            )
    for name in dict.fromkeys(declared):
        if name not in fields_in(model):
            yield Error(
                f"The registry declares {name}, which is no field.", hint=f"Remove it from {where}.", obj=model,
                id="privacy.E002",
            )  # fmt: skip
        elif declared.count(name) > 1:
            yield Error(
                f"The registry declares {name} more than once.", hint=f"Keep one in {where}.", obj=model,
                id="privacy.E003",
            )  # fmt: skip


@register("privacy")
def check_declarations(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    return [message for declaration in REGISTRY.declarations.values() for message in check_declaration(declaration)]


def check_declaration(declaration: Declaration) -> Iterator[CheckMessage]:
    model = declaration.model
    if not declaration.keep:
        yield Error(
            "Nobody has said how long its rows are kept.", hint="Declare keep=[…].", obj=model, id="privacy.E004"
        )
    if not declaration.found and not declaration.unfindable:
        yield Error(
            "Nobody has said how a person's rows are found.",
            hint="Declare found=…, or why that can't be: unfindable=….",
            obj=model,
            id="privacy.E005",
        )
    for keep in declaration.keep:
        yield from check_retention(model, keep, blanks=())
    for data in declaration.data:
        yield from check_data(model, data)


def check_data(model: type[models.Model], data: Data) -> Iterator[CheckMessage]:
    for keep in data.keep:
        yield from check_retention(model, keep, blanks=data.fields)
    if data.erasing == Erasing.BLANK:
        yield from check_blank(model, data.fields)
    if (data.erasing == Erasing.STAY) != bool(data.because):
        yield Error(
            f"What stays when a person is erased needs a reason: {', '.join(data.fields)}.",
            hint="Declare because=… beside erasing=Erasing.STAY, and only there.",
            obj=model,
            id="privacy.E006",
        )
    if not data.purposes or any(PURPOSES.get(purpose.key) is not purpose for purpose in data.purposes):
        yield Error(
            f"{', '.join(data.fields)}: not a purpose of the closed list.",
            hint="Purposes stand in privacy/registry/purposes.py.",
            obj=model,
            id="privacy.E007",
        )


def check_retention(model: type[models.Model], keep: Retention, *, blanks: Iterable[str]) -> Iterator[CheckMessage]:
    problem = unenforced(model, keep, blanks=bool(blanks))
    if problem:
        yield Error(
            f"Nothing enforces the retention “{keep}”: {problem}.",
            hint="See privacy/registry/retention.py.",
            obj=model,
            id="privacy.E008",
        )  # fmt: skip
    elif blanks:
        yield from check_blank(model, blanks)


def unenforced(model: type[models.Model], keep: Retention, *, blanks: bool) -> str:
    """Why nothing enforces a retention; empty if something does."""
    if isinstance(keep, Keep):
        field = field_at(model, keep.since)
        return "" if isinstance(field, models.DateTimeField) else f"{keep.since} is no moment"
    if isinstance(keep, WithParent):
        field = field_at(model, keep.parent)
        cascades = isinstance(field, models.ForeignKey) and field.remote_field.on_delete is models.CASCADE
        return "" if cascades and not blanks else f"{keep.parent} doesn't delete it"
    if isinstance(keep, Swept):
        return "" if keep.job in JOBS else f"there is no job {keep.job}"
    return "fields can't last longer than their row" if blanks else ""


def check_blank(model: type[models.Model], names: Iterable[str]) -> Iterator[CheckMessage]:
    for name in names:
        field = field_at(model, name)
        if field is not None and not (field.null or field.blank or field.empty_strings_allowed):
            yield Error(f"{name} can't be blanked.", hint="Let it be null or blank.", obj=model, id="privacy.E009")


def field_at(model: type[models.Model], path: str) -> models.Field | None:
    """The field at the end of a path like `pageant__closes_at`."""
    field = None
    try:
        for part in path.split("__"):
            field = model._meta.get_field(part)
            model = field.related_model or model
    except FieldDoesNotExist:
        return None
    return field


@register("privacy")
def check_published(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Reminds developers that the policy must follow the registry."""
    return [Reminder(text, hint=HINT, id="privacy.W001") for text in outdated_policy()]


@register("privacy", deploy=True)
def check_published_before_deploying(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Stops a deployment: the site must not do what its policy doesn't say."""
    return [Error(text, hint=HINT, id="privacy.E020") for text in outdated_policy()]


HINT = "Draft and publish a new version of the policy in the admin."


def outdated_policy() -> Iterator[str]:
    """How the registry differs from what the published policy says. Silent where no policy can be read."""
    current = query_or_default(PolicyVersion.objects.current, default=None)
    if current is None:
        return
    now = snapshots.take()
    if not snapshots.are_equal(current.snapshot, now):
        with override("en"):
            changes = "; ".join(map(str, registry_diff.between(current.snapshot, now))) or "only the words differ"
        yield f"The registry is not what the published policy (version {current.number}) says. {changes}."


def query_or_default(query: Callable[[], Answer], *, default: Answer) -> Answer:
    # Connecting to SQLite would create its file; a check must leave nothing behind.
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return default
    try:
        with transaction.atomic():  # a query that fails must not abort the transaction around it
            return query()
    except (DatabaseIsAway, RuntimeError):  # no table yet, no server; or a test without a database
        return default


# Cookies

COOKIE_WRITERS = frozenset({"set_cookie", "set_signed_cookie"})
WRITES_COOKIES = Path(__file__).parent / "cookies" / "firewall.py"


@register("privacy")
def check_cookies_of_packages(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Cookies that settings make packages set must be declared, and for as long, or the firewall would drop them."""
    messages = []
    for name, lifetime in cookies_of_packages():
        declared = REGISTRY.cookies.get(name)
        if declared is None:
            why = "nobody has declared it"
        elif outlasts(lifetime, declared.lifetime):
            why = "it is declared for a shorter time"
        else:
            continue
        hint = "Declare it with declare_cookie(…) in a personal_data.py."
        messages.append(Error(f"A package sets the cookie {name}, and {why}.", hint=hint, id="privacy.E010"))
    return messages


def cookies_of_packages() -> Iterator[tuple[str, timedelta | None]]:
    """Their names and lifetimes; None: until the browser is closed."""
    if "django.contrib.sessions.middleware.SessionMiddleware" in settings.MIDDLEWARE:
        lasting = not settings.SESSION_EXPIRE_AT_BROWSER_CLOSE
        yield settings.SESSION_COOKIE_NAME, timedelta(seconds=settings.SESSION_COOKIE_AGE) if lasting else None
    if "django.middleware.csrf.CsrfViewMiddleware" in settings.MIDDLEWARE and not settings.CSRF_USE_SESSIONS:
        age = settings.CSRF_COOKIE_AGE
        yield settings.CSRF_COOKIE_NAME, None if age is None else timedelta(seconds=age)
    in_cookies = not settings.MESSAGE_STORAGE.endswith(".SessionStorage")
    if "django.contrib.messages.middleware.MessageMiddleware" in settings.MIDDLEWARE and in_cookies:
        yield "messages", None


def outlasts(lifetime: timedelta | None, declared: timedelta | None) -> bool:
    return lifetime is not None and (declared is None or lifetime > declared)


@register("privacy")
def check_keys(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Without a key that rows need, people would no longer find what they sent, nor could it be erased."""
    missing = query_or_default(digest_keys.missing, default=[])
    return [Error(digest_keys.what_is_missing(missing), id="privacy.E012")] if missing else []


@register("privacy", deploy=True)
def check_shared_salt(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Where several machines count visitors, they must share a salt, and on no disk."""
    if settings.MACHINE and not settings.DAY_SALT_URL:
        text = "MACHINE is set, but DAY_SALT_URL is not: a visitor whom two machines serve counts twice."
        return [Reminder(text, id="privacy.W002")]
    if problem := settings.DAY_SALT_URL and shared_salt.problem(settings.DAY_SALT_URL):
        return [Reminder(f"No visitor is counted with the Redis in DAY_SALT_URL: {problem}.", id="privacy.W003")]
    return []


@register("privacy")
def check_writers_of_cookies(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Only privacy/cookies/firewall.py writes cookies, so that each one has its declared lifetime and flags."""
    return [
        Error(
            f"{file.relative_to(settings.BASE_DIR)}:{line} writes a cookie.",
            hint="Use set_cookie of privacy/cookies/firewall.py.",
            id="privacy.E011",
        )
        for file in files_of_project()
        for line in lines_that_write_cookies(file)
    ]


def files_of_project() -> Iterator[Path]:
    for app in apps.get_app_configs():
        folder = Path(app.path)
        if folder.is_relative_to(settings.BASE_DIR) and "site-packages" not in folder.parts:
            yield from sorted(folder.rglob("*.py"))


def lines_that_write_cookies(file: Path) -> Iterator[int]:
    text = file.read_text(encoding="utf-8")
    if "cookie" not in text or file == WRITES_COOKIES:
        return
    for node in ast.walk(ast.parse(text)):
        if writes_cookie(node):
            yield node.lineno


def writes_cookie(node: ast.AST) -> bool:
    """A call like `response.set_cookie(…)`, or an assignment like `response.cookies[…] = …`."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr in COOKIE_WRITERS
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        written = ast.unparse(node.value)
        return written.endswith(".cookies") and written != "REGISTRY.cookies"  # the registry only declares
    return False
