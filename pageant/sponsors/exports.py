"""Hands the data that people agreed to share to a co-sponsor, and records it on the ledger.

Nothing leaves without a consent behind each row. Entries and answers are locked and queried again before a row is made:
a withdrawal that was acknowledged counts, and one that comes during a hand-over waits for it and then recalls it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core import csv_export
from core.moderation import Outdated, Refused, Status
from pageant.models import Agreement, Cosponsorship, Entry
from pageant.models.cosponsorship import ENTRY
from privacy.models import Disclosure
from privacy.rights.export import value_of
from privacy.sharing import ledger

BATCH = 500  # entries locked in one statement


class Format(models.TextChoices):
    CSV = "csv", "CSV"
    JSON = "json", "JSON"


class Over(Refused):
    message = _("This co-sponsorship is over. Nothing can be handed over any more.")


class Nobody(Refused):
    message = _("Nobody who agreed has an approved entry: there is nothing to hand over.")


@dataclass(frozen=True)
class File:
    """The file that a co-sponsor receives."""

    name: str
    content_type: str
    data: bytes
    people: int


@dataclass(frozen=True)
class Row:
    """One person's row: the pseudonym by which a recall names them, and what they agreed to share."""

    reference: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Preview:
    """What a hand-over would hold, in numbers. `seen` is the newest row of the ledger about this co-sponsorship."""

    agreed: int
    people: int
    seen: int


def consenting(cosponsorship: Cosponsorship) -> QuerySet[Agreement]:
    """The consents in force of entries that are confirmed and approved, while the co-sponsorship itself is in force.

    If e-mail addresses are shared, people whose address was purged are left out, not handed over without it.
    """
    if not cosponsorship.is_in_force:
        return Agreement.objects.none()
    agreements = Agreement.objects.in_force().sharing()
    agreements = agreements.filter(
        cosponsorship=cosponsorship,
        entry__pageant=cosponsorship.pageant_id,
        entry__status=Status.APPROVED,
        entry__settles_at=None,
        entry__confirmed_at__isnull=False,
    )
    return agreements.exclude(entry__email="") if "email" in cosponsorship.shared else agreements


def preview(cosponsorship: Cosponsorship) -> Preview:
    return Preview(
        agreed=cosponsorship.agreements.in_force().count(),
        people=consenting(cosponsorship).count(),
        seen=ledger.last_about(cosponsorship.about),
    )


@transaction.atomic
def hand_over(
    cosponsorship: Cosponsorship, *, by: AbstractUser, form: Format = Format.CSV, seen: int | None = None
) -> File:
    """Makes the file, and records on the ledger what is in it, one row for each person.

    `seen` is the preview's. Raises Outdated if the ledger has grown since, so that a button pressed twice hands over
    once; also Over and Nobody.
    """
    # Ending it either waits for this, or came first.
    cosponsorship = Cosponsorship.objects.select_for_update(no_key=True).get(pk=cosponsorship.pk)
    if not cosponsorship.is_in_force:
        raise Over
    if seen is not None and seen != ledger.last_about(cosponsorship.about):
        raise Outdated
    # By their random numbers: in the order of entries, a row's place would tell whose it was even after erasure.
    rows = sorted(rows_of(cosponsorship), key=lambda row: row.reference)
    if not rows:
        raise Nobody
    written = ledger.append(
        ledger.Record(
            kind=Disclosure.Kind.HAND_OVER,
            recipient=cosponsorship.sponsor_name,
            recipient_address=cosponsorship.sponsor_url,
            about=cosponsorship.about,
            fields=[f"{ENTRY}.{name}" for name in row.values],
            purpose=cosponsorship.purposes,
            pseudonym=row.reference,
            handed_by=by,
        )
        for row in rows
    )
    name = f"{cosponsorship.pageant.slug}-{cosponsorship.pk}-{written[0].number}.{form}"
    if form == Format.CSV:
        return File(name, "text/csv; charset=utf-8", as_csv(rows, cosponsorship.shared), len(rows))
    return File(name, "application/json", as_json(rows, cosponsorship), len(rows))


def rows_of(cosponsorship: Cosponsorship) -> Iterator[Row]:
    shared = cosponsorship.shared
    for agreements in locked(cosponsorship):
        digests = [agreement.entry.email_digest for agreement in agreements]
        references = ledger.pseudonyms(digests, about=cosponsorship.about)
        for agreement in agreements:
            values = {name: value_of(agreement.entry, name) for name in shared if name in agreement.fields}
            if values:
                yield Row(references[agreement.entry.email_digest], values)


def locked(cosponsorship: Cosponsorship) -> Iterator[list[Agreement]]:
    """The consents in batches, queried again once the rows are locked: entries first, as in withdrawing."""
    entries = list(consenting(cosponsorship).order_by("entry_id").values_list("entry_id", flat=True))
    for start in range(0, len(entries), BATCH):
        batch = entries[start : start + BATCH]
        list(Entry.objects.filter(pk__in=batch).order_by("pk").select_for_update().values_list("pk"))
        agreements = Agreement.objects.filter(entry__in=batch, cosponsorship=cosponsorship)
        list(agreements.order_by("pk").select_for_update().values_list("pk"))
        again = consenting(cosponsorship).filter(entry__in=batch)
        yield list(again.select_related("entry").prefetch_related("entry__hobbies").order_by("entry_id"))


# Files


def as_csv(rows: Sequence[Row], shared: Sequence[str]) -> bytes:
    """One line for each person."""
    head = ["reference", *shared]
    return csv_export.to_csv([head, *([row.reference, *(row.values.get(name, "") for name in shared)] for row in rows)])


def as_json(rows: Sequence[Row], cosponsorship: Cosponsorship) -> bytes:
    document = {
        "pageant": cosponsorship.pageant.slug,
        "recipient": cosponsorship.sponsor_name,
        "purpose": cosponsorship.purposes,
        "until": cosponsorship.ends_on.isoformat(),
        "people": [{"reference": row.reference, **row.values} for row in rows],
    }
    return json.dumps(document, ensure_ascii=False, indent=2).encode()
