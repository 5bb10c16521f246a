"""Purges whatever is older than the registry's retention rules allow."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.batches import keys_of
from privacy.registry.declarations import REGISTRY, Declaration
from privacy.registry.retention import Keep

log = logging.getLogger(__name__)

BATCH = 500  # rows in a transaction


@dataclass(frozen=True)
class Rule:
    """One retention rule, for the rows of a model or only for their fields `blanks`."""

    declaration: Declaration
    keep: Keep
    blanks: tuple[str, ...] = ()

    def __str__(self) -> str:
        what = f" ({', '.join(self.blanks)})" if self.blanks else ""
        return f"{self.declaration.label}{what}: {self.keep}"

    def due(self, within: timedelta = timedelta()) -> QuerySet:
        """The rows whose time is over, or will be within that period. Rows that are already blank aren't due."""
        model = self.declaration.model
        before = timezone.now() + within - self.keep.period
        rows = model._base_manager.filter(self.keep.when, **since_before(model, self.keep.since, before))
        if self.blanks:
            rows = rows.exclude(Q(**{name: blank(model, name) for name in self.blanks}))
        return rows

    def enforce(self) -> int:
        """Deletes or blanks all rows that are due. Returns how many."""
        done = 0
        for batch in keys_of(self.due(), BATCH):
            with transaction.atomic():
                # Locked and queried again: a person may be confirming or changing a row at this very moment, which
                # then waits for the next time, as do rows that another machine purges.
                due = self.due().filter(pk__in=batch).only("pk").select_for_update(of=("self",), skip_locked=True)
                done += self._purge_rows([row.pk for row in due])
        return done

    def _purge_rows(self, pks: list[int]) -> int:
        rows = self.declaration.model._base_manager.filter(pk__in=pks)
        if self.blanks:
            blank_out(rows, self.blanks)
        else:
            rows.delete()
        return len(pks)


def since_before(model: type[models.Model], since: str, before: datetime) -> dict[str, object]:
    """The condition that the moment in `since`, a field or one of a parent, is over.

    Parents are few and queried first: with a join, PostgreSQL can't tell how few of a million rows are theirs.
    """
    parent, _, moment = since.rpartition("__")
    if not parent:
        return {f"{since}__lt": before}
    field = model._meta.get_field(parent)
    assert isinstance(field, models.ForeignKey)
    over = field.related_model._base_manager.filter(**{f"{moment}__lt": before})
    return {f"{parent}__in": list(over.values_list("pk", flat=True))}


def rules() -> Iterator[Rule]:
    for declaration in REGISTRY.declarations.values():
        for data in declaration.data:
            yield from (Rule(declaration, keep, data.fields) for keep in data.keep if isinstance(keep, Keep))
        yield from (Rule(declaration, keep) for keep in declaration.keep if isinstance(keep, Keep))


def purge() -> dict[Rule, int]:
    """Enforces every rule. Returns how many rows each one purged.

    A rule that fails doesn't stop the others; the last error is raised at the end.
    """
    done: dict[Rule, int] = {}
    failure: Exception | None = None
    for rule in rules():
        try:
            done[rule] = rule.enforce()
        except Exception as error:  # noqa: BLE001  a lost database, a protected row: other rules are due all the same
            log.error("Could not purge %s: %s", rule, type(error).__name__)
            failure = error
    if failure:
        raise failure
    return done


def blank(model: type[models.Model], name: str) -> object:
    """The value of a field that was blanked: null if it may be, else its type's empty value or its default."""
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)  # reverse relations are never declared
    return None if field.null else field.to_python("") if field.empty_strings_allowed else field.get_default()


def blank_out(rows: QuerySet, names: tuple[str, ...]) -> None:
    rows.update(**{name: blank(rows.model, name) for name in names})
