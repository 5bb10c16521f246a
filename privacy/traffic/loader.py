"""Loads spool files into the database, each line exactly once.

A file's row (`SpoolFile`) says how far it has been loaded. One transaction locks that row, takes in a batch of lines
and moves the offset: killed anywhere, it has done all of it or nothing, and of two loaders at once the second one finds
the offset moved. After the commit, loaded lines are overwritten in the file, so that IP addresses don't outlast their
rows there; the files of dead processes are deleted once they are loaded to the end.

Where several machines serve one site, each loads its own files. Their rows outlast them, so that copies of them, as on
the disk of a dead machine, are known.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.durable_files import sync_folder
from privacy.models.spool_file import SpoolFile
from privacy.traffic.spool import END, is_held, machine_of

CHUNK = 512 * 1024  # bytes of a batch: some 5,000 lines
BYTES_ASIDE = 1024 * 1024  # of unreadable lines kept from one day
LONGEST_NAME = 100  # characters of a file's name; ours are shorter
ROWS_LAST = timedelta(days=90)  # rows of deleted files: of other machines, or left by a killed loader
READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}
NOT_OURS = {errno.ENOENT, errno.EISDIR, errno.ELOOP, errno.ENXIO}  # gone, a folder, a link, a socket

# Writes a batch of lines to the database, in the current transaction; returns those that it can't read.
Take = Callable[[Sequence[bytes]], Sequence[bytes]]


def load(kind: str, take: Take) -> int:
    """Loads all that the spool of that kind holds by now, of this machine. Returns how many lines."""
    paths = [path for path in files_in(settings.VISIT_SPOOL, kind) if is_of_this_machine(path)]
    done = 0
    for path in paths:
        with opened(path) as file:
            if file is not None:
                done += Loader(path, file, kind, take, keeps_row=bool(settings.MACHINE)).load()
    if paths:
        forget_lost_files()
    forget_aside(kind)
    return done


@dataclass
class Loaded:
    """What `load_folder` found."""

    lines: int = 0  # that weren't loaded before
    files: int = 0
    unreadable: int = 0  # lines, which were set aside
    in_use: list[str] = field(default_factory=list)  # files of processes that live
    stay: list[str] = field(default_factory=list)  # files on a disk that can't be written


def load_folder(kind: str, take: Take, folder: Path) -> Loaded:
    """Loads the files of that kind in a folder, whichever machine they are of: of a dead one's disk, say."""
    loaded = Loaded()
    for path in files_in(folder, kind):
        with opened(path, even_if_read_only=True) as file:
            if file is None:
                continue
            loader = Loader(path, file, kind, take, keeps_row=True)
            loaded.lines += loader.load()
            loaded.files += 1
            loaded.unreadable += loader.unreadable
            if loader.is_in_use:
                loaded.in_use.append(path.name)
            elif not loader.can_write:
                loaded.stay.append(path.name)
    return loaded


def files_in(folder: Path, kind: str) -> list[Path]:
    return sorted(path for path in folder.glob(f"{kind}-*.spool") if len(path.name) <= LONGEST_NAME)


def is_of_this_machine(path: Path) -> bool:
    """Files without a machine's name are from before this one had any, and the only machine has no others."""
    return not settings.MACHINE or machine_of(path) in {"", settings.MACHINE}


@contextmanager
def opened(path: Path, *, even_if_read_only: bool = False) -> Iterator[int | None]:
    """Opens a file; yields its descriptor, or None if it is no file or another loader was faster."""
    try:
        file = open_file(path, even_if_read_only=even_if_read_only)
    except OSError as error:
        if error.errno not in NOT_OURS:
            raise
        yield None
        return
    try:
        yield file if stat.S_ISREG(os.fstat(file).st_mode) else None
    finally:
        os.close(file)


def open_file(path: Path, *, even_if_read_only: bool) -> int:
    """Follows no link, and waits for no pipe: the disk of another machine may hold anything."""
    careful = os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        return os.open(path, os.O_RDWR | careful)
    except OSError as error:
        if not even_if_read_only or error.errno not in READ_ONLY:
            raise
        return os.open(path, os.O_RDONLY | careful)


@dataclass
class Loader:
    """Loads one open file."""

    path: Path
    file: int
    kind: str
    take: Take
    keeps_row: bool  # after the file is loaded and deleted
    unreadable: int = 0
    is_in_use: bool = False  # by a process that lives

    def load(self) -> int:
        is_dead = is_held(self.file)  # checked first: what is written later is for the next time
        self.is_in_use = not is_dead
        size = os.fstat(self.file).st_size
        offset = SpoolFile.objects.filter(name=self.path.name).values_list("offset", flat=True).first() or 0
        self.blank(max(0, offset - CHUNK), offset)  # left by a loader that was killed after its commit
        done, moved = 0, True
        while offset < size and moved:
            offset, count, moved = self.load_batch(size, is_dead=is_dead)
            done += count
        if is_dead and offset >= size and self.can_write:
            self.path.unlink(missing_ok=True)
            sync_folder(self.path.parent)  # else a power cut might bring it back when nothing tells that it was loaded
            if not self.keeps_row:
                SpoolFile.objects.filter(name=self.path.name).delete()
        return done

    @property
    def can_write(self) -> bool:
        return fcntl.fcntl(self.file, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDWR

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
            unreadable = self.take(lines)
            set_aside(self.kind, unreadable)
            row.offset, row.moved_at = start + len(batch), timezone.now()
            row.save()
        self.unreadable += len(unreadable)
        self.blank(start, row.offset)
        return row.offset, len(lines), bool(batch)

    def blank(self, start: int, end: int) -> None:
        """Overwrites what is loaded with empty lines, which do no harm if they are read again."""
        if end > start and self.can_write and os.pread(self.file, end - start, start).strip(END):
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
