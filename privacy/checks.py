"""What `manage.py check` says about personal data. It fails closed: what nobody declared is an error."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Reminder
from django.core.exceptions import FieldDoesNotExist
from django.db import Error as DatabaseIsAway
from django.db import connection, models, transaction
from django.utils.translation import override

from privacy import changes, snapshots
from privacy.models import PolicyVersion
from privacy.purposes import PURPOSES
from privacy.registry import REGISTRY, Data, Declaration, Erasing, fields_in
from privacy.retention import Keep, Retention, Swept, WithParent
from vietmusic.chores import CHORES


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
    for one in declaration.data:
        yield from check_data(model, one)


def check_data(model: type[models.Model], one: Data) -> Iterator[CheckMessage]:
    for keep in one.keep:
        yield from check_retention(model, keep, blanks=one.fields)
    if one.erasing == Erasing.BLANK:
        yield from check_blank(model, one.fields)
    if (one.erasing == Erasing.STAY) != bool(one.because):
        yield Error(
            f"What stays when a person is erased needs a reason: {', '.join(one.fields)}.",
            hint="Declare because=… beside erasing=Erasing.STAY, and only there.",
            obj=model,
            id="privacy.E006",
        )
    if not one.purposes or any(PURPOSES.get(purpose.key) is not purpose for purpose in one.purposes):
        yield Error(
            f"{', '.join(one.fields)}: not a purpose of the closed list.",
            hint="Purposes stand in privacy/purposes.py.",
            obj=model,
            id="privacy.E007",
        )


def check_retention(model: type[models.Model], keep: Retention, *, blanks: Iterable[str]) -> Iterator[CheckMessage]:
    problem = unenforced(model, keep, blanks=bool(blanks))
    if problem:
        yield Error(
            f"Nothing enforces the retention “{keep}”: {problem}.", hint="See privacy/retention.py.", obj=model,
            id="privacy.E008",
        )  # fmt: skip
    elif blanks:
        yield from check_blank(model, blanks)


def unenforced(model: type[models.Model], keep: Retention, *, blanks: bool) -> str:
    """Why nothing enforces it; empty if something does."""
    if isinstance(keep, Keep):
        found = field_at(model, keep.since)
        return "" if isinstance(found, models.DateTimeField) else f"{keep.since} is no moment"
    if isinstance(keep, WithParent):
        found = field_at(model, keep.parent)
        cascades = isinstance(found, models.ForeignKey) and found.remote_field.on_delete is models.CASCADE
        return "" if cascades and not blanks else f"{keep.parent} doesn't delete it"
    if isinstance(keep, Swept):
        return "" if keep.chore in CHORES else f"there is no chore {keep.chore}"
    return "fields can't last longer than their row" if blanks else ""


def check_blank(model: type[models.Model], names: Iterable[str]) -> Iterator[CheckMessage]:
    for name in names:
        one = field_at(model, name)
        if one is not None and not (one.null or one.blank or one.empty_strings_allowed):
            yield Error(f"{name} can't be blanked.", hint="Let it be null or blank.", obj=model, id="privacy.E009")


def field_at(model: type[models.Model], path: str) -> models.Field | None:
    """The field at the end of a path like `pageant__closes_at`."""
    found = None
    try:
        for part in path.split("__"):
            found = model._meta.get_field(part)
            model = found.related_model or model
    except FieldDoesNotExist:
        return None
    return found


@register("privacy")
def check_published(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Whoever develops is reminded that the policy must follow."""
    return [Reminder(text, hint=HINT, id="privacy.W001") for text in untold()]


@register("privacy", deploy=True)
def check_published_before_deploying(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Whoever deploys is stopped: the site must not do what its policy doesn't say."""
    return [Error(text, hint=HINT, id="privacy.E020") for text in untold()]


HINT = "Draft and publish a new version of the policy in the admin."


def untold() -> Iterator[str]:
    """How the registry differs from what the published policy says. Silent where no policy can be read."""
    try:
        current = published_policy()
    except (DatabaseIsAway, RuntimeError):  # no table yet, no server; or a test that may ask no database
        return
    if current is None:
        return
    now = snapshots.take()
    if not snapshots.are_equal(current.snapshot, now):
        with override("en"):
            found = "; ".join(map(str, changes.between(current.snapshot, now))) or "only the words differ"
        yield f"The registry is not what the published policy (version {current.number}) says. {found}."


def published_policy() -> PolicyVersion | None:
    # Connecting to SQLite would make its file; a check leaves nothing behind.
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return None
    with transaction.atomic():  # a query that fails must not spoil the transaction around it
        return PolicyVersion.objects.current()
