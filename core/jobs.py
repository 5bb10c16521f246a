"""Background jobs: small functions that inspect the database and do whatever is missing.

A job is a function in `<app>/jobs.py` decorated with `@job`. It must be idempotent, since it may be killed at any point
and is then run again. `manage.py work` runs all jobs in a loop. With WORK=inline they run in the web process after a
response, except those that contact other sites (`inline=False`): a visitor's request must neither wait for another
site nor cause a request to it.
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

PAUSE = timedelta(minutes=1)  # the default minimum between two runs of a job in the web process


@dataclass(frozen=True)
class Job:
    """A registered job: `work` is run each time `every` has passed."""

    name: str
    every: timedelta
    work: Callable[[], object]
    pause: timedelta | None  # minimum between two runs in the web process; None: never run there


JOBS: dict[str, Job] = {}


def job(
    *, every: timedelta, in_passing: timedelta | None = None, inline: bool = True
) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Registers a function without arguments as a job that is due again after `every`.

    In the web process it runs at most once per `in_passing`, by default `every` but at least PAUSE. With `inline=False`
    it never runs there.
    """

    def register(work: Callable[[], object]) -> Callable[[], object]:
        name = f"{work.__module__}.{work.__name__}"
        pause = max(every, PAUSE) if in_passing is None else in_passing
        JOBS[name] = Job(name, every, work, pause if inline else None)
        return work

    return register


def discover() -> None:
    autodiscover_modules("jobs")


def do(job: Job) -> bool:
    """Runs a job. Returns False if it failed or if another process is running it. Raises nothing."""
    try:
        with claim(job.name) as claimed:
            if claimed:
                job.work()
            return claimed
    except Exception as error:  # noqa: BLE001  even a lost database must not stop the next job
        # Only the type and the place are logged: the message of a database error may quote personal data.
        where = traceback.extract_tb(error.__traceback__)[-1]
        log.error("The job %s failed: %s in %s:%s", job.name, type(error).__name__, where.filename, where.lineno)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        return False


def do_all() -> bool:
    """Runs each job once. Returns whether all succeeded."""
    results = [do(job) for job in JOBS.values()]
    return all(results)


def do_in_passing(**kwargs: object) -> None:
    """Runs the due jobs after a response, if WORK=inline: sites without a worker need nothing else."""
    if settings.WORK != "inline":
        return
    for job in JOBS.values():
        if job.pause is not None and cache.add(f"job:{job.name}", True, job.pause.total_seconds()):
            do(job)


@contextmanager
def claim(name: str) -> Iterator[bool]:
    """Locks a job for this process. Yields whether it got the lock.

    On PostgreSQL several machines may run jobs, so it takes an advisory lock. SQLite has one machine and locks itself.
    """
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
        if claimed and connection.is_usable():  # a lost connection has released its locks
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, 0)", [key])
