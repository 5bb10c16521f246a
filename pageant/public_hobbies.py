"""The triggers that keep PublicHobby right, whoever writes: a decision, an erasure, older code during an update."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from pageant.models import Entry, PublicHobby

BATCH = 1_000  # entries
LOCK = "1 FROM pageant_entry WHERE id {entries} ORDER BY id FOR NO KEY UPDATE"
CLEAR = "DELETE FROM pageant_publichobby WHERE entry_id {entries}"
MAKE = """
    INSERT INTO pageant_publichobby (entry_id, pageant_id, word, place_key, published_at)
    SELECT DISTINCT entry.id, entry.pageant_id, CASE WHEN form.number = 1 THEN hobby.key ELSE hobby.spelling END,
        entry.place_key, entry.published_at
    FROM pageant_entry AS entry
    JOIN pageant_entry_hobbies AS has ON has.entry_id = entry.id
    JOIN pageant_hobby AS hobby ON hobby.id = has.hobby_id
    CROSS JOIN (SELECT 1 AS number UNION ALL SELECT 2) AS form
    WHERE entry.id {entries} AND entry.published_at IS NOT NULL AND (form.number = 1 OR hobby.spelling IS NOT NULL)
"""


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
    """Puts up the triggers, and makes all rows anew if one was missing. Safe to repeat."""
    connection = connections[using]
    if PublicHobby._meta.db_table not in connection.introspection.table_names():
        return  # migrated backwards
    with transaction.atomic(using=using), connection.cursor() as cursor:
        missing = {trigger.name for trigger in TRIGGERS} - names_of_triggers(connection)
        for trigger in TRIGGERS:
            for statement in trigger.on_postgresql() if connection.vendor == "postgresql" else trigger.on_sqlite():
                cursor.execute(statement)
    if missing:
        make_all(using)


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
    """Makes the rows of all entries, in batches: none of those that it locks waits long."""
    entries, last = Entry.objects.using(using).order_by("pk"), 0
    while batch := list(entries.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        first, last = batch[0], batch[-1]
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            if connections[using].vendor == "postgresql":
                cursor.execute("SELECT " + LOCK.format(entries=f"BETWEEN {first} AND {last}"))
            for statement in (CLEAR, MAKE):
                cursor.execute(statement.format(entries=f"BETWEEN {first} AND {last}"))
