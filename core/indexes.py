"""Indexes for migrations of tables that are in use: rows can be written meanwhile, and each may be made again.

Migrations with these are not one transaction (`atomic = False`). If one is stopped, some of its indexes are there and
PostgreSQL leaves the one that was being made behind as invalid. So each is dropped before it is made.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.postgres.operations import NotInTransactionMixin
from django.db import OperationalError, migrations
from django.db.migrations.operations.base import Operation

TRIES = 5
DEADLOCK = "40P01"  # PostgreSQL's code


class AddIndex(NotInTransactionMixin, migrations.AddIndex):
    """An index in the Meta of a model."""

    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._ensure_not_in_transaction(schema_editor)
        model = to_state.apps.get_model(app_label, self.model_name)
        options = {"concurrently": True} if concurrently(schema_editor) else {}
        make(schema_editor, self.index.name, lambda: schema_editor.add_index(model, self.index, **options))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._ensure_not_in_transaction(schema_editor)
        drop(schema_editor, self.index.name)


class CreateIndex(NotInTransactionMixin, Operation):
    """An index that no Meta can have: of a package's table, or one that Django has no words for."""

    atomic = False
    reduces_to_sql = True

    def __init__(self, name: str, on: str, *, only_postgres: bool = False) -> None:
        self.name = name
        self.on = on
        self.only_postgres = only_postgres

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._ensure_not_in_transaction(schema_editor)
        how = concurrently(schema_editor)
        if how or not self.only_postgres:
            sql = f"CREATE INDEX {how}{self.name} ON {self.on}"
            make(schema_editor, self.name, lambda: schema_editor.execute(sql))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._ensure_not_in_transaction(schema_editor)
        drop(schema_editor, self.name)

    def describe(self) -> str:
        return f"Create index {self.name}"


def make(schema_editor: Any, name: str, create: Callable[[], None]) -> None:
    """Tries again where PostgreSQL ends a deadlock by ending this: an ANALYZE by hand is enough for one."""
    for left in reversed(range(TRIES)):
        try:
            drop(schema_editor, name)
            create()
        except OperationalError as error:
            if not left or getattr(error.__cause__, "pgcode", "") != DEADLOCK:
                raise
        else:
            return


def drop(schema_editor: Any, name: str) -> None:
    schema_editor.execute(f"DROP INDEX {concurrently(schema_editor)}IF EXISTS {name}")


def concurrently(schema_editor: Any) -> str:
    return "CONCURRENTLY " if schema_editor.connection.vendor == "postgresql" else ""
