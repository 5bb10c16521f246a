"""A disk as a power cut leaves it: with what was synced, and with nothing else that POSIX doesn't promise."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from django.db.backends.base.base import BaseDatabaseWrapper


class Disk:
    """Watches what is synced below `root`, which itself is on the disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.names: dict[Path, dict[str, int]] = {}  # in each folder, and the inodes behind them
        self.contents: dict[int, bytes] = {}  # by inode

    def sync(self, file: int) -> None:
        status = os.fstat(file)
        path = Path(f"/proc/self/fd/{file}").readlink()
        if stat.S_ISDIR(status.st_mode):
            with os.scandir(path) as entries:
                self.names[path] = {entry.name: entry.inode() for entry in entries}
        else:
            self.contents[status.st_ino] = path.read_bytes()

    def read(self, path: Path) -> bytes | None:
        """What a file holds after a power cut; None if it isn't there."""
        folder, inode = self.root, 0
        for name in path.relative_to(self.root).parts:
            if name not in self.names.get(folder, {}):
                return None
            folder, inode = folder / name, self.names[folder][name]
        return self.contents.get(inode)

    @contextmanager
    def watched(self, before_commit: Callable[[], None]) -> Iterator[None]:
        """Calls `before_commit` in each transaction, when all but its commit is done."""
        commit = BaseDatabaseWrapper._commit

        def tell_and_commit(connection: BaseDatabaseWrapper) -> None:
            before_commit()
            commit(connection)

        with patch.object(os, "fsync", self.sync), patch.object(BaseDatabaseWrapper, "_commit", tell_and_commit):
            yield
