"""Compares pictures with their files, a batch at a time: what is missing is made again, or marked as lost.

Files without a picture, which killed processes leave, are deleted. Files are listed, rather than asking for each. Rows
are read first: a row has its files unless somebody deletes both at this moment, so whatever seems to be missing is
looked at again before anything is done.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Exists, OuterRef
from django.utils import timezone

from core import jobs
from core.file_storage import FileStorage, StoredFile, concerns_all, private_storage, public_storage
from core.pictures.stored_picture import StoredPicture, StoredPictureQuerySet

log = logging.getLogger(__name__)

BATCH = 5000  # pictures that are in memory at a time, with the names of their files
YOUNG = timedelta(minutes=15)  # a file is written before its row is committed, but not that long before
SUSPICIOUS = 20  # masters: if more than these, and more than half of a batch, are missing, their disk is
LAST = "~"  # sorts after all letters in names of files


@dataclass(frozen=True)
class Batch:
    """Pictures in the order of their keys, and what is wrong with their files."""

    looked_at: int
    last: str  # the key of the last one; empty if there are no more
    orphans: list[tuple[FileStorage, str]]
    incomplete: list[StoredPicture]  # public, with a master but without all of their public files
    without_master: list[StoredPicture]  # and not known to be lost
    lost: list[StoredPicture]  # known to be lost, even if something is in place of their masters now

    @property
    def suspects(self) -> list[StoredPicture]:
        return [*self.incomplete, *self.without_master, *self.lost]

    @property
    def storage_seems_missing(self) -> bool:
        return len(self.without_master) > max(SUSPICIOUS, self.looked_at // 2)

    def make_files(self) -> int | None:
        """Makes public files again, and deletes orphans. Returns how many pictures have theirs again.

        Returns None if the job's time was over first.
        """
        for storage, name in self.orphans:
            with tolerating_errors(name):
                storage.delete(name)
        made = 0
        for picture in self.incomplete:
            if jobs.seconds_left() <= 0:
                return None
            with tolerating_errors(picture.key):
                made += picture.publish_again()
        return made

    def mark_lost(self) -> None:
        for picture in self.without_master:
            with tolerating_errors(picture.key):
                picture.mark_if_lost()
        for picture in self.lost:
            with tolerating_errors(picture.key):
                picture.unmark_if_found()


@contextmanager
def tolerating_errors(what: str) -> Iterator[None]:
    """Lets no file that can't be read or deleted hold up the others; only a storage that is away or full does."""
    try:
        yield
    except OSError as error:
        if concerns_all(error):
            raise
        log.exception("The files of %s could not be mended", what)


def look(pictures: StoredPictureQuerySet, *, after: str = "") -> Batch:
    """Looks at the pictures whose keys come after `after`, and changes nothing."""
    is_public = Exists(pictures.public().filter(pk=OuterRef("pk")))
    rows: list[Any] = list(
        pictures.filter(key__gt=after)
        .order_by("key")
        .only("key", "width", "lost_at")
        .annotate(is_public=is_public)[:BATCH]
    )
    last = rows[-1].key if len(rows) == BATCH else ""
    model: Any = pictures.model
    private, public = private_storage(), public_storage()
    masters = files_in(private, model.MASTERS, after, last)
    renditions = files_in(public, model.RENDITIONS, after, last)
    has_master = {row.key: not lacking(masters, [row.master_name]) for row in rows}
    has_all = {row.key: not row.is_public or not lacking(renditions, row.rendition_names()) for row in rows}
    kept = [row for row in rows if not row.lost_at]
    return Batch(
        looked_at=len(rows),
        last=last,
        orphans=[*old_ones(private, masters), *old_ones(public, renditions)],
        incomplete=[row for row in kept if has_master[row.key] and not has_all[row.key]],
        without_master=[row for row in kept if not has_master[row.key]],
        lost=[row for row in rows if row.lost_at],
    )


def batches(pictures: StoredPictureQuerySet) -> Iterator[Batch]:
    batch = look(pictures)
    yield batch
    while batch.last:
        batch = look(pictures, after=batch.last)
        yield batch


def files_in(storage: FileStorage, folder: str, after: str, last: str) -> dict[str, StoredFile]:
    """The files of the pictures with keys after `after`, up to `last` if that isn't empty, by their names."""
    files = storage.files(folder, after=behind(folder, after) if after else folder, until=behind(folder, last))
    return {file.name: file for file in files}


def behind(folder: str, key: str) -> str:
    """What sorts after the names of all files of the picture with that key, or of all pictures if it is empty."""
    return f"{folder}/{key[:2]}/{key}{LAST}" if key else f"{folder}/{LAST}"


def lacking(files: dict[str, StoredFile], names: list[str]) -> bool:
    """Takes the names out of the files. Returns whether one of them is missing.

    An empty file is as good as none: a power cut leaves them, of what nobody had synced.
    """
    found = [files.pop(name, None) for name in names]
    return not all(file and file.size for file in found)


def old_ones(storage: FileStorage, files: dict[str, StoredFile]) -> Iterator[tuple[FileStorage, str]]:
    young = timezone.now() - YOUNG
    return ((storage, file.name) for file in files.values() if file.modified_at < young)


def sweep(pictures: StoredPictureQuerySet) -> None:
    """Looks at the next batch and mends what it finds. After the last batch it begins anew."""
    place = f"files:{pictures.model._meta.label}"
    batch = look(pictures, after=cache.get(place, ""))
    if batch.storage_seems_missing:
        log.error(
            "%d of %d masters are missing: is %s there?",
            len(batch.without_master),
            batch.looked_at,
            private_storage().place,
        )
    elif batch.make_files() is None:
        return  # and look at the same batch next time
    else:
        batch.mark_lost()
    cache.set(place, batch.last, timeout=None)
