"""Numbers that a process and all of its forks count up together, in memory that they share.

gunicorn imports the site before it forks (`preload_app`), so its workers and their children have the same numbers.
They end with it: a scraper takes a counter that begins anew for what it is. Nothing is written to a disk, where files
of ended processes would have to be swept up.
"""

import fcntl
import mmap
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

BYTES = 8  # of a number


class SharedNumbers:
    def __init__(self, length: int) -> None:
        self.memory = mmap.mmap(-1, max(length, 1) * BYTES)
        self.numbers = memoryview(self.memory).cast("d")
        # Nothing is in it. The kernel gives up the lock of a process however that ends.
        self.file = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the process
        self.renew_lock()
        os.register_at_fork(after_in_child=self.renew_lock)

    def renew_lock(self) -> None:
        self.lock = threading.Lock()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Against other threads, then against other processes."""
        with self.lock:
            fcntl.lockf(self.file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self.file, fcntl.LOCK_UN)

    def add(self, additions: Iterable[tuple[int, float]]) -> None:
        with self.locked():
            for place, number in additions:
                self.numbers[place] += number

    def read(self) -> list[float]:
        with self.locked():
            return list(map(float, self.numbers))
