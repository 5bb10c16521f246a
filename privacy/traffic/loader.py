"""Loads spool files into the database, each line exactly once.

A file's row (`SpoolFile`) says how far it has been loaded. One transaction locks that row, takes in a batch of lines
and moves the offset: killed anywhere, it has done all of it or nothing, and of two loaders at once the second one finds
the offset moved. After the commit, loaded lines are overwritten in the file, so that IP addresses don't outlast their
rows there; the files of dead processes are deleted once they are loaded to the end.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.durable_files import sync_folder
from privacy.models.spool_file import SpoolFile
from privacy.traffic.spool import END, is_held

CHUNK = 512 * 1024  # bytes of a batch: some 5,000 lines
BYTES_ASIDE = 1024 * 1024  # of unreadable lines kept from one day
LONGEST_NAME = 100  # characters of a file's name; ours are shorter
ROWS_LAST = timedelta(days=90)  # rows of deleted files, left by a loader that was killed before it deleted the row

# Writes a batch of lines to the database, in the current transaction; returns those that it can't read.
Take = Callable[[Sequence[bytes]], Sequence[bytes]]


def load(kind: str, take: Take) -> int:
    """Loads all that the spool of that kind holds by now. Returns how many lines."""
    paths = sorted(path for path in settings.VISIT_SPOOL.glob(f"{kind}-*.spool") if len(path.name) <= LONGEST_NAME)
    done = 0
    for path in paths:
        with opened(path) as file:
            if file is not None:
                done += Loader(path, file, kind, take).load()
    if paths:
        forget_lost_files()
    forget_aside(kind)
    return done


@contextmanager
def opened(path: Path) -> Iterator[int | None]:
    """Opens a file; yields its descriptor, or None if it is no file or another loader was faster."""
    try:
        file = os.open(path, os.O_RDWR)
    except (FileNotFoundError, IsADirectoryError):
        yield None
        return
    try:
        yield file
    finally:
        os.close(file)


@dataclass
class Loader:
    """Loads one open file."""

    path: Path
    file: int
    kind: str
    take: Take

    def load(self) -> int:
        is_dead = is_held(self.file)  # checked first: what is written later is for the next time
        size = os.fstat(self.file).st_size
        offset = SpoolFile.objects.filter(name=self.path.name).values_list("offset", flat=True).first() or 0
        self.blank(max(0, offset - CHUNK), offset)  # left by a loader that was killed after its commit
        done, moved = 0, True
        while offset < size and moved:
            offset, count, moved = self.load_batch(size, is_dead=is_dead)
            done += count
        if is_dead and offset >= size:
            self.path.unlink(missing_ok=True)
            sync_folder(self.path.parent)  # else a power cut might bring it back when nothing tells that it was loaded
            SpoolFile.objects.filter(name=self.path.name).delete()
        return done

    def load_batch(self, size: int, *, is_dead: bool) -> tuple[int, int, bool]:
        """Returns the offset after the batch, its number of lines, and whether the offset moved."""
        with transaction.atomic(durable=True):
            SpoolFile.objects.bulk_create([SpoolFile(name=self.path.name)], ignore_conflicts=True)
            row = SpoolFile.objects.select_for_update().filter(name=self.path.name).first()
            if row is None:  # another loader was faster, and is done with the file already
                return 0, 0, False
            start = row.offset
            batch = whole_lines(os.pread(self.file, min(CHUNK, size - start), start) if size > start else b"")
            if not batch and is_dead:
                batch = os.pread(self.file, min(CHUNK, size - start), start)  # torn off, or no lines at all
            lines = [line for line in batch.split(END) if line]
            set_aside(self.kind, self.take(lines))
            row.offset, row.moved_at = start + len(batch), timezone.now()
            row.save()
        self.blank(start, row.offset)
        return row.offset, len(lines), bool(batch)

    def blank(self, start: int, end: int) -> None:
        """Overwrites what is loaded with empty lines, which do no harm if they are read again."""
        if end > start and os.pread(self.file, end - start, start).strip(END):
            os.pwrite(self.file, END * (end - start), start)


def whole_lines(chunk: bytes) -> bytes:
    """The chunk up to its last line end; all of it if it is one endless line, which no writer of ours has made."""
    end = chunk.rfind(END) + 1
    return chunk if not end and len(chunk) == CHUNK else chunk[:end]


def set_aside(kind: str, lines: Sequence[bytes]) -> None:
    """Keeps unreadable lines for whoever investigates, up to BYTES_ASIDE a day and only if the disk allows."""
    if not lines:
        return
    path = settings.VISIT_SPOOL / f"{kind}-{timezone.localdate()}.aside"
    with suppress(OSError):
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            room = max(0, BYTES_ASIDE - os.fstat(file).st_size)
            os.write(file, b"".join(line + END for line in lines)[:room])
        finally:
            os.close(file)


def forget_aside(kind: str) -> None:
    """Deletes what was set aside along with the visits of its day, since it may hold IP addresses."""
    last = timezone.localdate() - timedelta(days=settings.VISIT_DAYS)
    for path in settings.VISIT_SPOOL.glob(f"{kind}-*.aside"):
        if path.stem < f"{kind}-{last}":
            path.unlink(missing_ok=True)


def forget_lost_files() -> None:
    SpoolFile.objects.filter(moved_at__lt=timezone.now() - ROWS_LAST).delete()
