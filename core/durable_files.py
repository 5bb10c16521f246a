"""Files that outlast a power cut once they are written, and stay away once they are deleted.

A file is on the disk only when its bytes, its name and the folders above it are: each takes an fsync of its own. A row
that is committed after `save` has returned is therefore never without its file.
"""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from django.core.files import File
from django.core.files.storage import FileSystemStorage

from core.file_storage import FileStorage, StoredFile

NO_SYNC_OF_FOLDERS = {errno.EBADF, errno.EINVAL}  # from file systems that can't
END = b"\n"


class DurableFileSystemStorage(FileStorage, FileSystemStorage):
    """A file of the same name is replaced in one step, so a file that can be read is always whole.

    A process that is killed while it writes leaves a file under a temporary name: the real one and random letters.
    """

    def __init__(self, **options: object) -> None:
        super().__init__(**options, allow_overwrite=True)  # type: ignore[arg-type]  # those of settings.STORAGES

    def _save(self, name: str, content: File) -> str:
        path = Path(self.path(name))
        make_folder(path.parent, self.directory_permissions_mode)
        with replacing(path, self.file_permissions_mode) as file:
            for chunk in content.chunks():
                file.write(chunk)
        return name

    def delete(self, name: str) -> None:
        if self.exists(name):
            super().delete(name)
            sync_folder(Path(self.path(name)).parent)

    @property
    def place(self) -> str:
        return str(self.location)

    def files(self, folder: str, *, after: str, until: str) -> Iterator[StoredFile]:
        root = Path(self.path(folder))
        for inner in [path.name for path in root.iterdir() if path.is_dir()] if root.is_dir() else []:
            inside = f"{folder}/{inner}"
            if after[: len(inside)] <= inside <= until:
                yield from (file for file in files_in(root / inner, inside) if after < file.name <= until)

    def problem(self) -> str:
        # The first file makes the folder.
        root = Path(self.location)
        folder = next(path for path in (root, *root.parents) if path.exists())
        return "" if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK) else "cannot be written"


def files_in(folder: Path, name: str) -> Iterator[StoredFile]:
    """The files in a folder that is called `name`, but none of the folders that file servers put next to them."""
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # deleted meanwhile
                if not entry.is_dir():
                    status = entry.stat()
                    modified_at = datetime.fromtimestamp(status.st_mtime, UTC)
                    yield StoredFile(f"{name}/{entry.name}", status.st_size, modified_at)


@contextmanager
def replacing(path: Path, mode: int | None = None) -> Iterator[BinaryIO]:
    """A file to write to, which becomes `path` at the end of the block. If anything fails, all is as before."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        with open(draft, "xb", opener=partial(os.open, mode=0o666 if mode is None else mode)) as file:
            yield file
            if mode is not None:
                os.fchmod(file.fileno(), mode)  # whatever the umask
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def append_line(path: Path, line: str) -> None:
    """Appends a line to a file for the site's user alone. Raises OSError if it isn't on the disk afterwards."""
    make_folder(path.parent)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(file).st_size
        is_torn = size > 0 and os.pread(file, 1, size - 1) != END  # by a disk that was full
        whole = (END if is_torn else b"") + line.encode() + END
        if os.write(file, whole) < len(whole):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(file)
    finally:
        os.close(file)
    sync_folder(path.parent)


def make_folder(folder: Path, mode: int | None = None) -> None:
    """Makes a folder, and those above it, where they are missing."""
    if not folder.is_dir():
        make_folder(folder.parent, mode)
        folder.mkdir(exist_ok=True)
        if mode is not None:
            folder.chmod(mode)  # whatever the umask
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Puts the names in a folder on the disk."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    except OSError as error:
        if error.errno not in NO_SYNC_OF_FOLDERS:
            raise
    finally:
        os.close(file)
