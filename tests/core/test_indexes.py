"""Indexes of migrations are made again, whatever a run that was stopped has left."""

import pytest
from django.apps import apps
from django.db import DatabaseError, OperationalError, connection, models
from django.db.migrations.state import ProjectState

from core.indexes import TRIES, AddIndex, CreateIndex, make
from core.models import PageVersion

OPERATIONS = {
    "of any table": CreateIndex("test_index", "core_pageversion (number, topic)"),
    "of a model": AddIndex("pageversion", models.Index(fields=["number", "topic"], name="test_index")),
}


def execute(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def columns() -> list[str] | None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "core_pageversion").get("test_index")
    return found and found["columns"]


def leave_broken_off() -> None:
    """An index that PostgreSQL began and couldn't end, and one of other columns elsewhere."""
    if connection.vendor != "postgresql":
        execute("CREATE INDEX test_index ON core_pageversion (topic)")
        return
    PageVersion.objects.bulk_create([PageVersion(topic="twice", number=1) for _ in range(2)])
    with pytest.raises(DatabaseError):
        execute("CREATE UNIQUE INDEX CONCURRENTLY test_index ON core_pageversion (topic, number)")
    assert execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'test_index'::regclass") == [(False,)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_index_of_a_broken_off_migration_is_made_again_and_dropped(operation):
    leave_broken_off()
    before = ProjectState.from_apps(apps)
    after = before.clone()
    operation.state_forwards("core", after)

    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("core", editor, before, after)
    made = columns()
    if connection.vendor == "postgresql":
        assert execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'test_index'::regclass") == [(True,)]
    with connection.schema_editor(atomic=False) as editor:
        operation.database_backwards("core", editor, after, before)

    assert (made, columns()) == (["number", "topic"], None)


class Stopped(Exception):
    """As psycopg2 raises it."""

    def __init__(self, pgcode: str) -> None:
        self.pgcode = pgcode


@pytest.mark.parametrize(
    ("times", "pgcode", "tries", "raises"),
    [
        (0, "", 1, False),
        (TRIES - 1, "40P01", TRIES, False),
        (TRIES, "40P01", TRIES, True),
        (1, "55P03", 1, True),
    ],
)
def test_index_is_tried_again_after_a_deadlock(times, pgcode, tries, raises):
    tried = []

    class Editor:
        connection = type("Connection", (), {"vendor": "sqlite"})

        def execute(self, sql: str) -> None:
            pass

    def create() -> None:
        tried.append(1)
        if len(tried) <= times:
            raise OperationalError from Stopped(pgcode)

    try:
        make(Editor(), "test_index", create)
        raised = False
    except OperationalError:
        raised = True

    assert (len(tried), raised) == (tries, raises)
