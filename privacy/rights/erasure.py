"""Erases a person, and again after an older backup was restored.

A receipt stays, which names nobody: a keyed digest of the e-mail address, the kinds of rows there were, and when. It is
also written to a file (ERASURE_LOG) outside every backup, so that a restored database doesn't forget it. Where several
machines serve the site each writes its own, and all of them are read.
"""

import json
import secrets
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from core.batches import batched, keys_of
from core.durable_files import append_line
from privacy.models import ErasureReceipt
from privacy.registry import digest_keys
from privacy.registry.declarations import REGISTRY, Data, Declaration, Erasing
from privacy.registry.finders import Subject
from privacy.registry.lookup import rows_of
from privacy.rights.purge import blank_out

Found = list[tuple[Declaration, list[Any]]]

BATCH = 500  # rows, receipts or addresses that are in memory at a time

# What apps do before a person's rows are erased, in the same transaction, once the rows are locked.
BEFORE: list[Callable[[Subject], None]] = []


def before(act: Callable[[Subject], None]) -> None:
    if act not in BEFORE:  # `ready()` may run more than once
        BEFORE.append(act)


def erase(subject: Subject, *, page_digest: str = "") -> ErasureReceipt | None:
    """Erases everything about the person in one transaction. Returns the receipt, or None if there is nothing to erase.

    Files are deleted after the commit. `page_digest` is the token digest of the page on which the person asked. Raises
    ImproperlyConfigured without a key that rows need: who can't be found gets no receipt.
    """
    if missing := digest_keys.missing():
        raise ImproperlyConfigured(digest_keys.what_is_missing(missing))
    with transaction.atomic():
        erased = erase_rows(subject)
        if not erased:
            return None
        receipt = ErasureReceipt.objects.create(
            key=secrets.token_hex(16),
            subject_digest=subject.digests[0],
            erased_at=timezone.now(),
            kinds=erased,
            page_digest=page_digest,
        )
        transaction.on_commit(log_receipts, robust=True)
    return receipt


def erase_rows(subject: Subject) -> dict[str, int]:
    """Deletes and blanks. Returns how many rows of each model.

    All rows are locked before the first one goes: what staff or the worker do to them at this moment is either done
    before, and found, or comes too late.
    """
    lock(subject)
    for act in BEFORE:
        act(subject)
    erasable = to_erase(subject)
    for declaration, pks in erasable:
        for batch in batched(pks, BATCH):
            rows = declaration.model._base_manager.filter(pk__in=batch)
            if declaration.deletes:
                rows.delete()
            else:
                blank_out(rows, blanked(declaration))
    return {declaration.label: len(pks) for declaration, pks in erasable}


def lock(subject: Subject) -> None:
    for declaration in REGISTRY.declarations.values():
        rows = rows_of(declaration.model, subject).order_by("pk").only("pk").select_for_update(of=("self",))
        deque(rows.iterator(chunk_size=BATCH), maxlen=0)


def to_erase(subject: Subject) -> Found:
    """The rows that erasing changes, in the registry's order."""
    found = []
    for declaration in REGISTRY.declarations.values():
        if declaration.deletes or blanked(declaration):
            pks = list(rows_of(declaration.model, subject).values_list("pk", flat=True))
            if pks:
                found.append((declaration, pks))
    return found


def staying(subject: Subject) -> list[tuple[Declaration, list[Data]]]:
    """The data that erasing leaves, of rows that exist now; each says why."""
    found = []
    for declaration in REGISTRY.declarations.values():
        stays = [data for data in declaration.data if data.erasing == Erasing.STAY]
        if stays and rows_of(declaration.model, subject).exists():
            found.append((declaration, stays))
    return found


def blanked(declaration: Declaration) -> tuple[str, ...]:
    return tuple(name for data in declaration.data if data.erasing == Erasing.BLANK for name in data.fields)


# The file that outlives backups


def log_receipts() -> None:
    """Appends receipts that aren't in the file yet. If it is killed, a line may appear twice, which does no harm."""
    for batch in keys_of(ErasureReceipt.objects.filter(logged_at=None), BATCH):
        for receipt in ErasureReceipt.objects.filter(pk__in=batch).order_by("pk"):
            log_receipt(receipt)


def log_receipt(receipt: ErasureReceipt) -> None:
    line = {
        "key": receipt.key,
        "subject_digest": receipt.subject_digest,
        "erased_at": receipt.erased_at.isoformat(),
        "kinds": receipt.kinds,
    }
    append_line(settings.ERASURE_LOG, json.dumps(line))
    ErasureReceipt.objects.filter(pk=receipt.pk).update(logged_at=timezone.now())


def logged(path: Path | None = None) -> Iterator[dict[str, Any]]:
    """The receipts in a file, by default ERASURE_LOG, without lines that a full disk has torn."""
    path = path or settings.ERASURE_LOG
    if not path.exists():
        return
    with path.open(errors="replace") as lines:
        for line in lines:
            with suppress(ValueError, TypeError, RecursionError):
                receipt = json.loads(line)
                if is_receipt(receipt):
                    yield receipt


def is_receipt(receipt: Any) -> bool:
    """Whether we wrote it: the file of another machine may be any file. Raises ValueError for some that aren't."""
    if not isinstance(receipt, dict) or not isinstance(receipt.get("kinds"), dict):
        return False
    texts: dict[str, Any] = {name: receipt.get(name) for name in ("key", "subject_digest", "erased_at")}
    if not all(isinstance(text, str) and text.isprintable() for text in texts.values()):
        return False
    at = parse_datetime(texts["erased_at"])
    return len(texts["key"]) <= 32 and len(texts["subject_digest"]) <= 64 and at is not None and is_aware(at)


# After a backup was restored


def reapply(others: Sequence[Path] = ()) -> dict[str, int]:
    """Erases people again who were erased. Returns how many rows of each model had come back.

    Only rows older than the erasure are erased: what somebody sent later stays. `others` are the erasure logs of other
    machines, whose receipts this machine's log takes over.
    """
    restore_receipts(logged(), logged_at=timezone.now())
    for path in others:
        restore_receipts(logged(path), logged_at=None)
    log_receipts()
    again: dict[str, int] = {}
    for subject in chain(known_addresses(), without_address()):
        with transaction.atomic():
            for label, count in erase_rows(subject).items():
                again[label] = again.get(label, 0) + count
    return again


def restore_receipts(receipts: Iterable[dict[str, Any]], *, logged_at: datetime | None) -> None:
    """Restores receipts that a file has and the database, being older, lacks."""
    for lines in batched(receipts, BATCH):
        keys = [line["key"] for line in lines]
        known = set(ErasureReceipt.objects.filter(key__in=keys).values_list("key", flat=True))
        for line in lines:
            if line["key"] not in known:
                known.add(line["key"])
                erased_at = cast("datetime", parse_datetime(line["erased_at"]))  # we wrote it
                fields = {name: line[name] for name in ("key", "subject_digest", "kinds")}
                ErasureReceipt.objects.create(**fields, erased_at=erased_at, logged_at=logged_at)


def last_erased(digests: Collection[str]) -> dict[str, datetime]:
    """Those of the digests whose people were erased, and when they last were."""
    receipts = ErasureReceipt.objects.filter(subject_digest__in=digests).order_by()
    return dict(receipts.values_list("subject_digest").annotate(Max("erased_at")))


def known_addresses() -> Iterator[Subject]:
    """The erased people whose e-mail address is somewhere in the database; one in several columns comes again."""
    for model, column in digest_keys.address_columns():
        for addresses in batched(filter(None, column.addresses(model)), BATCH):
            subjects = [Subject.of(address) for address in addresses]
            erased = last_erased([digest for subject in subjects for digest in subject.digests])
            for subject in subjects:
                moments = [erased[digest] for digest in subject.digests if digest in erased]
                if moments:
                    yield replace(subject, before=max(moments))


def without_address() -> Iterator[Subject]:
    """Everybody who was erased, by the digest alone: their e-mail address may have been blanked long ago."""
    for digests in keys_of(ErasureReceipt.objects.all(), BATCH, column="subject_digest"):
        for digest, at in last_erased(digests).items():
            yield Subject(None, (digest,), at)
