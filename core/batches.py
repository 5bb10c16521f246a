"""Walks over rows in batches, so that no job holds more than one in memory."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from django.db.models import QuerySet

Item = TypeVar("Item")


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of at most `size` items each, as Python 3.12 has it."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def keys_of(rows: QuerySet, size: int, *, column: str = "pk") -> Iterator[list[Any]]:
    """The values of a column in batches, rising, each value once. Each batch is a query of its own.

    It goes on behind the last value, so that rows which are done with, or can't be, are not looked at again: walking a
    million takes ten times as long as walking a tenth of that. The caller may change or delete what it got, and
    transactions may end between two batches.
    """
    values = rows.order_by(column).values_list(column, flat=True)
    if column != "pk":
        values = values.distinct()
    batch = list(values[:size])
    while batch:
        yield batch
        batch = list(values.filter(**{f"{column}__gt": batch[-1]})[:size])
