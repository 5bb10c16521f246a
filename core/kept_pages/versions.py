"""Reads the versions of topics, for each page that is served: so without the ORM, by a prepared statement."""

import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from weakref import WeakSet

from django.db import connection, transaction
from django.db.models import Count

from core.jobs import job
from core.models import CHANGE, PageVersion

TABLE = PageVersion._meta.db_table
TOTAL = f"SELECT sum(number), sum(CASE WHEN number > {CHANGE} THEN 1 END) FROM {TABLE} WHERE topic"  # noqa: S608  our names
PREPARE = f"PREPARE kept_pages (text[]) AS {TOTAL} = ANY($1)".replace("sum(number)", "sum(number)::bigint")
# On PostgreSQL each connection parses and plans the statement once.
PREPARED: WeakSet[Any] = WeakSet()
MANY = 20  # changes of a topic that are worth summing up
BATCH = 10_000


def read(topics: Collection[str]) -> int | None:
    """The version of these topics together: another one after each change. None if it hasn't begun for one of them.

    Raises django.db.Error where there is no database.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        total, begun = (on_postgresql if connection.vendor == "postgresql" else on_sqlite)(list(topics))
    return total if begun == len(topics) else None


def on_postgresql(topics: list[str]) -> tuple[int, int]:
    raw = connection.connection
    with raw.cursor() as cursor:
        if raw not in PREPARED:
            cursor.execute(PREPARE)
            PREPARED.add(raw)
        cursor.execute("EXECUTE kept_pages (%s)", [topics])
        return cursor.fetchone()


def on_sqlite(topics: list[str]) -> tuple[int, int]:
    places = ", ".join("?" * len(topics))
    return connection.connection.execute(f"{TOTAL} IN ({places})", topics).fetchone()


def begin(topics: Collection[str]) -> None:
    """Begins the versions that haven't begun: of pageants, say, that are older than this table."""
    # Never where it began before: an emptied or restored database must not look like the one that pages are of.
    rows = [PageVersion(topic=topic, number=secrets.randbelow(2**50) + CHANGE + 1) for topic in topics]
    PageVersion.objects.bulk_create(rows, ignore_conflicts=True)


@job(every=timedelta(minutes=1))
def sum_up() -> None:
    """Puts one row in the place of a topic's many changes. Safe to kill and to repeat."""
    many = PageVersion.objects.values("topic").annotate(rows=Count("pk")).filter(rows__gt=MANY)
    for topic in many.values_list("topic", flat=True):
        with transaction.atomic():
            # Locked, so that just these are deleted: changes that are committed meanwhile stay for the next time.
            rows = list(PageVersion.objects.select_for_update().filter(topic=topic).order_by("-number")[:BATCH])
            total = sum(row.number for row in rows)
            PageVersion.objects.filter(pk__in=[row.pk for row in rows]).delete()
            PageVersion.objects.create(topic=topic, number=total)
