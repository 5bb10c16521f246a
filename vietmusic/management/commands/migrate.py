"""`manage.py migrate`, by one machine at a time: one that comes second waits, and finds nothing to do."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections

KEY = int.from_bytes(b"migrate", "big")  # of an advisory lock, which each database of a server has for itself
WAIT = 15 * 60  # seconds; an index on a million rows takes minutes
PAUSE = 0.5  # seconds between two tries


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--wait",
            type=int,
            default=WAIT,
            metavar="SECONDS",
            help=f"how long to wait while another process migrates the same PostgreSQL database; {WAIT} by default",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["plan"] or options["check_unapplied"]:  # which change nothing
            super().handle(*args, **options)
            return
        with self.alone(options["database"], options["wait"]):
            super().handle(*args, **options)

    @contextmanager
    def alone(self, database: str, wait: int) -> Iterator[None]:
        """Holds a lock in a connection of its own, which goes with a process that is killed.

        CREATE INDEX CONCURRENTLY waits for the transactions of all others, so this one is never in any. Nor may the
        next process wait in the database for the lock: its statement would be one.
        """
        connection = connections[database].copy()
        if connection.vendor != "postgresql":  # SQLite has one machine and locks itself
            yield
            return
        connection.settings_dict["OPTIONS"]["keepalives_idle"] = (
            60  # seconds, or a firewall may forget a long migration
        )
        try:
            with connection.cursor() as cursor:
                self.take_turn(cursor, wait)
            yield
        finally:
            connection.close()

    def take_turn(self, cursor: Any, wait: int) -> None:
        if has_locked(cursor):
            return
        if wait:
            self.stderr.write("Another process migrates this database: waiting for it.")
        end = time.monotonic() + wait
        while time.monotonic() < end:
            time.sleep(PAUSE)
            if has_locked(cursor):
                return
        raise CommandError(f"Nothing was migrated: another process has been at it for {wait} seconds. Try again.")


def has_locked(cursor: Any) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s)", [KEY])
    return bool(cursor.fetchone()[0])
