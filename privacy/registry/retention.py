"""Retention rules: how long personal data is kept, from when, and what enforces it."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import ngettext

DAYS_OF_A_YEAR = 365


def spell(period: timedelta) -> str:
    """`period` in words of the active language, in the largest unit that leaves no rest."""
    hours = round(period.total_seconds() / 3600)
    days, rest = divmod(hours, 24)
    if rest or days in {1, 2, 3}:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    if days and days % DAYS_OF_A_YEAR == 0:
        years = days // DAYS_OF_A_YEAR
        return ngettext("%(count)d year", "%(count)d years", years) % {"count": years}
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


@dataclass(frozen=True)
class Keep:
    """Until `period` after the moment in `since` (a field, or a path to one), where `when` holds.

    Then `privacy/rights/purge.py` deletes the rows of a model, or blanks a field. `text` says it in words, with
    `%(period)s` for the period.
    """

    period: timedelta
    since: str
    text: str | Promise
    when: Q = field(default_factory=Q)

    def __str__(self) -> str:
        return str(self.text) % {"period": spell(self.period)}


@dataclass(frozen=True)
class WithParent:
    """As long as the row that the foreign key `parent` leads to, with which the database deletes it."""

    parent: str
    text: str | Promise

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True)
class Swept:
    """As long as `text` says; the job of that name sees to it."""

    job: str
    text: str | Promise

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True)
class Lasting:
    """Without end; `text` says why that must be."""

    text: str | Promise

    def __str__(self) -> str:
        return str(self.text)


Retention = Keep | WithParent | Swept | Lasting
