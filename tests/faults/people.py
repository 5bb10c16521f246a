"""Who has sent what, and what the site has promised them by taking it."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from tests.faults.rounds import Round
from tests.faults.visitors import Browser

numbers = count(1)
LINK = re.compile(r"^https\S+?(/(?:vi/)?privacy/you/[\w-]{43}/)$", re.MULTILINE)

ENTRY, WEBSITE, LINK_ONLY = "entry", "website", "link"
# What people do, and staff: an entry or website is sent, and so on.
SENT, CONFIRMED, APPROVED, REJECTED, WITHDRAWN, ERASED = (
    "sent", "confirmed", "approved", "rejected", "withdrawn", "erased",
)  # fmt: skip


@dataclass
class Person:
    kind: str
    language: str
    browser: Browser
    number: int = field(default_factory=lambda: next(numbers))
    tried: dict[str, int] = field(default_factory=dict)  # how often each was sent to the site
    taken: dict[str, tuple[Round, float]] = field(default_factory=dict)  # and when it has said that it took it
    form: dict[str, str] = field(default_factory=dict)  # that is sent again until it is taken
    page: str = ""  # of their own, behind the link in a mail
    key: str = ""  # of the entry
    pictures: tuple[str, ...] = ()  # once they were public
    mails_read: int = 0
    tried_then: dict[str, int] = field(default_factory=dict)  # when a backup was made
    is_busy: bool = False
    is_left: bool = False  # nothing more is done with them

    def __post_init__(self) -> None:
        self.name = f"Người {self.number:04} của {self.kind}"
        self.email = f"person-{self.number:04}@example.com"

    def tries(self, act: str) -> None:
        self.tried[act] = self.tried.get(act, 0) + 1

    def took(self, act: str, round_: Round) -> None:
        """The site has answered that it took it: from now on it must not lose it."""
        if act not in self.taken:
            self.taken[act] = (round_, time.monotonic())
            round_.acknowledged += 1

    def has(self, *acts: str) -> bool:
        """Whether one of them was tried, taken or not."""
        return any(act in self.tried for act in acts)

    @property
    def may_be_public(self) -> bool:
        return self.has(APPROVED) and not {WITHDRAWN, ERASED} & self.taken.keys()

    @property
    def must_be_public(self) -> bool:
        return APPROVED in self.taken and not self.has(WITHDRAWN, ERASED)

    @property
    def most_mails(self) -> int:
        """As many as may come: one for what was sent, for each link that was asked for, and for a decision."""
        sent = self.tried.get(SENT, 0)
        decided = self.has(APPROVED) + self.has(REJECTED)
        return (sent if self.kind == LINK_ONLY else bool(sent)) + decided


class People:
    def __init__(self) -> None:
        self.everybody: list[Person] = []
        self.lock = threading.Lock()

    def add(self, person: Person) -> Person:
        with self.lock:
            self.everybody.append(person)
        return person

    @contextmanager
    def one(self, *, where: object) -> Iterator[Person | None]:
        """Somebody with whom nobody else does anything meanwhile."""
        with self.lock:
            fitting = (one for one in self.everybody if not one.is_busy and not one.is_left and where(one))  # type: ignore[operator]
            person = next(fitting, None)
            if person:
                person.is_busy = True
        try:
            yield person
        finally:
            if person:
                person.is_busy = False

    def all(self) -> list[Person]:
        with self.lock:
            return list(self.everybody)
