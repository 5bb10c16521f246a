"""The worker: `manage.py work`."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections, connections

from core import jobs
from core.jobs import Job

SELDOM = timedelta(minutes=1)  # a job that rests for so long needs no connection to the database meanwhile
TO_END = timedelta(seconds=8)  # for all jobs together, once the worker is told to stop


class Command(BaseCommand):
    help = "Loops over the jobs: sends mail, publishes approved entries, sweeps what is left over."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do each job once, one after another, and end")

    def handle(self, *args: object, once: bool, **options: object) -> None:
        if not once:
            work_until_told_to_stop()
        elif not jobs.do_all():
            raise SystemExit(1)


def work_until_told_to_stop() -> None:
    """Does each job in a thread of its own, so that a mail server that hangs holds up nothing but mails."""
    threads = [threading.Thread(target=repeat, args=[job], name=job.name, daemon=True) for job in jobs.JOBS.values()]
    with suppress(KeyboardInterrupt):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        for thread in threads:
            thread.start()
        while True:
            signal.pause()
    jobs.stopping.set()
    if not ended(threads, TO_END):
        # What hangs is cut off, as if killed: its transaction is rolled back, and each job is done again anyway.
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)


def repeat(job: Job) -> None:
    while not jobs.stopping.is_set():
        jobs.do(job)
        if job.every >= SELDOM:
            connections.close_all()
        else:
            close_old_connections()
        jobs.stopping.wait(job.every.total_seconds())
    connections.close_all()


def ended(threads: Iterable[threading.Thread], within: timedelta) -> bool:
    """Waits for the threads. Returns whether all have ended in time."""
    end = time.monotonic() + within.total_seconds()
    for thread in threads:
        if thread.ident is not None:  # else the stop came before its start
            thread.join(max(0, end - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)
