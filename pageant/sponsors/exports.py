"""Hands the data that people agreed to share to a co-sponsor, and records it on the ledger.

Nothing leaves without a consent behind each row. Entries and answers are locked and queried again before a row is made:
a withdrawal that was acknowledged counts, and one that comes during a hand-over waits for it and then recalls it.

However many people there are, one batch of them is in memory: the file is written to disk, beside the ledger's rows.
"""

import json
import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO, TextIO, TypeAlias

from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core import csv_export, json_export
from core.batches import keys_of
from core.moderation import Outdated, Refused, Status
from pageant.models import Agreement, Cosponsorship, Entry
from pageant.models.cosponsorship import ENTRY
from privacy.models import Disclosure, Pseudonym
from privacy.rights.export import value_of
from privacy.sharing import ledger

BATCH = 500  # people in memory at a time

Entries: TypeAlias = "array[int]"  # of the primary keys, rising: eight bytes for each


class Format(models.TextChoices):
    CSV = "csv", "CSV"
    JSON = "json", "JSON"


class Over(Refused):
    message = _("This co-sponsorship is over. Nothing can be handed over any more.")


class Nobody(Refused):
    message = _("Nobody who agreed has an approved entry: there is nothing to hand over.")


@dataclass(frozen=True)
class File:
    """What to call the file that a co-sponsor receives, and how many people are in it."""

    name: str
    content_type: str
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
    cosponsorship: Cosponsorship,
    content: BinaryIO,
    *,
    by: AbstractUser,
    form: Format = Format.CSV,
    seen: int | None = None,
) -> File:
    """Writes the file's content, and records on the ledger what is in it, one row for each person.

    `seen` is the preview's. Raises Outdated if the ledger has grown since, so that a button pressed twice hands over
    once; also Over and Nobody.
    """
    # Ending it either waits for this, or came first.
    cosponsorship = Cosponsorship.objects.select_for_update(no_key=True).get(pk=cosponsorship.pk)
    if not cosponsorship.is_in_force:
        raise Over
    if seen is not None and seen != ledger.last_about(cosponsorship.about):
        raise Outdated
    entries = lock(cosponsorship)
    with tempfile.TemporaryFile("w+") as file:
        spool = Spool(file)
        rows = spool.kept(rows_of(cosponsorship, entries))
        first = ledger.append(record(row, cosponsorship, by) for row in rows)
        if first is None:
            raise Nobody
        write, content_type = WRITERS[form]
        write(spool, cosponsorship, content)
    return File(f"{cosponsorship.pageant.slug}-{cosponsorship.pk}-{first.number}.{form}", content_type, spool.people)


def record(row: Row, cosponsorship: Cosponsorship, by: AbstractUser) -> ledger.Record:
    return ledger.Record(
        kind=Disclosure.Kind.HAND_OVER,
        recipient=cosponsorship.sponsor_name,
        recipient_address=cosponsorship.sponsor_url,
        about=cosponsorship.about,
        fields=[f"{ENTRY}.{name}" for name in row.values],
        purpose=cosponsorship.purposes,
        pseudonym=row.reference,
        handed_by=by,
    )


class Spool:
    """Rows that are kept on disk, to be read again."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.people = 0

    def kept(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, each of which is kept as it passes."""
        for row in rows:
            self.file.write(json.dumps([row.reference, row.values]) + "\n")
            self.people += 1
            yield row

    def __iter__(self) -> Iterator[Row]:
        self.file.seek(0)
        return (Row(*json.loads(line)) for line in self.file)


def lock(cosponsorship: Cosponsorship) -> Entries:
    """Locks the consents and their entries: entries first, as in withdrawing. Gives the people pseudonyms.

    Returns the entries that still had consented once they were locked. No others may be handed over: nobody who
    withdraws would wait for it.
    """
    entries: Entries = array("q")
    # Without the entries' own conditions: joined, each batch would read all entries before it.
    agreed = Agreement.objects.in_force().sharing().filter(cosponsorship=cosponsorship)
    for batch in keys_of(agreed, BATCH, column="entry_id"):
        list(Entry.objects.filter(pk__in=batch).order_by("pk").select_for_update().values_list("pk"))
        agreements = Agreement.objects.filter(entry__in=batch, cosponsorship=cosponsorship)
        list(agreements.order_by("pk").select_for_update().values_list("pk"))
        again = consenting(cosponsorship).filter(entry__in=batch).order_by("entry_id")
        people = list(again.values_list("entry_id", "entry__email_digest"))
        ledger.pseudonyms([digest for _entry, digest in people], about=cosponsorship.about)
        entries.extend(entry for entry, _digest in people)
    return entries


def rows_of(cosponsorship: Cosponsorship, entries: Entries) -> Iterator[Row]:
    """By their random numbers: in the order of entries, a row's place would tell whose it was even after erasure."""
    pseudonyms = Pseudonym.objects.filter(about=cosponsorship.about)
    for keys in keys_of(pseudonyms, BATCH, column="key"):
        references = dict(pseudonyms.filter(key__in=keys).values_list("subject_digest", "key"))
        agreements = consenting(cosponsorship).filter(entry__email_digest__in=references)
        found = agreements.select_related("entry").prefetch_related("entry__hobbies").order_by("entry_id")
        rows = (
            Row(references[agreement.entry.email_digest], values_of(agreement, cosponsorship.shared))
            for agreement in found
            if holds(entries, agreement.entry_id)
        )
        yield from sorted((row for row in rows if row.values), key=lambda row: row.reference)


def values_of(agreement: Agreement, shared: Sequence[str]) -> dict[str, Any]:
    return {name: value_of(agreement.entry, name) for name in shared if name in agreement.fields}


def holds(entries: Entries, entry: int) -> bool:
    place = bisect_left(entries, entry)
    return place < len(entries) and entries[place] == entry


# Files


def write_csv(rows: Iterable[Row], cosponsorship: Cosponsorship, file: BinaryIO) -> None:
    """One line for each person."""
    shared = cosponsorship.shared
    lines = ([row.reference, *(row.values.get(name, "") for name in shared)] for row in rows)
    csv_export.write_csv(chain([["reference", *shared]], lines), file)


def write_json(rows: Iterable[Row], cosponsorship: Cosponsorship, file: BinaryIO) -> None:
    document = {
        "pageant": cosponsorship.pageant.slug,
        "recipient": cosponsorship.sponsor_name,
        "purpose": cosponsorship.purposes,
        "until": cosponsorship.ends_on.isoformat(),
    }
    people = ({"reference": row.reference, **row.values} for row in rows)
    json_export.write(document, "people", people, file)


WRITERS = {
    Format.CSV: (write_csv, "text/csv; charset=utf-8"),
    Format.JSON: (write_json, "application/json"),
}
