"""The worker as it runs in production: a process of its own that loops until it is told to stop."""

import signal
import time

import pytest
from post_office.models import STATUS, Email

from core import mail
from tests.core.concurrency import SECONDS, database_url, run, start


@pytest.fixture
def production(settings):
    settings.WORK = "worker"
    return {
        "SECRET_KEY": settings.SECRET_KEY,
        "ALLOWED_HOSTS": "testserver",
        "DATABASE_URL": database_url(),
        "WORK": "worker",
    }


def queue():
    mail.queue("privacy/your_link", {"link": "http://testserver/x/"}, to="anh@example.com", language="en")


def wait_until_all_are_sent():
    end = time.monotonic() + SECONDS
    while Email.objects.exclude(status=STATUS.sent).exists():
        assert time.monotonic() < end, "the worker sends nothing"
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stop", [signal.SIGTERM])
def test_worker_sends_what_comes_and_stops_when_told(production, stop):
    queue()
    with start(["manage.py", "work"], **production) as worker:
        try:
            wait_until_all_are_sent()
            worker.send_signal(stop)
            out, err = worker.communicate(timeout=SECONDS)
        finally:
            worker.kill()

    assert (worker.returncode, err) == (0, "")
    assert out.count("To: anh@example.com") == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_worker_once_does_what_there_is_and_ends(production):
    queue()

    worked = run(["manage.py", "work", "--once"], **production)

    assert (worked.returncode, worked.stderr) == (0, "")
    assert worked.stdout.count("To: anh@example.com") == 1
    assert list(Email.objects.values_list("status", flat=True)) == [STATUS.sent]


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite:////nowhere/db.sqlite3", "postgres://nobody@127.0.0.1:1/nothing"])
def test_worker_outlives_its_database(checkout, database):
    """A database that restarts must not take the worker with it, which nobody might start again."""
    variables = {"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "testserver", "DATABASE_URL": database}
    with start(["manage.py", "work"], cwd=checkout, **variables) as worker:
        try:
            lines = [worker.stderr.readline()]
            while lines[-1] and "sweep_hobbies failed" not in lines[-1]:  # the last job that needs it
                lines.append(worker.stderr.readline())
            worker.send_signal(signal.SIGTERM)
            worker.communicate(timeout=SECONDS)
        finally:
            worker.kill()

    assert len([line for line in lines if line.startswith("ERROR core.jobs: The job ")]) >= 2
    assert worker.returncode == 0
