"""The triggers that keep PublicHobby right, whoever writes: a decision, an erasure, older code during an update."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from pageant.models import PublicHobby

BATCH = 500  # entries, for whose time nobody else writes any
MADE = "All rows have been made."  # a comment on the table
LOCK = "1 FROM pageant_entry WHERE id {entries} ORDER BY id FOR NO KEY UPDATE"
CLEAR = "DELETE FROM pageant_publichobby WHERE entry_id {entries}"
ROWS = """
    SELECT DISTINCT entry.id, entry.pageant_id, CASE WHEN form.number = 1 THEN hobby.key ELSE hobby.spelling END,
        entry.place_key, entry.published_at
    FROM pageant_entry AS entry
    JOIN pageant_entry_hobbies AS has ON has.entry_id = entry.id
    JOIN pageant_hobby AS hobby ON hobby.id = has.hobby_id
    CROSS JOIN (SELECT 1 AS number UNION ALL SELECT 2) AS form
    WHERE entry.id {entries} AND entry.published_at IS NOT NULL AND (form.number = 1 OR hobby.spelling IS NOT NULL)
"""
COLUMNS = "(entry_id, pageant_id, word, place_key, published_at)"
MAKE = f"INSERT INTO pageant_publichobby {COLUMNS} {ROWS}"
# The same where most of them are right already, so that making all anew goes on where it was stopped
CLEAR_WRONG = f"{CLEAR} AND {COLUMNS} NOT IN ({ROWS})"
MAKE_MISSING = f"{MAKE} ON CONFLICT (entry_id, word) DO NOTHING"
BATCH_ENDS = "SELECT max(id) FROM (SELECT id FROM pageant_entry WHERE id > %s ORDER BY id LIMIT %s) AS batch"


@dataclass(frozen=True)
class Trigger:
    """Makes the rows of some entries anew after a change. `entries` is a condition on their keys."""

    name: str
    event: str
    entries: str
    when: str = "(1 = 1)"

    def on_postgresql(self) -> Iterator[str]:
        yield f"""
            CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM {LOCK.format(entries=self.entries)};
                {CLEAR.format(entries=self.entries)};
                {MAKE.format(entries=self.entries)};
                RETURN NULL;
            END $$
        """
        yield f"""
            CREATE OR REPLACE TRIGGER {self.name} AFTER {self.event}
            FOR EACH ROW WHEN ({self.when}) EXECUTE FUNCTION {self.name}()
        """

    def on_sqlite(self) -> Iterator[str]:
        yield f"DROP TRIGGER IF EXISTS {self.name}"
        yield f"""
            CREATE TRIGGER {self.name} AFTER {self.event} FOR EACH ROW WHEN {self.when}
            BEGIN
                {CLEAR.format(entries=self.entries)};
                {MAKE.format(entries=self.entries)};
            END
        """


TRIGGERS = (
    Trigger("pageant_publichobby_moved", "UPDATE OF published_at, place_key, pageant_id ON pageant_entry", "= NEW.id"),
    Trigger("pageant_publichobby_added", "INSERT ON pageant_entry_hobbies", "= NEW.entry_id"),
    Trigger("pageant_publichobby_changed", "UPDATE ON pageant_entry_hobbies", "IN (OLD.entry_id, NEW.entry_id)"),
    Trigger("pageant_publichobby_removed", "DELETE ON pageant_entry_hobbies", "= OLD.entry_id"),
    Trigger(
        "pageant_publichobby_respelled",
        "UPDATE OF key, spelling ON pageant_hobby",
        "IN (SELECT entry_id FROM pageant_entry_hobbies WHERE hobby_id = NEW.id)",
        when="(OLD.key <> NEW.key OR COALESCE(OLD.spelling, '') <> COALESCE(NEW.spelling, ''))",
    ),
)


def install(using: str = DEFAULT_DB_ALIAS) -> None:
    """Puts up the triggers, and makes all rows anew if one was missing. Safe to repeat, and to stop."""
    connection = connections[using]
    if PublicHobby._meta.db_table not in connection.introspection.table_names():
        return  # migrated backwards
    at_once = transaction.atomic(using=using) if connection.vendor == "sqlite" else nullcontext()
    with at_once:
        if put_up(using) or not is_made(connection):
            make_all(using)
            set_made(connection, True)


def put_up(using: str) -> bool:
    """Returns whether a trigger was missing."""
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        missing = {trigger.name for trigger in TRIGGERS} - names_of_triggers(connection)
        if missing:
            set_made(connection, False)
        for trigger in TRIGGERS:
            for statement in trigger.on_postgresql() if connection.vendor == "postgresql" else trigger.on_sqlite():
                cursor.execute(statement)
    return bool(missing)


def is_made(connection: BaseDatabaseWrapper) -> bool:
    """Whether making all rows has come to its end: on PostgreSQL it may be stopped between two batches."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description('pageant_publichobby'::regclass)")
        return bool(cursor.fetchone()[0] == MADE)


def set_made(connection: BaseDatabaseWrapper, made: bool) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("COMMENT ON TABLE pageant_publichobby IS %s", [MADE if made else None])


def remove_on_sqlite(using: str = DEFAULT_DB_ALIAS) -> None:
    """To be called before migrating: SQLite rebuilds a table under another name, which triggers elsewhere forbid."""
    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            for trigger in TRIGGERS:
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}")


def names_of_triggers(connection: BaseDatabaseWrapper) -> set[str]:
    postgresql, sqlite = "SELECT tgname FROM pg_trigger", "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(postgresql if connection.vendor == "postgresql" else sqlite)
        return {name for (name,) in cursor.fetchall()}


def make_all(using: str = DEFAULT_DB_ALIAS) -> None:
    """Makes the rows of all entries, in batches, between which others write.

    It locks the table: to lock each entry would write to all of them.
    """
    last: int | None = 0
    while last is not None:
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            if connections[using].vendor == "postgresql":
                cursor.execute("LOCK TABLE pageant_entry IN EXCLUSIVE MODE")
            first = last + 1
            cursor.execute(BATCH_ENDS, [last, BATCH])
            (last,) = cursor.fetchone()
            if last is not None:
                for statement in (CLEAR_WRONG, MAKE_MISSING):
                    cursor.execute(statement.format(entries=f"BETWEEN {first} AND {last}"))
