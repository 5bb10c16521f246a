"""Reads the versions of topics, for each page that is served: so without the ORM, by a prepared statement."""

import re
import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count

from core.jobs import job
from core.models import CHANGE, PageVersion

TABLE = PageVersion._meta.db_table
TOPIC = re.compile(r"[a-zA-Z0-9_:-]+")
TOTAL = (  # the sum for topics that have all begun, else NULL
    f"SELECT CASE WHEN sum(CASE WHEN number > {CHANGE} THEN 1 END) = {{count}} THEN {{total}} END "  # noqa: S608  our names
    f"FROM {TABLE} WHERE topic {{are}}"
)
PREPARE = "PREPARE kept_pages (text[]) AS " + TOTAL.format(
    count="cardinality($1)", total="sum(number)::bigint", are="= ANY($1)"
)
MANY = 20  # changes of a topic that are worth summing up
BATCH = 10_000


def question(topics: Collection[str]) -> str:
    """The SQL that asks for the version of these topics together. To be made once for each page."""
    if not all(TOPIC.fullmatch(topic) for topic in topics):
        raise ValueError(f"no topics: {topics}")
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        return f"EXECUTE kept_pages ('{{{','.join(topics)}}}')"
    names = ", ".join(f"'{topic}'" for topic in topics)
    return TOTAL.format(count=len(topics), total="sum(number)", are=f"IN ({names})")


def read(question: str) -> int | None:
    """The version: another one after each change of a topic. None if it hasn't begun for one of them.

    Raises django.db.Error where there is no database.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.wrap_database_errors:
        cursor = cursor_of(connection)
        cursor.execute(question)
        return cursor.fetchone()[0]


def cursor_of(connection: BaseDatabaseWrapper) -> Any:
    """The database's own cursor, one for each connection; on PostgreSQL with the statement prepared."""
    raw, cursor = getattr(connection, "kept_pages", (None, None))
    if raw is None or raw is not connection.connection:
        connection.ensure_connection()
        raw = connection.connection
        cursor = raw.cursor()
        if connection.vendor == "postgresql":
            cursor.execute(PREPARE)
        connection.kept_pages = raw, cursor  # type: ignore[attr-defined]
    return cursor


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
