"""Keyset pagination, as fast at the millionth row as at the first and stable while rows are added.

`?after=` or `?before=` names a page by a cursor: the time and primary key of the row at its edge. See
https://use-the-index-luke.com/no-offset.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db.models import BigIntegerField, DateTimeField, Field, Q, QuerySet

from core.prepared_queries import PreparedQuery

Row = TypeVar("Row")  # with a primary key and a time
Edge = tuple[Any, Any]  # the time and primary key of a row
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CURSOR = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")  # microseconds since 1970, primary key


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: list[Row]
    before: str | None  # cursor of the previous page, None on the first
    after: str | None  # cursor of the next page, None on the last


class BadCursor(ValueError):
    """Raised for a malformed cursor."""


class PreparedList(Generic[Row]):
    """A list, the newest first or last by the time field `by`, `size` rows on a page.

    Its pages come from prepared queries: one for each set of filters, order and direction. `narrow` gets a parameter
    for each filter in force, of those in `fields`, and returns arguments of `first_rows`.
    """

    def __init__(self, narrow: Callable[..., dict[str, Any]], *, by: str, size: int, **fields: Field) -> None:
        self.narrow, self.by, self.size = narrow, by, size
        self.query: PreparedQuery[Row] = PreparedQuery(
            self.select, {**fields, "edge_time": DateTimeField(), "edge_pk": BigIntegerField()}
        )

    def select(
        self, filters: tuple[str, ...], size: int, has_edge: bool, descending: bool, **parameters: Any
    ) -> QuerySet[Any, Row]:
        narrowed = self.narrow(**{name: parameters[name] for name in filters})
        edge = (parameters["edge_time"], parameters["edge_pk"]) if has_edge else None
        return first_rows(**narrowed, by=self.by, size=size, edge=edge, descending=descending)

    def first(self, size: int, edge: Edge | None, *, descending: bool, **filters: Any) -> list[Row]:
        time, pk = edge or (None, None)
        form = tuple(sorted(filters)), size, edge is not None, descending
        return self.query(*form, **filters, edge_time=time, edge_pk=pk)

    def page(self, *, newest_first: bool = True, after: str = "", before: str = "", **filters: Any) -> Page[Row]:
        """Up to `size` rows after or before a cursor, without one the first page. Takes one query. Raises BadCursor."""
        cursor, backwards = before or after, bool(before)
        edge = _parse_cursor(cursor) if cursor else None
        # One row more than a page has, which tells whether there are more
        fetched = self.first(self.size + 1, edge, descending=newest_first != backwards, **filters)
        has_more, fetched = len(fetched) > self.size, fetched[: self.size]
        if backwards:
            fetched.reverse()
        if not fetched:
            return Page([], None, None)
        return Page(
            fetched,
            before=_to_cursor(fetched[0], self.by) if (has_more if backwards else bool(after)) else None,
            after=_to_cursor(fetched[-1], self.by) if (backwards or has_more) else None,
        )

    def neighbours(self, row: Any, **filters: Any) -> tuple[Row | None, Row | None]:
        """The next newer and the next older row, or None at either end. Takes two queries."""
        edge = getattr(row, self.by), row.pk
        newer, older = (self.first(1, edge, descending=descending, **filters) for descending in (False, True))
        return next(iter(newer), None), next(iter(older), None)


def first_rows(
    rows: QuerySet[Any, Row],
    *,
    by: str,
    size: int,
    edge: Edge | None,
    descending: bool,
    among: QuerySet[Any] | None = None,
    among_pk: str = "pk",
) -> QuerySet[Any, Row]:
    """The first rows beyond an edge, ordered by the time field `by`.

    `among` are rows of another table that name those to show, in its field `among_pk`, beside the same time `by`: the
    page is sought there first, if an index of that table has the order.
    """
    sign = "-" if descending else ""
    order = rows if among is None else among
    key = "pk" if among is None else among_pk
    order = order.order_by(f"{sign}{by}", f"{sign}{key}")
    if edge:
        order = order.filter(_beyond(by, key, *edge, descending=descending))
    if among is None:
        return order[:size]
    return rows.filter(pk__in=order.values(key)[:size]).order_by(f"{sign}{by}", f"{sign}pk")


def _beyond(by: str, key: str, time: datetime, pk: int, *, descending: bool) -> Q:
    # The first condition looks redundant, but only it lets the database seek in an index on (by, pk).
    way = "lt" if descending else "gt"
    return Q(**{f"{by}__{way}e": time}) & (Q(**{f"{by}__{way}": time}) | Q(**{f"{key}__{way}": pk}))


def _to_cursor(row: Any, by: str) -> str:
    return f"{(getattr(row, by) - EPOCH) // timedelta(microseconds=1)}-{row.pk}"


def _parse_cursor(cursor: str) -> tuple[datetime, int]:
    match = CURSOR.fullmatch(cursor)
    if not match:
        raise BadCursor(cursor)
    try:
        return EPOCH + timedelta(microseconds=int(match[1])), int(match[2])
    except OverflowError as error:
        raise BadCursor(cursor) from error
