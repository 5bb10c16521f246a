"""Compares pictures with their files, a batch at a time: what is missing is made again, or marked as lost.

Files without a picture, which killed processes leave, are deleted. Folders are listed, rather than asking for each
file. Rows are read first: a row has its files unless somebody deletes both at this moment, so whatever seems to be
missing is looked at again before anything is done.
"""

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.core.files.storage import FileSystemStorage, Storage, default_storage, storages
from django.db.models import Exists, OuterRef
from django.utils import timezone

from core import jobs
from core.pictures.stored_picture import StoredPicture, StoredPictureQuerySet

log = logging.getLogger(__name__)

BATCH = 5000  # pictures that are in memory at a time, with the names of their files
YOUNG = timedelta(minutes=15)  # a file is written before its row is committed, but not that long before
SUSPICIOUS = 20  # masters: if more than these, and more than half of a batch, are missing, their disk is
FULL = {errno.ENOSPC, errno.EDQUOT}
KEY = 32  # letters, with which the name of each file begins
LAST = "\U0010ffff"  # sorts after all names


@dataclass(frozen=True)
class Batch:
    """Pictures in the order of their keys, and what is wrong with their files."""

    looked_at: int
    last: str  # the key of the last one; empty if there are no more
    orphans: list[tuple[Storage, str]]
    bare: list[StoredPicture]  # public, with a master but without all of their public files
    without_master: list[StoredPicture]  # and not known to be lost
    lost: list[StoredPicture]  # known to be lost, even if something is in place of their masters now

    @property
    def suspects(self) -> list[StoredPicture]:
        return [*self.bare, *self.without_master, *self.lost]

    @property
    def lacks_a_disk(self) -> bool:
        return len(self.without_master) > max(SUSPICIOUS, self.looked_at // 2)

    def make_files(self) -> int | None:
        """Makes public files again, and deletes orphans. Returns how many pictures have theirs again.

        Returns None if the job's time was over first.
        """
        for storage, name in self.orphans:
            with going_on(name):
                storage.delete(name)
        made = 0
        for picture in self.bare:
            if jobs.seconds_left() <= 0:
                return None
            with going_on(picture.key):
                made += picture.publish_again()
        return made

    def mark_lost(self) -> None:
        for picture in self.without_master:
            with going_on(picture.key):
                picture.mark_if_lost()
        for picture in self.lost:
            with going_on(picture.key):
                picture.find_again()


@contextmanager
def going_on(what: str) -> Iterator[None]:
    """Lets no file that can't be read or deleted hold up the others; only a disk that is full does."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise
        log.exception("The files of %s could not be mended", what)


def look(pictures: StoredPictureQuerySet, *, after: str = "") -> Batch:
    """Looks at the pictures whose keys come after `after`, and changes nothing."""
    public = Exists(pictures.public().filter(pk=OuterRef("pk")))
    rows: list[Any] = list(
        pictures.filter(key__gt=after)
        .order_by("key")
        .only("key", "width", "lost_at")
        .annotate(is_public=public)[:BATCH]
    )
    last = rows[-1].key if len(rows) == BATCH else ""
    model: Any = pictures.model
    masters = files_in(storages["private"], model.MASTERS, after, last or LAST)
    renditions = files_in(default_storage, model.RENDITIONS, after, last or LAST)
    has_master = {row.key: not lacking(masters, [row.master_name]) for row in rows}
    has_all = {row.key: not row.is_public or not lacking(renditions, row.rendition_names()) for row in rows}
    kept = [row for row in rows if not row.lost_at]
    return Batch(
        looked_at=len(rows),
        last=last,
        orphans=[*old_ones(storages["private"], masters), *old_ones(default_storage, renditions)],
        bare=[row for row in kept if has_master[row.key] and not has_all[row.key]],
        without_master=[row for row in kept if not has_master[row.key]],
        lost=[row for row in rows if row.lost_at],
    )


def batches(pictures: StoredPictureQuerySet) -> Iterator[Batch]:
    batch = look(pictures)
    yield batch
    while batch.last:
        batch = look(pictures, after=batch.last)
        yield batch


def lacking(files: dict[str, bool], names: list[str]) -> bool:
    """Takes the names out of the files. Returns whether one of them is missing."""
    found = [files.pop(name, False) for name in names]
    return not all(found)


def files_in(storage: Storage, folder: str, after: str, last: str) -> dict[str, bool]:
    """The files of the pictures with keys after `after`, up to `last`, and whether each has any content."""
    if not storage.exists(folder):
        return {}
    files = {}
    for shard in storage.listdir(folder)[0]:
        if after[: len(shard)] <= shard <= last:
            for name, has_content in names_in(storage, f"{folder}/{shard}", after, last):
                files[f"{folder}/{shard}/{name}"] = has_content
    return files


def names_in(storage: Storage, folder: str, after: str, last: str) -> Iterator[tuple[str, bool]]:
    """Only a disk can hold empty files: those that a power cut left of what nobody had synced."""
    if not isinstance(storage, FileSystemStorage):
        yield from ((name, True) for name in storage.listdir(folder)[1] if after < name[:KEY] <= last)
        return
    with os.scandir(storage.path(folder)) as entries:
        for entry in entries:
            if after < entry.name[:KEY] <= last:
                with suppress(FileNotFoundError):  # deleted meanwhile
                    if not entry.is_dir():  # as file servers put next to files; none of ours
                        yield entry.name, entry.stat().st_size > 0


def old_ones(storage: Storage, names: dict[str, bool]) -> Iterator[tuple[Storage, str]]:
    return ((storage, name) for name in names if is_old(storage, name))


def is_old(storage: Storage, name: str) -> bool:
    try:
        return storage.get_modified_time(name) < timezone.now() - YOUNG
    except FileNotFoundError:  # somebody else deleted it
        return False


def sweep(pictures: StoredPictureQuerySet) -> None:
    """Looks at the next batch and mends what it finds. After the last batch it begins anew."""
    place = f"files:{pictures.model._meta.label}"
    batch = look(pictures, after=cache.get(place, ""))
    if batch.lacks_a_disk:
        log.error("%d of %d masters are missing: is their disk there?", len(batch.without_master), batch.looked_at)
    elif batch.make_files() is None:
        return  # and look at the same batch next time
    else:
        batch.mark_lost()
    cache.set(place, batch.last, timeout=None)
