"""Keyset pagination, as fast at the millionth row as at the first and stable while rows are added.

`?after=` or `?before=` names a page by a cursor: the time and primary key of the row at its edge. See
https://use-the-index-luke.com/no-offset.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CURSOR = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")  # microseconds since 1970, primary key


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: list[Row]
    before: str | None  # cursor of the previous page, None on the first
    after: str | None  # cursor of the next page, None on the last


class BadCursor(ValueError):
    """Raised for a malformed cursor."""


def paginate(
    rows: QuerySet[Row],
    *,
    by: str,
    size: int,
    newest_first: bool = True,
    after: str = "",
    before: str = "",
    among: QuerySet[Any] | None = None,
    among_pk: str = "pk",
) -> Page[Row]:
    """Returns up to `size` rows after or before a cursor, ordered by the time field `by`.

    Without a cursor it is the first page. Takes one query. Raises BadCursor.

    `among` are rows of another table that name those to show, in its field `among_pk`, beside the same time `by`: the
    page is sought there first, if an index of that table has the order.
    """
    backwards = bool(before)
    descending = newest_first != backwards
    sign = "-" if descending else ""
    order = rows if among is None else among
    key = "pk" if among is None else among_pk
    order = order.order_by(f"{sign}{by}", f"{sign}{key}")
    if cursor := before or after:
        order = order.filter(_beyond(by, key, *_parse_cursor(cursor), descending=descending))
    order = order[: size + 1]  # the extra row tells whether there are more
    if among is not None:
        order = rows.filter(pk__in=order.values(key)).order_by(f"{sign}{by}", f"{sign}pk")
    fetched = list(order)
    has_more, fetched = len(fetched) > size, fetched[:size]
    if backwards:
        fetched.reverse()
    if not fetched:
        return Page([], None, None)
    return Page(
        fetched,
        before=_to_cursor(fetched[0], by) if (has_more if backwards else bool(after)) else None,
        after=_to_cursor(fetched[-1], by) if (backwards or has_more) else None,
    )


def neighbours(rows: QuerySet[Row], row: Row, *, by: str) -> tuple[Row | None, Row | None]:
    """Returns the next newer and the next older row, or None at either end. Takes two queries."""
    place = getattr(row, by), row.pk
    newer = rows.filter(_beyond(by, "pk", *place, descending=False)).order_by(by, "pk").first()
    older = rows.filter(_beyond(by, "pk", *place, descending=True)).order_by(f"-{by}", "-pk").first()
    return newer, older


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
