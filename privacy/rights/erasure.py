"""Erases a person, and again after an older backup was restored.

A receipt stays, which names nobody: a keyed digest of the e-mail address, the kinds of rows there were, and when. It is
also written to a file (ERASURE_LOG) outside every backup, so that a restored database doesn't forget it.
"""

import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from privacy.models import ErasureReceipt
from privacy.registry.declarations import REGISTRY, Data, Declaration, Erasing
from privacy.registry.finders import ByEmail, Subject
from privacy.registry.lookup import rows_of
from privacy.rights.purge import blank_out

Found = list[tuple[Declaration, list[Any]]]

# What apps do before a person's rows are erased, in the same transaction, once the rows are locked.
BEFORE: list[Callable[[Subject], None]] = []


def before(act: Callable[[Subject], None]) -> None:
    if act not in BEFORE:  # `ready()` may run more than once
        BEFORE.append(act)


def erase(subject: Subject, *, page_digest: str = "") -> ErasureReceipt | None:
    """Erases everything about the person in one transaction. Returns the receipt, or None if there is nothing to erase.

    Files are deleted after the commit. `page_digest` is the token digest of the page on which the person asked.
    """
    with transaction.atomic():
        erased = let_go(subject)
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


def let_go(subject: Subject) -> dict[str, int]:
    """Deletes and blanks. Returns how many rows of each model.

    All rows are locked before the first one goes: what staff or the worker do to them at this moment is either done
    before, and found, or comes too late.
    """
    lock(subject)
    for act in BEFORE:
        act(subject)
    erasable = to_erase(subject)
    for declaration, pks in erasable:
        rows = declaration.model._base_manager.filter(pk__in=pks)
        if declaration.deletes:
            rows.delete()
        else:
            blank_out(rows, blanked(declaration))
    return {declaration.label: len(pks) for declaration, pks in erasable}


def lock(subject: Subject) -> None:
    for declaration in REGISTRY.declarations.values():
        rows = rows_of(declaration.model, subject).order_by("pk")
        list(rows.only("pk").select_for_update(of=("self",)))


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
    for receipt in ErasureReceipt.objects.filter(logged_at=None).order_by("pk"):
        line = {
            "key": receipt.key,
            "subject_digest": receipt.subject_digest,
            "erased_at": receipt.erased_at.isoformat(),
            "kinds": receipt.kinds,
        }
        append(json.dumps(line) + "\n")
        ErasureReceipt.objects.filter(pk=receipt.pk).update(logged_at=timezone.now())


def append(line: str) -> None:
    settings.ERASURE_LOG.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(settings.ERASURE_LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, line.encode())
        os.fsync(file)
    finally:
        os.close(file)


def logged() -> Iterator[dict[str, Any]]:
    """The receipts in the file, without lines that a full disk has torn."""
    if not settings.ERASURE_LOG.exists():
        return
    for line in settings.ERASURE_LOG.read_text().splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


# After a backup was restored


def reapply() -> dict[str, int]:
    """Erases people again who were erased. Returns how many rows of each model had come back.

    Only rows older than the erasure are erased: what somebody sent later stays.
    """
    restore_receipts()
    again: dict[str, int] = {}
    receipts = latest(ErasureReceipt.objects.values_list("subject_digest", "erased_at"))
    for subject in [*known_addresses(receipts), *without_address(receipts)]:
        with transaction.atomic():
            for label, count in let_go(subject).items():
                again[label] = again.get(label, 0) + count
    return again


def restore_receipts() -> None:
    """Restores receipts that the file has and the database, being older, lacks."""
    known = set(ErasureReceipt.objects.values_list("key", flat=True))
    for line in logged():
        if line["key"] not in known:
            known.add(line["key"])
            erased_at = cast("datetime", parse_datetime(line["erased_at"]))  # we wrote it
            fields = {name: line[name] for name in ("key", "subject_digest", "kinds")}
            ErasureReceipt.objects.create(**fields, erased_at=erased_at, logged_at=timezone.now())


def latest(receipts: Iterable[tuple[str, datetime]]) -> dict[str, datetime]:
    erased: dict[str, datetime] = {}
    for digest, at in receipts:
        erased[digest] = max(at, erased.get(digest, at))
    return erased


def known_addresses(erased: dict[str, datetime]) -> Iterator[Subject]:
    """The erased people whose e-mail address is somewhere in the database."""
    addresses = {address for model, column in columns() for address in column.addresses(model) if address}
    for address in sorted(addresses):
        subject = Subject.of(address)
        moments = [erased[digest] for digest in subject.digests if digest in erased]
        if moments:
            yield replace(subject, before=max(moments))


def columns() -> Iterator[tuple[type[models.Model], ByEmail]]:
    for declaration in REGISTRY.declarations.values():
        if isinstance(declaration.found, ByEmail):
            yield declaration.model, declaration.found


def without_address(erased: dict[str, datetime]) -> Iterator[Subject]:
    """Everybody who was erased, by the digest alone: their e-mail address may have been blanked long ago."""
    for digest, at in erased.items():
        yield Subject(None, (digest,), at)
