"""The worker: `manage.py work`."""

import signal
import time

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from core import jobs


class Command(BaseCommand):
    help = "Loops over the jobs: sends mail, publishes approved entries, sweeps what is left over."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do each job once and end")

    def handle(self, *args: object, once: bool, **options: object) -> None:
        if once:
            if not jobs.do_all():
                raise SystemExit(1)
            return
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "stopping", True))
        self.loop()

    stopping = False

    def loop(self) -> None:
        due = dict.fromkeys(jobs.JOBS, 0.0)  # name of a job -> monotonic seconds
        while not self.stopping:
            now = time.monotonic()
            for name, job in jobs.JOBS.items():
                if due[name] <= now and not self.stopping:
                    jobs.do(job)
                    due[name] = time.monotonic() + job.every.total_seconds()
            close_old_connections()
            time.sleep(1)
