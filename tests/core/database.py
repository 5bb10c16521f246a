"""All there is in the test's database: read, written, and put back as it was."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.test import TransactionTestCase

Rows = dict[str, list[tuple[Any, ...]]]  # by table


def rows_of_tables() -> Rows:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables.append(MigrationRecorder.Migration._meta.db_table)  # which is no app's
    with connection.cursor() as cursor:
        return {table: fetch_all(cursor, f"SELECT * FROM {table}") for table in tables}  # noqa: S608


def fetch_all(cursor: CursorWrapper, query: str) -> list[tuple[Any, ...]]:
    cursor.execute(query)
    return cursor.fetchall()


def write(rows: Rows) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for table, values in rows.items():
            if values:
                places = ", ".join(["%s"] * len(values[0]))
                cursor.executemany(f"INSERT INTO {table} VALUES ({places})", values)  # noqa: S608


@contextmanager
def put_back_after_transactions(folder: Path) -> Iterator[None]:
    """Has each test with real transactions leave the database as it is now.

    Django's `flush` takes several times as long: on PostgreSQL it makes new files for all tables, and ours lifts the
    guards of immutable rows and puts them up again.
    """
    with kept(folder) as put_back, patch.object(TransactionTestCase, "_fixture_teardown", lambda _case: put_back()):
        yield


@contextmanager
def kept(folder: Path) -> Iterator[Callable[[], None]]:
    """Keeps all there is, in that folder where it takes one; yields what puts it back, as often as it is called."""
    with kept_on_sqlite(folder) if connection.vendor == "sqlite" else kept_on_postgresql() as put_rows_back:

        def put_back() -> None:
            put_rows_back()
            ContentType.objects.clear_cache()

        yield put_back


@contextmanager
def kept_on_sqlite(folder: Path) -> Iterator[Callable[[], None]]:
    """A copy of the whole file."""
    with closing(sqlite3.connect(folder / "kept.sqlite3")) as kept:
        connection.connection.backup(kept)

        def put_back() -> None:
            connection.ensure_connection()
            kept.backup(connection.connection)

        yield put_back


EMPTY = "SET LOCAL session_replication_role = replica; "  # no guards, and no keys that lead nowhere for a moment


@contextmanager
def kept_on_postgresql() -> Iterator[Callable[[], None]]:
    """The rows; sequences go on above all that were used."""
    rows = rows_of_tables()
    empty = EMPTY + "".join(f"DELETE FROM {table}; " for table in rows)  # noqa: S608

    def put_back() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(empty)
            write(rows)

    yield put_back
