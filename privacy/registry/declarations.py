"""The registry: what may be known about people, declared once.

Each app has a `personal_data.py`, found automatically, that declares every field of its models, the way `admin.py`
declares its admin:

    declare(
        Entry,
        name=_("Your entry in a pageant"),
        found=ByDigest("email_digest"),
        made="created_at",
        keep=[Keep(…), …],
        data=[
            data("display_name", what=_("your name on the site"), purposes=[PAGEANT], seen_by=Audience.PUBLIC),
            data("email", what=…, purposes=[CONTACT], seen_by=Audience.OFFICERS, keep=[Keep(…)]),
            …
        ],
        impersonal=["id", "pageant", …],
    )

From these come the notes on the forms, the policy's tables (`privacy/policy/`), a person's export and erasure
(`privacy/rights/`), purging, and the list of fields that a co-sponsor may get. `privacy/checks.py` refuses a field that
nobody declared. Cookies are declared here too; `privacy/cookies/firewall.py` drops all others.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any, BinaryIO, Literal

from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _

from privacy.registry.finders import Finder
from privacy.registry.purposes import Audience, Purpose
from privacy.registry.retention import Retention

Text = str | Promise
Files = Callable[[models.Model], Iterable[tuple[str, BinaryIO]]]


class Erasing(Enum):
    """What becomes of a field when its person is erased."""

    DELETE = "delete"  # with its row
    BLANK = "blank"  # the row stays without it
    STAY = "stay"  # the row stays, and so does this: `because` says why


@dataclass(frozen=True)
class Data:
    """Fields of a model that belong together. Made by `data`."""

    fields: tuple[str, ...]
    what: Text
    purposes: tuple[Purpose, ...]
    seen_by: Audience
    keep: tuple[Retention, ...] = ()  # beside the row's: when these fields are blanked
    shareable: bool = False  # whether a co-sponsor may ever receive it, from people who agree
    erasing: Erasing = Erasing.DELETE
    because: Text = ""  # why it stays when its person is erased
    withheld: Text = ""  # why the person's export leaves it out


def data(*fields: str, purposes: Iterable[Purpose], keep: Iterable[Retention] = (), **declared: Any) -> Data:
    return Data(fields=fields, purposes=tuple(purposes), keep=tuple(keep), **declared)


@dataclass(frozen=True)
class Declaration:
    """A model whose rows tell something about a person. Made by `declare`."""

    model: type[models.Model]
    name: Text  # as the person would call it
    data: tuple[Data, ...]
    impersonal: frozenset[str]
    found: Finder | None = None  # how a person's rows are found
    unfindable: Text = ""  # why they can't be, where they can't
    made: str = ""  # the field that says when a row was made
    keep: tuple[Retention, ...] = ()
    staff: bool = False  # about our staff, not about visitors
    files: Files | None = None  # a row's files: the end of each name, and the open file

    @property
    def label(self) -> str:
        return self.model._meta.label

    @property
    def names(self) -> Iterator[str]:
        """The names of all declared fields; one that is declared twice comes twice."""
        yield from self.impersonal
        for data in self.data:
            yield from data.fields

    @property
    def deletes(self) -> bool:
        """Whether erasing deletes its rows."""
        return all(data.erasing == Erasing.DELETE for data in self.data)

    def of(self, name: str) -> Data:
        return next(data for data in self.data if name in data.fields)


@dataclass(frozen=True)
class Cookie:
    """A cookie that may be set. `lifetime` is its longest; None: until the browser is closed."""

    name: str
    purpose: Purpose
    holds: Text
    set_when: Text
    lifetime: timedelta | None
    http_only: bool = True
    same_site: Literal["Lax", "Strict", "None"] = "Lax"


@dataclass
class Registry:
    declarations: dict[type[models.Model], Declaration] = field(default_factory=dict)
    impersonal: dict[type[models.Model], frozenset[str]] = field(default_factory=dict)
    cookies: dict[str, Cookie] = field(default_factory=dict)

    def fields_of(self, model: type[models.Model]) -> list[str]:
        """The names of all fields that are declared for a model."""
        if model in self.declarations:
            return list(self.declarations[model].names)
        return list(self.impersonal.get(model, ()))

    def find(self, label: str) -> Declaration:
        return self.declarations[apps.get_model(label)]


REGISTRY = Registry()


def declare(
    model: type[models.Model],
    *,
    data: Sequence[Data],
    impersonal: Iterable[str] = (),
    keep: Iterable[Retention] = (),
    **declared: Any,
) -> None:
    REGISTRY.declarations[model] = Declaration(
        model=model, data=tuple(data), impersonal=frozenset(impersonal), keep=tuple(keep), **declared
    )


def nothing_personal(model: type[models.Model], *fields: str) -> None:
    """Declares a model that says nothing about people; its fields by name, so that a new field is noticed."""
    REGISTRY.impersonal[model] = frozenset(fields)


def declare_cookie(cookie: Cookie) -> None:
    REGISTRY.cookies[cookie.name] = cookie


def discover() -> None:
    autodiscover_modules("personal_data")


def fields_in(model: type[models.Model]) -> list[str]:
    """The names of all fields that a model itself stores, many-to-many ones included."""
    meta = model._meta
    return [field.name for field in (*meta.local_fields, *meta.local_many_to_many)]


def note(label: str, name: str) -> str:
    """What a form says beside a field, in the active language: who sees it, and when it is erased."""
    data = REGISTRY.find(label).of(name)
    seen = {
        Audience.PUBLIC: _("Everybody will see this."),
        Audience.MODERATORS: _("Only our staff sees this."),
        Audience.OFFICERS: _("Never shown; only our privacy officers can see it."),
        Audience.NOBODY: _("Nobody sees this; only the machine uses it."),
    }[data.seen_by]
    return " ".join([seen, *(_("Erased %(when)s.") % {"when": keep} for keep in data.keep)])


def in_words(names: Iterable[str]) -> list[Text]:
    """What fields such as `pageant.Entry.email` are, in words for people; bare names if they are no longer declared."""
    labels = {
        f"{declaration.label}.{name}": data.what
        for declaration in REGISTRY.declarations.values()
        for data in declaration.data
        for name in data.fields
    }
    return [labels.get(name, name.rpartition(".")[2]) for name in names]
