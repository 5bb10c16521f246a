"""The daily key for counting visitors: 32 random bytes in a file, destroyed after midnight.

All processes of a machine share it by mapping the file into their memory. To destroy it, its bytes are overwritten: at
that moment it is gone from the file and from the memory of every process, whatever these are doing. The first process
that needs a key after midnight (Asia/Ho_Chi_Minh) does that, or else the job that closes the day.
"""

import mmap
import os
import secrets
import threading
import time
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

LENGTH = 32  # bytes
DESTROYED = bytes(LENGTH)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class DayKey:
    """The key as this process sees it. Threads and forks may share it."""

    folder: Path | None
    key: mmap.mmap | bytes

    def __init__(self) -> None:
        self.lock = threading.Lock()
        os.register_at_fork(after_in_child=self._forked)
        self._forget()

    def digest(self, text: bytes) -> tuple[str, str]:
        """Today's date in ISO format, and a digest of 32 hexadecimal digits, equal for equal texts of today only.

        If the folder can't be written, the key is this process's alone.
        """
        with self.lock:
            if self.folder is not settings.VISIT_SPOOL or not self.starts_at <= time.time() < self.ends_at:
                self._open(settings.VISIT_SPOOL)
            key = self.key[:LENGTH]
            if key == DESTROYED:  # destroyed by another process, whose midnight came a moment earlier
                self._open(settings.VISIT_SPOOL)
                key = self.key[:LENGTH]
            return self.day, blake2b(text, key=key, digest_size=16).hexdigest()

    def destroy_old(self) -> None:
        """Destroys the keys of all days but today."""
        destroy_all(settings.VISIT_SPOOL, but=today())

    def _open(self, folder: Path) -> None:
        self._forget()
        self.folder = folder
        now = datetime.now(ZONE)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        self.day = now.date().isoformat()
        self.starts_at, self.ends_at = midnight.timestamp(), (midnight + timedelta(days=1)).timestamp()
        self.destroy_old()
        try:
            self.key = shared(path_of(folder, self.day))
        except (OSError, ValueError):
            self.key = DESTROYED
        if self.key[:LENGTH] == DESTROYED:
            self.key = secrets.token_bytes(LENGTH)

    def _forget(self) -> None:
        self.folder = None
        self.day, self.starts_at, self.ends_at = "", 0.0, 0.0
        self.key = DESTROYED

    def _forked(self) -> None:
        self.lock = threading.Lock()


def today() -> str:
    return datetime.now(ZONE).date().isoformat()


def path_of(folder: Path, day: str) -> Path:
    return folder / f"audience-{day}.key"


def shared(path: Path) -> mmap.mmap:
    """The key in that file, which is made if missing. Raises OSError, or ValueError for a file that is no key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        make(path)
    file = os.open(path, os.O_RDONLY)
    try:
        return mmap.mmap(file, LENGTH, access=mmap.ACCESS_READ)
    finally:
        os.close(file)


def make(path: Path) -> None:
    """Makes a key, under another name first, so that nobody finds half of one. Raises FileExistsError if one exists."""
    draft = path.with_suffix(f".{secrets.token_hex(8)}.key")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        if os.write(file, secrets.token_bytes(LENGTH)) < LENGTH:
            raise OSError("a short write")
        os.link(draft, path)
    finally:
        os.close(file)
        draft.unlink()


def destroy_all(folder: Path, *, but: str) -> None:
    """Destroys the keys in a folder that can be written to; not that of the day `but`, if one is given."""
    for path in folder.glob("audience-*.key"):
        if not but or not path.name.startswith(f"audience-{but}."):
            with suppress(OSError):
                destroy(path)


def destroy(path: Path) -> None:
    file = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        os.pwrite(file, DESTROYED, 0)
        os.fsync(file)
    finally:
        os.close(file)
    path.unlink()


KEY = DayKey()
