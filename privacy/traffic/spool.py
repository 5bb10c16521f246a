"""An append-only spool per process, which `privacy/traffic/loader.py` loads into the database later.

One file for each process and kind, in settings.VISIT_SPOOL. One write for each line and nothing else, so that a line
costs a request next to nothing, and a killed process has lost nothing that it wrote. While a process lives it holds a
lock on its file, by which the loader tells the living from the dead; the kernel releases it however the process ends.
"""

import fcntl
import logging
import os
import secrets
import threading
import time
import weakref
from pathlib import Path

from django.conf import settings

log = logging.getLogger(__name__)

SECONDS_OF_A_FILE = 3600  # after which a process begins another file, so that the loader can delete the first
BYTES_OF_A_FILE = 16 * 1024 * 1024
BYTES_OF_A_LINE = 4096  # a longer line might not be written in one piece
SECONDS_BETWEEN_COMPLAINTS = 60
END = b"\n"


class Spool:
    """A spool to which this process writes lines of one kind. Threads share it; a fork begins a file of its own."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.lost = 0  # lines since the last complaint
        self.complained_at = 0.0  # on the monotonic clock; 0: never
        self._begin()
        weak = weakref.WeakMethod(self._forked)
        os.register_at_fork(after_in_child=lambda: (forked := weak()) and forked())

    def write(self, line: bytes) -> None:
        """Appends a line, given without its end. A full disk loses the line and never raises: the page matters more."""
        with self.lock:
            try:
                self._write(line)
            except OSError as error:
                self.torn = True
                self._complain(error)

    def close(self) -> None:
        """Releases the file, as the end of the process does."""
        with self.lock:
            self._close()

    def _begin(self) -> None:
        self.lock = threading.Lock()
        self.folder: Path | None = None
        self.file = -1
        self.size = 0
        self.ends_at = 0.0  # on the monotonic clock
        self.torn = False  # whether the last line may lack its end

    def _forked(self) -> None:
        """Closes the parent's file in a child. Held open, it would make the parent look alive when it is dead."""
        file = self.file
        self._begin()
        if file >= 0:
            os.close(file)

    def _write(self, line: bytes) -> None:
        if len(line) >= BYTES_OF_A_LINE - 1:
            raise OSError(f"a line of {len(line)} bytes")
        folder = settings.VISIT_SPOOL
        if self.folder is not folder or time.monotonic() > self.ends_at or self.size > BYTES_OF_A_FILE:
            self._open(folder)
        whole = END + line + END if self.torn else line + END
        written = os.write(self.file, whole)
        self.size += written
        self.torn = written < len(whole)
        if self.torn:
            raise OSError("a short write")

    def _open(self, folder: Path) -> None:
        self._close()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while True:
            path = folder / f"{self.kind}-{prefix()}{os.getpid()}-{secrets.token_hex(8)}.spool"
            file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
            if is_held(file) and os.fstat(file).st_nlink:
                break
            os.close(file)  # the loader has just taken it for a dead one's
        self.file, self.folder, self.size, self.torn = file, folder, 0, False
        self.ends_at = time.monotonic() + SECONDS_OF_A_FILE

    def _close(self) -> None:
        if self.file >= 0:
            os.close(self.file)
        self.file, self.folder = -1, None

    def _complain(self, error: OSError) -> None:
        self.lost += 1
        now = time.monotonic()
        if self.complained_at and now - self.complained_at < SECONDS_BETWEEN_COMPLAINTS:
            return
        # Without the text of the error, and so without paths or data.
        log.error("Could not spool %d lines of %s: %s %s", self.lost, self.kind, type(error).__name__, error.errno)
        self.lost, self.complained_at = 0, now


def prefix() -> str:
    """What the names of this machine's files have before the number of the process: nothing if it is the only one."""
    return f"{settings.MACHINE}." if settings.MACHINE else ""


def machine_of(path: Path) -> str:
    """The name of the machine that wrote a spool file; empty if it had none."""
    before, dot, _rest = path.stem.partition(".")
    return before.partition("-")[2] if dot else ""


def is_held(file: int) -> bool:
    """Takes the lock on an open file. Returns False if another process holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
