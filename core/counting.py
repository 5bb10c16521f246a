"""Counts several query sets in one query, and none of them without a bound."""

from collections.abc import Sequence

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet
from django.utils.formats import number_format


def counts(queries: Sequence[QuerySet], *, at_most: int) -> list[int]:
    """The number of rows of each, or `at_most` where there are as many or more. Takes one query."""
    if not queries:
        return []
    parts = [bounded_count(rows, at_most) for rows in queries]
    sql = "SELECT " + ", ".join(part for part, _ in parts)
    with connections[queries[0].db].cursor() as cursor:
        cursor.execute(sql, [value for _, values in parts for value in values])
        return list(cursor.fetchone())


def bounded_count(rows: QuerySet, at_most: int) -> tuple[str, tuple]:
    """SQL with its values. Whatever comes from outside is among the values."""
    try:
        sql, values = rows.order_by().values("pk")[:at_most].query.sql_with_params()
    except EmptyResultSet:  # a filter that nothing can fit
        return "0", ()
    return f"(SELECT COUNT(*) FROM ({sql}) AS found)", values  # noqa: S608  SQL that Django has made


def up_to(at_most: int, count: int) -> int | str:
    """A count as it is shown: `5,000+` where it may be more."""
    return count if count < at_most else f"{number_format(count)}+"
