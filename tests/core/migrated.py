"""The tests' database as `migrate` leaves it, which takes ten seconds: made once, and copied wherever it is needed.

Several processes of one run share it, and so do later runs of the same day with the same code: a database is taken for
another's only where everything that `migrate` could read is the same.
"""

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import patch

from django.conf import settings
from django.db import connection

from tests.core.concurrency import ROOT

PARTS = ("core", "vietmusic", *settings.SITE_APPS, "templates", "locale", "requirements.txt", "tests/settings.py")
NAME = "vietmusic_migrated_"


def fingerprint() -> str:
    """Of the code, its packages and the day, on which the first policy is dated."""
    found = hashlib.sha256(date.today().isoformat().encode())
    for part in map(ROOT.joinpath, PARTS):
        for path in sorted(part.rglob("*")) if part.is_dir() else [part]:
            if path.is_file() and path.suffix != ".pyc":
                content = path.read_bytes()
                found.update(f"{path.relative_to(ROOT)} {len(content)} ".encode() + content)
    return found.hexdigest()[:16]


class Kept(Protocol):
    """Databases of one kind: each has a name, and is copied while nobody uses it."""

    def exists(self, name: str) -> bool: ...

    def copy(self, source: str, target: str) -> None: ...

    def forget(self) -> None: ...


class Files:
    """SQLite's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, name: str) -> Path:
        return self.folder / name  # an absolute path is its own place

    def exists(self, name: str) -> bool:
        return self.place(name).exists()

    def copy(self, source: str, target: str) -> None:
        whole = self.place(f"{target}.part")
        shutil.copyfile(self.place(source), whole)
        whole.rename(self.place(target))

    def forget(self) -> None:
        for path in self.folder.glob(f"{NAME}*"):
            path.unlink()


class Databases:
    """PostgreSQL's."""

    def ask(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with connection._nodb_cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def exists(self, name: str) -> bool:
        return bool(self.ask("SELECT 1 FROM pg_database WHERE datname = %s", name))

    def copy(self, source: str, target: str) -> None:
        self.ask(f'DROP DATABASE IF EXISTS "{target}"')
        self.ask(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')

    def forget(self) -> None:
        for (name,) in self.ask("SELECT datname FROM pg_database WHERE datname LIKE %s", f"{NAME}%"):
            self.ask(f'DROP DATABASE "{name}"')


class Migrated:
    """The database that all tests begin with."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.name = folder, NAME + fingerprint()
        self.kept: Kept = Files(folder) if connection.vendor == "sqlite" else Databases()

    def copy(self, target: str) -> None:
        self.kept.copy(self.name, target)

    @contextmanager
    def made_once(self) -> Iterator[None]:
        """Has Django, when it makes the tests' database, take a copy if there is one."""
        creation = connection.creation
        with patch.object(creation, "create_test_db", self.or_copied(creation.create_test_db)):
            yield

    def or_copied(self, create: Callable[..., str]) -> Callable[..., str]:
        def create_test_db(**options: Any) -> str:
            with self.alone():
                if not self.kept.exists(self.name):
                    made = create(**options)
                    connection.close()
                    self.kept.forget()
                    self.kept.copy(made, self.name)
                    connection.ensure_connection()
                    return made
                self.copy(connection.creation._get_test_db_name())
            return create(**{**options, "keepdb": True})

        return create_test_db

    @contextmanager
    def alone(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
