"""The append-only ledger of disclosures: what was handed to whom, and what was recalled.

Each row holds the hash of the one before it, so that a change anywhere breaks the chain, and `manage.py verify_ledger`
tells where. A row names its person by a pseudonym alone; the link between the two (`Pseudonym`) is deleted when the
person is erased, and the ledger stays intact.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.db.models import Max, Q
from django.utils import timezone

from core import hash_chain
from core.batches import batched
from privacy.models import Disclosure, Pseudonym
from privacy.policy.snapshots import Texts
from privacy.registry.finders import Subject
from privacy.registry.lookup import rows_of

BATCH = 500  # rows in a statement


@dataclass(frozen=True)
class Record:
    """The content of a row to be written. `fields` are named as in the registry: `pageant.Entry.email`."""

    kind: Disclosure.Kind
    recipient: str
    recipient_address: str
    about: str
    fields: Sequence[str]
    purpose: Texts
    pseudonym: str
    handed_by: AbstractUser | None = None


@transaction.atomic
def append(records: Iterable[Record]) -> Disclosure | None:
    """Writes rows at the end of the chain, one batch in memory at a time. Returns the first, None if there is none.

    Nobody else can write until the transaction ends, so that the chain never forks. Lock other rows before calling
    this, never after, or transactions may deadlock.
    """
    hash_chain.lock(Disclosure)
    last = Disclosure.objects.order_by("-number").first()
    head = (last.number, last.hash) if last else hash_chain.EMPTY
    first, now = None, timezone.now()
    for batch in batched(records, BATCH):
        rows = [Disclosure(at=now, **vars(record) | {"fields": list(record.fields)}) for record in batch]
        head = hash_chain.extend(rows, head=head)
        Disclosure.objects.bulk_create(rows)
        first = first or rows[0]
    return first


def verify(*, known: hash_chain.Head = hash_chain.EMPTY) -> hash_chain.Head:
    """Verifies the whole ledger. Returns its head and raises Broken: see `hash_chain.verify`."""
    return hash_chain.verify(Disclosure.objects.in_order().iterator(chunk_size=2000), known=known)


def last_about(about: str) -> int:
    """The number of the newest row about something; 0 if there is none."""
    return Disclosure.objects.filter(about=about).aggregate(last=Max("number"))["last"] or 0


# Whom the rows are about


def pseudonyms(digests: Collection[str], *, about: str) -> dict[str, str]:
    """The pseudonyms of people for disclosures `about` something, by e-mail digest; made where missing.

    Old rows aren't touched, so that an erasure, which locks them, and this never wait for each other.
    """
    new = [Pseudonym(subject_digest=digest, about=about, key=Pseudonym.new_key()) for digest in dict.fromkeys(digests)]
    Pseudonym.objects.bulk_create(new, ignore_conflicts=True, batch_size=BATCH)
    known = Pseudonym.objects.filter(about=about, subject_digest__in=digests)
    return dict(known.values_list("subject_digest", "key"))


def outstanding(pseudonym: str) -> list[Disclosure]:
    """What was handed over under a pseudonym and not recalled since."""
    rows: list[Disclosure] = []
    for row in Disclosure.objects.filter(pseudonym=pseudonym).in_order():
        rows = [] if row.kind == Disclosure.Kind.RECALL else [*rows, row]
    return rows


def recall(pseudonym: str) -> Disclosure | None:
    """Records, in one row, that what was handed over is recalled. Returns None if there is nothing to recall."""
    rows = outstanding(pseudonym)
    if not rows:
        return None
    last = rows[-1]
    record = Record(
        kind=Disclosure.Kind.RECALL,
        recipient=last.recipient,
        recipient_address=last.recipient_address,
        about=last.about,
        fields=list(dict.fromkeys(name for row in rows for name in row.fields)),
        purpose=last.purpose,
        pseudonym=pseudonym,
    )
    return append([record])


def disclosures_of(subject: Subject) -> Q:
    return Q(pseudonym__in=rows_of(Pseudonym, subject).values("key"))


def of(subject: Subject) -> models.QuerySet[Disclosure]:
    """Hand-overs and recalls of a person's data, the newest first."""
    return Disclosure.objects.filter(disclosures_of(subject)).order_by("-number")
