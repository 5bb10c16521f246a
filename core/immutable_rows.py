"""Database triggers that refuse to change or delete rows that were published or recorded.

    guard("privacy_policyversion", where="{row}.published_at IS NOT NULL", keys=["id", "number"])

The triggers are installed anew after each `migrate`, since SQLite drops them when it rebuilds a table.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

MESSAGE = "this row stays as it is"
REFUSE = "vietmusic_refuse"  # PostgreSQL's function behind the triggers


@dataclass(frozen=True)
class Guard:
    """A guarded table. `where` is the SQL condition of guarded rows, with `{row}` for the row; empty for all."""

    table: str
    where: str
    keys: tuple[str, ...]

    def condition(self, row: str) -> str:
        return f"({self.where.format(row=row)})" if self.where else "(1 = 1)"

    def name(self, event: str) -> str:
        return f"{self.table}_stays_{event}"


GUARDS: dict[str, Guard] = {}


def guard(table: str, *, where: str = "", keys: Sequence[str] = ("id",)) -> None:
    """Declares a guard. `keys` are unique columns: SQLite's REPLACE deletes a row with the same without a trigger."""
    GUARDS[table] = Guard(table, where, tuple(keys))


def install(using: str = DEFAULT_DB_ALIAS) -> None:
    """Puts the triggers on all guarded tables that exist. Safe to repeat."""
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        for guard in present(connection):
            for statement in (*dropping(connection, guard), *making(connection, guard)):
                cursor.execute(statement)


def remove(using: str = DEFAULT_DB_ALIAS) -> None:
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for guard in present(connection):
            for statement in dropping(connection, guard):
                cursor.execute(statement)


@contextmanager
def lifted(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Removes the triggers within the block. For wiping a whole database, and for nothing else."""
    remove(using)
    try:
        yield
    finally:
        install(using)


def present(connection: BaseDatabaseWrapper) -> list[Guard]:
    tables = connection.introspection.table_names()
    return [guard for guard in GUARDS.values() if guard.table in tables]


def dropping(connection: BaseDatabaseWrapper, guard: Guard) -> Iterator[str]:
    """Names every event, so that a trigger made by an older version of the site goes too."""
    on_table = f' ON "{guard.table}"' if connection.vendor == "postgresql" else ""
    for event in ("insert", "update", "delete", "truncate"):
        yield f'DROP TRIGGER IF EXISTS "{guard.name(event)}"{on_table}'


def making(connection: BaseDatabaseWrapper, guard: Guard) -> Iterator[str]:
    return on_postgresql(guard) if connection.vendor == "postgresql" else on_sqlite(guard)


# The same error on both databases: Django's IntegrityError.
FUNCTION = f"""
CREATE OR REPLACE FUNCTION {REFUSE}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: {MESSAGE}', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def on_postgresql(guard: Guard) -> Iterator[str]:
    for event in ("update", "delete"):
        yield (
            f'CREATE TRIGGER "{guard.name(event)}" BEFORE {event} ON "{guard.table}" '
            f"FOR EACH ROW WHEN ({guard.condition('OLD')}) EXECUTE FUNCTION {REFUSE}()"
        )
    yield (
        f'CREATE TRIGGER "{guard.name("truncate")}" BEFORE TRUNCATE ON "{guard.table}" '
        f"FOR EACH STATEMENT EXECUTE FUNCTION {REFUSE}()"
    )


def on_sqlite(guard: Guard) -> Iterator[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{guard.table}: {MESSAGE}'); END"
    same_key = " OR ".join(f'kept."{key}" = NEW."{key}"' for key in guard.keys)
    kept = f'SELECT 1 FROM "{guard.table}" AS kept WHERE ({same_key}) AND {guard.condition("kept")}'  # noqa: S608  our names
    conditions = {
        "insert": f"EXISTS ({kept})",
        "update": f"{guard.condition('OLD')} OR EXISTS ({kept})",
        "delete": guard.condition("OLD"),
    }
    for event, condition in conditions.items():
        yield (
            f'CREATE TRIGGER "{guard.name(event)}" BEFORE {event} ON "{guard.table}" '
            f"FOR EACH ROW WHEN {condition} {refuse}"
        )
