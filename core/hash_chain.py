"""Hash chains: each row holds the hash of the one before it, so that a change anywhere breaks the chain."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from django.db import connections, models

from core.canonical_json import sha256_of

Head = tuple[int, str]  # the number of the last row and its hash
EMPTY: Head = (0, "")  # the head of a chain without a row


class Link(Protocol):
    """A row of a chain. Numbers are 1, 2, 3 … without a gap; `previous` is empty in the first row."""

    number: int
    previous: str
    hash: str

    def hashed(self) -> dict[str, Any]:
        """All that the hash covers, `number` and `previous` included, in values that JSON can hold."""


class Broken(Exception):
    """The chain is broken; `number` is that of the first row that doesn't fit."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"row {number} {why}")
        self.number = number


def extend(rows: Sequence[Link], *, head: Head) -> Head:
    """Appends the rows, in this order, to the chain with that head. Returns the new head. Does not save them."""
    for row in rows:
        row.number, row.previous = head[0] + 1, head[1]
        row.hash = sha256_of(row.hashed())
        head = row.number, row.hash
    return head


def verify(rows: Iterable[Link], *, known: Head = EMPTY) -> Head:
    """Checks a whole chain, from its first row on, and returns its head. Raises Broken at the first that doesn't fit.

    `known` is the head on an earlier day. Broken is also raised if that row is gone or has another hash: otherwise the
    end of a chain could be cut off or rewritten.
    """
    head = EMPTY
    for row in rows:
        if row.number != head[0] + 1:
            raise Broken(head[0] + 1, "is missing")
        if row.previous != head[1]:
            raise Broken(row.number, "does not follow the one before it")
        if row.hash != sha256_of(row.hashed()):
            raise Broken(row.number, "was changed")
        head = row.number, row.hash
        if known[0] == row.number and known[1] != row.hash:
            raise Broken(row.number, "is another one than it was")
    if known[0] > head[0]:
        raise Broken(head[0] + 1, "is missing")
    return head


def lock(model: type[models.Model]) -> None:
    """Keeps others from extending the model's chain until the transaction ends, so that it never forks.

    SQLite has one writer anyway.
    """
    connection = connections["default"]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {model._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
