"""The policy's generated tables, made from a snapshot."""

from dataclasses import dataclass
from functools import cached_property

from privacy.policy.snapshots import Snapshot, Texts


@dataclass(frozen=True)
class Row:
    what: Texts
    purposes: list[Texts]
    seen_by: Texts
    keep: list[Texts]  # its own, beside the table's
    because: Texts  # why it stays when everything is erased; empty if it doesn't


@dataclass(frozen=True)
class Table:
    name: Texts
    keep: list[Texts]
    rows: list[Row]

    @property
    def has_many_rules(self) -> bool:
        """Whether the rules stand once, below the table, and not in each row."""
        return len(self.keep) > 1 and len(self.rows) > 1


@dataclass(frozen=True)
class CookieRow:
    name: str
    purpose: Texts
    holds: Texts
    set_when: Texts
    seconds: int | None


class Tables:
    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.purpose_names = {one["key"]: one["name"] for one in snapshot["purposes"]}
        self.audience_names = {one["key"]: one["name"] for one in snapshot["audiences"]}

    @cached_property
    def visitors(self) -> list[Table]:
        return [self.table(kind) for kind in self.snapshot["kinds"] if not kind["staff"]]

    @cached_property
    def staff(self) -> list[Table]:
        return [self.table(kind) for kind in self.snapshot["kinds"] if kind["staff"]]

    @property
    def purposes(self) -> list[dict]:
        return self.snapshot["purposes"]

    @property
    def cookies(self) -> list[CookieRow]:
        return [
            CookieRow(
                cookie["name"],
                self.purpose_names[cookie["purpose"]],
                cookie["holds"],
                cookie["set_when"],
                cookie["seconds"],
            )
            for cookie in self.snapshot["cookies"]
        ]

    @property
    def shareable(self) -> list[dict]:
        """The kinds of which a co-sponsor may receive something, and what of them."""
        found = [
            {"name": kind["name"], "what": [data["what"] for data in kind["data"] if data["shareable"]]}
            for kind in self.snapshot["kinds"]
        ]
        return [kind for kind in found if kind["what"]]

    def table(self, kind: dict) -> Table:
        rows = [
            Row(
                what=data["what"],
                purposes=[self.purpose_names[key] for key in data["purposes"]],
                seen_by=self.audience_names[data["seen_by"]],
                keep=[keep["text"] for keep in data["keep"]],
                because=data["because"],
            )
            for data in kind["data"]
        ]
        return Table(kind["name"], [keep["text"] for keep in kind["keep"]], rows)
