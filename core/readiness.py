"""Whether this process can serve the site: database, migrations, cache and storages, each asked with an end.

A lost disk or network can hold up whoever asks it for minutes, so each is asked in a thread of its own. One that still
waits is not asked again, and what was found is kept for a second: asking often costs no more than asking seldom.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import cast

from django.core.cache import cache
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from core.file_storage import FileStorage

PATIENCE = 2  # seconds, for all together
KEPT = 1  # seconds
PARTS = ("database", "migrations", "cache", "media storage", "private storage")
NAME = "readyz"  # in the cache
# For connections to PostgreSQL: one that is lost unnoticed would wait for a quarter of an hour.
SOON = {
    "connect_timeout": PATIENCE,
    "tcp_user_timeout": PATIENCE * 1000,
    "keepalives_idle": PATIENCE,
    "keepalives_interval": PATIENCE,
}

# Yields the name of what it asks next, and raises where that is not ready.
Questions = Callable[[], Iterator[str]]

log = logging.getLogger(__name__)


class NotReady(Exception):
    """Says why, in words that anybody may read."""


class Probe:
    """Asks in a thread, and remembers how far it came."""

    def __init__(self, questions: Questions) -> None:
        self.questions = questions
        self.problem = ""
        self.thread = threading.Thread()

    def begin(self) -> bool:
        """Whether it begins now. It doesn't while it waits for what it has asked before."""
        if self.thread.is_alive():
            return False
        self.thread = threading.Thread(target=self.ask, name="readiness", daemon=True)
        self.thread.start()
        return True

    def ask(self) -> None:
        name = ""
        try:
            for name in self.questions():
                self.problem = f"{name}: no answer"
        except NotReady as why:
            self.problem = f"{name}: {why}"
        except Exception as error:  # noqa: BLE001  its type says enough, and its message could name hosts and users
            self.problem = f"{name}: failed ({type(error).__name__})"
        else:
            self.problem = ""


class Readiness:
    def __init__(self, *questions: Questions, patience: float = PATIENCE) -> None:
        self.probes = [Probe(one) for one in questions]
        self.patience = patience  # seconds
        self.lock = threading.Lock()
        self.asked_at = float("-inf")  # on the monotonic clock
        self.found: list[str] = []

    def problems(self) -> list[str]:
        """A line for each thing that is not ready."""
        with self.lock:
            if time.monotonic() >= self.asked_at + KEPT:
                self.note(self.ask())
                self.asked_at = time.monotonic()
            return self.found

    def ask(self) -> list[str]:
        until = time.monotonic() + self.patience
        for probe in [probe for probe in self.probes if probe.begin()]:
            probe.thread.join(max(0, until - time.monotonic()))
        return [problem for probe in self.probes if (problem := probe.problem)]

    def note(self, found: list[str]) -> None:
        if found and found != self.found:
            log.warning("Not ready: %s", "; ".join(found))
        elif self.found and not found:
            log.info("Ready again")
        self.found = found


def ask_database() -> Iterator[str]:
    yield "database"
    own = connection.copy()
    if own.vendor == "postgresql":
        own.settings_dict["OPTIONS"] |= SOON
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT 1")
            yield "migrations"
            cursor.execute("SELECT app, name FROM django_migrations")
            missing = known_migrations().difference(cursor.fetchall())
        if missing:
            raise NotReady(f"{len(missing)} not applied")
    finally:
        own.close()


@lru_cache(maxsize=1)
def known_migrations() -> frozenset[tuple[str, str]]:
    """App and name of all that this code brings. Those of newer code, which may be applied already, don't matter."""
    return frozenset(MigrationLoader(None).disk_migrations)


def ask_cache() -> Iterator[str]:
    yield "cache"
    shared = getattr(cache, "shared", cache)  # not what replaces it while it is away
    shared.set(NAME, NAME, timeout=10 * KEPT)
    if shared.get(NAME) != NAME:
        raise NotReady("keeps nothing")


def ask_storage(alias: str, name: str) -> Iterator[str]:
    yield name
    if problem := cast("FileStorage", storages[alias]).problem():
        raise NotReady(problem)


READINESS = Readiness(
    ask_database,
    ask_cache,
    partial(ask_storage, "default", "media storage"),
    partial(ask_storage, "private", "private storage"),
)
