"""Small jobs that look at the state of the database and mend what is missing.

A job is a function in `<app>/jobs.py`, marked by `@job`. Each may be killed anywhere and is simply done again.
`manage.py work` loops over them; with WORK=inline they are done in passing, after a response, but for those that talk
to the world outside (`inline=False`): a visitor's request must wait for no other site, and cause no request to one.
"""

import logging
import traceback
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils.module_loading import autodiscover_modules

log = logging.getLogger(__name__)

PAUSE = timedelta(minutes=1)  # at least, between two times that a job is done in passing, unless it says otherwise


@dataclass(frozen=True)
class Job:
    name: str
    every: timedelta
    work: Callable[[], object]
    pause: timedelta | None  # at least, between two times that it is done in passing; None: it never is


JOBS: dict[str, Job] = {}


def job(
    *, every: timedelta, in_passing: timedelta | None = None, inline: bool = True
) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Marks a function without arguments as a job that is due again after `every`.

    In passing it is done no more often than that and than PAUSE, or else as often as `in_passing` says; with
    `inline=False` never.
    """

    def register(work: Callable[[], object]) -> Callable[[], object]:
        name = f"{work.__module__}.{work.__name__}"
        pause = max(every, PAUSE) if in_passing is None else in_passing
        JOBS[name] = Job(name, every, work, pause if inline else None)
        return work

    return register


def discover() -> None:
    autodiscover_modules("jobs")


def do(one: Job) -> bool:
    """Does one job; False if it failed or another process is at it. A job that fails doesn't stop the others."""
    try:
        with claim(one.name) as claimed:
            if claimed:
                one.work()
            return claimed
    except Exception as error:  # noqa: BLE001  whatever it is, a lost database too: the next job must run
        # Only the kind and the place: the text of a database's error may quote what a person wrote.
        where = traceback.extract_tb(error.__traceback__)[-1]
        log.error("The job %s failed: %s in %s:%s", one.name, type(error).__name__, where.filename, where.lineno)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        return False


def do_all() -> bool:
    """Does each job once; whether all went well."""
    results = [do(one) for one in JOBS.values()]
    return all(results)


def do_in_passing(**kwargs: object) -> None:
    """After a response, what is due: all that a site without a worker needs to stay tidy."""
    if settings.WORK != "inline":
        return
    for one in JOBS.values():
        if one.pause is not None and cache.add(f"job:{one.name}", True, one.pause.total_seconds()):
            do(one)


@contextmanager
def claim(name: str) -> Iterator[bool]:
    """Holds the job for this process. On PostgreSQL many machines may work; SQLite has one, and its own lock."""
    if connection.vendor != "postgresql":
        yield True
        return
    key = zlib.crc32(name.encode()) - 2**31
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, 0)", [key])
        claimed = cursor.fetchone()[0]
    try:
        yield claimed
    finally:
        if claimed and connection.is_usable():  # a lost connection has lost its locks too
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, 0)", [key])
