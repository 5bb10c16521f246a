"""Database triggers that move the version of a topic whenever a row behind it changes, whoever changes it.

    SITE = Site(kept=[Source(Entry, "pageants", part=SLUG_OF_PAGEANT, when="{row}.published_at IS NOT NULL"), …])

A change appends rows to the table of versions, one for each topic and, on PostgreSQL, each statement: so transactions
never wait for each other.

The triggers are installed anew after each `migrate`, since SQLite drops them when it rebuilds a table.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from core.kept_pages.versions import TABLE
from core.models import CHANGE

EVENTS = {"insert": ("NEW",), "update": ("OLD", "NEW"), "delete": ("OLD",)}  # and the rows that each of them knows


@dataclass(frozen=True)
class Source:
    """A table that public pages are made from.

    A change of a row moves the version of `topic`, and with `part` that of `<topic>:<part>` too: `pageants:spring`.
    `part` and `when` are SQL, with `{row}` for the row. A row that doesn't meet `when`, or has no part (NULL), is on no
    public page and moves nothing. Changes of the columns `unseen` alone, which no page shows, move nothing either.
    """

    model: type[models.Model]
    topic: str
    part: str = ""
    when: str = ""
    unseen: tuple[str, ...] = ()
    events: tuple[str, ...] = tuple(EVENTS)

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def name(self, event: str) -> str:
        return f"{self.table}_moves_{event}"

    def topics(self, row: str) -> Iterator[str]:
        """SQL for each topic that the row moves, NULL if it moves none."""
        conditions = [self.when.format(row=row)] if self.when else []
        part = f"({self.part.format(row=row)})"
        if not self.part:
            yield choose(conditions, f"'{self.topic}'")
        else:
            yield choose([*conditions, f"{part} IS NOT NULL"], f"'{self.topic}'")
            yield choose(conditions, f"'{self.topic}:' || {part}")

    def seen(self, row: str) -> list[str]:
        """The columns of the row that pages may show."""
        names = [field.column for field in self.model._meta.local_concrete_fields]
        return [f'{row}."{name}"' for name in names if name not in self.unseen]


def choose(conditions: Sequence[str], value: str) -> str:
    return f"CASE WHEN {' AND '.join(f'({one})' for one in conditions)} THEN {value} END" if conditions else value


def install(sources: Sequence[Source], using: str = DEFAULT_DB_ALIAS) -> None:
    """Puts the triggers on all tables that exist. Safe to repeat."""
    connection = connections[using]
    tables = connection.introspection.table_names()
    making = on_postgresql if connection.vendor == "postgresql" else on_sqlite
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for source in sources:
            if {source.table, TABLE} <= set(tables):
                for statement in (*dropping(connection, source), *making(source)):
                    cursor.execute(statement)


def dropping(connection: BaseDatabaseWrapper, source: Source) -> Iterator[str]:
    on_table = f' ON "{source.table}"' if connection.vendor == "postgresql" else ""
    for event in EVENTS:
        yield f'DROP TRIGGER IF EXISTS "{source.name(event)}"{on_table}'


def on_postgresql(source: Source) -> Iterator[str]:
    key = source.model._meta.pk.column
    old, new = ", ".join(source.seen("OLD_ROW")), ", ".join(source.seen("NEW_ROW"))
    rows = {
        "insert": "NEW_ROWS AS NEW_ROW",
        "update": f'OLD_ROWS AS OLD_ROW JOIN NEW_ROWS AS NEW_ROW ON NEW_ROW."{key}" = OLD_ROW."{key}" '
        f"AND ROW({old}) IS DISTINCT FROM ROW({new})",
        "delete": "OLD_ROWS AS OLD_ROW",
    }
    for event in source.events:
        topics = ", ".join(topic for row in EVENTS[event] for topic in source.topics(f"{row}_ROW"))
        function = f"vietmusic_{source.name(event)}"
        moves = (
            f"INSERT INTO {TABLE} (topic, number) SELECT DISTINCT topic, {CHANGE} "  # noqa: S608  our names
            f"FROM {rows[event]}, unnest(ARRAY[{topics}]) AS topic WHERE topic IS NOT NULL"
        )
        yield (
            f'CREATE OR REPLACE FUNCTION "{function}"() RETURNS trigger LANGUAGE plpgsql AS $$ '
            f"BEGIN {moves}; RETURN NULL; END $$"
        )
        tables = " ".join(f"{row} TABLE AS {row}_ROWS" for row in EVENTS[event])
        yield (
            f'CREATE TRIGGER "{source.name(event)}" AFTER {event} ON "{source.table}" REFERENCING {tables} '
            f'FOR EACH STATEMENT EXECUTE FUNCTION "{function}"()'
        )


def on_sqlite(source: Source) -> Iterator[str]:
    pairs = zip(source.seen("OLD"), source.seen("NEW"), strict=True)
    differs = f"WHEN {' OR '.join(f'{old} IS NOT {new}' for old, new in pairs)} "
    for event in source.events:
        moves = " ".join(
            f"INSERT INTO {TABLE} (topic, number) SELECT {topic}, {CHANGE} WHERE {topic} IS NOT NULL;"
            for row in EVENTS[event]
            for topic in source.topics(row)
        )
        yield (
            f'CREATE TRIGGER "{source.name(event)}" AFTER {event} ON "{source.table}" '
            f"FOR EACH ROW {differs if event == 'update' else ''}BEGIN {moves} END"
        )
