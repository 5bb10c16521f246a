"""Two machines that migrate at once: the second waits for the first, and then finds nothing to do."""

import subprocess
from contextlib import nullcontext

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from tests.core.concurrency import SECONDS, database_url, start
from vietmusic.management.commands.migrate import Command

pytestmark = pytest.mark.django_db(transaction=True)

WAITING = "Another process migrates this database: waiting for it.\n"
GIVEN_UP = r"^Nothing was migrated: another process has been at it for 0 seconds\. Try again\.$"
LAST = "core", "0002_mail_server"


def migrate_here():
    """As long as it lasts, this process is one that migrates."""
    return Command().alone("default", wait=0)


@pytest.fixture
def production(settings):
    return {"SECRET_KEY": settings.SECRET_KEY, "ALLOWED_HOSTS": "testserver", "DATABASE_URL": database_url()}


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def make_index():
    execute(f"SET statement_timeout = '{SECONDS}s'")
    execute("CREATE INDEX CONCURRENTLY test_index ON core_pageversion (topic, number)")
    execute("RESET statement_timeout")
    execute("DROP INDEX test_index")


def test_machine_that_comes_second_waits_and_finds_nothing_to_do(production):
    applied = MigrationRecorder(connection)
    applied.record_unapplied(*LAST)
    with start(["manage.py", "migrate"], **production) as second:
        try:
            with migrate_here():
                if connection.vendor == "postgresql":
                    assert second.stderr.readline() == WAITING
                    make_index()  # which doesn't wait for those who wait
                    with pytest.raises(subprocess.TimeoutExpired):
                        second.wait(0.6)
                applied.record_applied(*LAST)
            out, err = second.communicate(timeout=SECONDS)
        finally:
            second.kill()

    assert (second.returncode, err) == (0, "")
    assert "No migrations to apply." in out


def test_machine_that_has_waited_too_long_says_so_in_one_line():
    with migrate_here():
        call_command("migrate", "--check", verbosity=0)  # changes nothing, so it needn't wait
        refused = pytest.raises(CommandError, match=GIVEN_UP) if connection.vendor == "postgresql" else nullcontext()
        with refused:
            call_command("migrate", wait=0, verbosity=0)
