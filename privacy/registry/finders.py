"""Finds a person's rows from an e-mail address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from core.email_digest import email_digests, normalize_email


@dataclass(frozen=True)
class Subject:
    """The person whose data is looked for: an e-mail address and its digests, for all keys in use; or one digest alone.

    With `before`, only rows made before that.
    """

    email: str | None
    digests: tuple[str, ...]
    before: datetime | None = None

    @classmethod
    def of(cls, email: str) -> Self:
        return cls(normalize_email(email), email_digests(email))


# Returns the rows of a model that are about a person: `rows_of` of privacy/registry/lookup.py.
RowsOf = Callable[[type[models.Model], Subject], models.QuerySet]


class Finder(Protocol):
    def rows(self, model: type[models.Model], subject: Subject, rows_of: RowsOf) -> Q:
        """Returns the condition that a row of `model` is about the person. `rows_of` looks up rows of other models."""


@dataclass(frozen=True)
class ByEmail:
    """By a column that holds the e-mail address, whatever its case."""

    column: str

    def rows(self, model: type[models.Model], subject: Subject, rows_of: RowsOf) -> Q:
        return Q(Exact(Lower(self.column), subject.email)) if subject.email else Q(pk__in=())

    def addresses(self, model: type[models.Model]) -> Iterator[str]:
        """All e-mail addresses in the column."""
        for value in model._base_manager.values_list(self.column, flat=True).distinct().iterator():
            yield from value if isinstance(value, list) else [value]  # mails may go to several


@dataclass(frozen=True)
class ByDigest:
    """By a column that holds the `email_digest` of the e-mail address; also by one that holds the address itself."""

    column: str
    address: ByEmail | None = None

    def rows(self, model: type[models.Model], subject: Subject, rows_of: RowsOf) -> Q:
        digests = Q(**{f"{self.column}__in": subject.digests})
        return digests | self.address.rows(model, subject, rows_of) if self.address else digests


@dataclass(frozen=True)
class Through:
    """By the row that a foreign key leads to, which is found in its own way."""

    relation: str

    def rows(self, model: type[models.Model], subject: Subject, rows_of: RowsOf) -> Q:
        parent = model._meta.get_field(self.relation).related_model
        assert parent is not None  # a foreign key has one
        return Q(**{f"{self.relation}__in": rows_of(parent, subject)})


@dataclass(frozen=True)
class By:
    """By a condition of its own."""

    find: Callable[[Subject], Q]

    def rows(self, model: type[models.Model], subject: Subject, rows_of: RowsOf) -> Q:
        return self.find(subject)
