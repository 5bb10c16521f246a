"""What the site asks of the places where it keeps files, whether on a disk or in a bucket, and how they fail."""

import errno
from abc import abstractmethod
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, cast

from django.core.files.storage import Storage, storages

FULL = {errno.ENOSPC, errno.EDQUOT}


class StorageAway(OSError):
    """The storage as a whole can't be used now, which says nothing about a single file."""


class StoredFile(NamedTuple):
    name: str  # with its folders
    size: int  # bytes
    modified_at: datetime


class FileStorage(Storage):
    """Replaces a file of the same name in one step. `save` returns once the file would survive a power cut."""

    @property
    @abstractmethod
    def place(self) -> str:
        """What operators know it by, such as a path. Without passwords."""

    @abstractmethod
    def files(self, folder: str, *, after: str, until: str) -> Iterator[StoredFile]:
        """The files in the folders of a folder with `after` < name <= `until`, in any order."""

    @abstractmethod
    def problem(self) -> str:
        """Why no file can be written, in words that anybody may read; empty if one can. Raises OSError."""


def public_storage() -> FileStorage:
    return cast("FileStorage", storages["default"])


def private_storage() -> FileStorage:
    return cast("FileStorage", storages["private"])


def is_full(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno in FULL


def concerns_all(error: OSError) -> bool:
    """Whether the next file would fail as well."""
    return isinstance(error, StorageAway) or is_full(error)
