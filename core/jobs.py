"""Background jobs: small functions that inspect the database and do whatever is missing.

A job is a function in `<app>/jobs.py` decorated with `@job`. It must be idempotent, since it may be killed at any point
and is then run again. `manage.py work` runs each job in a thread of its own, so that none waits for another. With
WORK=inline they run in the web process after a response, except those that contact other sites (`inline=False`): a
visitor's request must neither wait for another site nor cause a request to it.

A job that goes through many rows asks `seconds_left` after each of them whether to go on.
"""

import logging
import math
import threading
import time
import traceback
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

log = logging.getLogger(__name__)

PAUSE = timedelta(minutes=1)  # the default minimum between two runs of a job in the web process
NOTED_EVERY = timedelta(minutes=1)
IN_PASSING = timedelta(seconds=5)  # for all jobs after one response, as the process serves nobody meanwhile

stopping = threading.Event()  # set when this process is to end
_end: ContextVar[float] = ContextVar("end of the job", default=math.inf)  # monotonic seconds

_noted: dict[str, tuple[str, float]] = {}  # name -> problem or "", and when it was noted, in monotonic seconds


@dataclass(frozen=True)
class Job:
    """A registered job: `work` is run each time `every` has passed."""

    name: str
    every: timedelta
    work: Callable[[], object]
    pause: timedelta | None  # minimum between two runs in the web process; None: never run there
    alone: bool  # only one process at a time does it, on all machines together
    each_machine: bool  # one process at a time on each machine, with that machine's own files
    last: bool  # after the others, which may have made work for it

    @property
    def key(self) -> str:
        """One for all processes that should not do it at once, and not at short intervals after responses."""
        return f"{self.name}@{settings.MACHINE}" if self.each_machine and settings.MACHINE else self.name


JOBS: dict[str, Job] = {}


def job(
    *,
    every: timedelta,
    in_passing: timedelta | None = None,
    inline: bool = True,
    alone: bool = True,
    each_machine: bool = False,
    last: bool = False,
) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Registers a function without arguments as a job that is due again after `every`.

    In the web process it runs at most once per `in_passing`, by default `every` but at least PAUSE. With `inline=False`
    it never runs there. With `alone=False` any number of processes may do it at once: it claims each row. With
    `each_machine=True` machines don't wait for each other. Where one job is done after another, `last=True` puts it at
    the end.
    """

    def register(work: Callable[[], object]) -> Callable[[], object]:
        name = f"{work.__module__}.{work.__name__}"
        pause = max(every, PAUSE) if in_passing is None else in_passing
        JOBS[name] = Job(name, every, work, pause if inline else None, alone, each_machine, last)
        return work

    return register


def discover() -> None:
    autodiscover_modules("jobs")


def do(job: Job) -> bool:
    """Runs a job. Returns False if it failed or if another process is running it. Raises nothing."""
    started = time.monotonic()
    try:
        if not job.alone:
            job.work()
        else:
            with claim(job.key) as claimed:
                if not claimed:
                    return False
                job.work()
        note_run(job, time.monotonic() - started)
        return True
    except Exception as error:  # noqa: BLE001  even a lost database must not stop the next job
        # Only the type and the place are logged: the message of a database error may quote personal data.
        where = traceback.extract_tb(error.__traceback__)[-1]
        log.error("The job %s failed: %s in %s:%s", job.name, type(error).__name__, where.filename, where.lineno)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        note_run(job, time.monotonic() - started, type(error).__name__)
        return False


def note_run(job: Job, seconds: float, problem: str = "") -> None:
    """Notes for operators how a job ended: at once if it ended otherwise than before, else once a minute."""
    before, noted_at = _noted.get(job.name, (None, -math.inf))
    if before == problem and time.monotonic() < noted_at + NOTED_EVERY.total_seconds():
        return
    _noted[job.name] = problem, time.monotonic()
    ended = {"failed_at" if problem else "succeeded_at": timezone.now(), "problem": problem, "seconds": seconds}
    from core.models import JobRun  # noqa: PLC0415  models have jobs

    with suppress(Error):  # a lost database has stopped the job, too
        JobRun.objects.update_or_create(name=job.name, defaults=ended)


def in_order() -> list[Job]:
    return sorted(JOBS.values(), key=lambda job: job.last)


def do_all() -> bool:
    """Runs each job once. Returns whether all succeeded."""
    results = [do(job) for job in in_order()]
    return all(results)


def do_in_passing(**kwargs: object) -> None:
    """Runs the due jobs after a response, if WORK=inline: sites without a worker need nothing else."""
    if settings.WORK != "inline":
        return
    with within(IN_PASSING):
        for job in in_order():
            if job.pause is not None and cache.add(f"job:{job.key}", True, job.pause.total_seconds()):
                do(job)


@contextmanager
def within(period: timedelta) -> Iterator[None]:
    """Gives this block a deadline, to which `seconds_left` counts down."""
    token = _end.set(min(_end.get(), time.monotonic() + period.total_seconds()))
    try:
        yield
    finally:
        _end.reset(token)


def seconds_left() -> float:
    """How long the current job may go on: without limit in a worker, until it is told to stop."""
    return 0 if stopping.is_set() else max(0, _end.get() - time.monotonic())


@contextmanager
def claim(name: str, number: int = 0) -> Iterator[bool]:
    """Locks a job, or the row with that number, for this process. Yields whether it got the lock.

    On PostgreSQL several machines may run jobs, so it takes an advisory lock, which a killed process releases.
    SQLite has one machine and locks itself.
    """
    if connection.vendor != "postgresql":
        yield True
        return
    key = [zlib.crc32(name.encode()) - 2**31, number % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        claimed = cursor.fetchone()[0]
    try:
        yield claimed
    finally:
        if claimed and connection.is_usable():  # a lost connection has released its locks
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
