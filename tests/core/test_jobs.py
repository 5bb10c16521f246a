from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from core import jobs
from core.jobs import JOBS, job
from tests.core.concurrency import at_once

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_jobs_of_all_apps_are_found():
    assert sorted(JOBS) == [
        "core.kept_pages.versions.sum_up",
        "core.mail.deliver_due",
        "core.moderation.settle_decisions",
        "pageant.jobs.ask_for_lost_photos",
        "pageant.jobs.check_files",
        "pageant.jobs.make_reports",
        "pageant.jobs.publish_approved",
        "pageant.jobs.sweep_hobbies",
        "privacy.jobs.close_days",
        "privacy.jobs.load_audience",
        "privacy.jobs.load_visits",
        "privacy.jobs.log_erasures",
        "privacy.jobs.name_digest_keys",
        "privacy.jobs.purge_old",
        "suggestions.jobs.check_links",
    ]


@pytest.fixture
def done(no_jobs):
    """Two jobs that write down that they were done; between them one that fails, of which `fail` holds the error."""
    done = []
    done_by = {}

    @job(every=timedelta(hours=1))
    def first():
        done.append("first")

    @job(every=timedelta(hours=1))
    def second():
        if "error" in done_by:
            raise done_by["error"]
        done.append("second")

    @job(every=timedelta(seconds=5))
    def third():
        done.append("third")

    done_by["done"] = done
    return done_by


@pytest.mark.django_db
def test_all_jobs_are_done_once(done):
    assert jobs.do_all() is True
    assert done["done"] == ["first", "second", "third"]


@pytest.mark.django_db
@pytest.mark.parametrize("error", [RuntimeError("broken"), OSError("disk full"), KeyError("x")])
def test_job_that_fails_does_not_stop_the_others(done, caplog, error):
    done["error"] = error

    assert jobs.do_all() is False

    assert done["done"] == ["first", "third"]
    (record,) = caplog.records
    assert record.getMessage().startswith(f"The job {__name__}.second failed: {type(error).__name__} in ")


@pytest.mark.django_db
def test_work_once_does_each_job_and_ends(done):
    call_command("work", "--once")

    assert done["done"] == ["first", "second", "third"]


@pytest.mark.django_db
def test_work_once_fails_when_a_job_fails(done):
    done["error"] = RuntimeError("broken")

    with pytest.raises(SystemExit) as stopped:
        call_command("work", "--once")

    assert stopped.value.code == 1
    assert done["done"] == ["first", "third"]


@pytest.mark.django_db
def test_jobs_are_done_after_a_response_without_a_worker(done, client, settings):
    settings.WORK = "inline"

    client.get("/robots.txt")

    assert done["done"] == ["first", "second", "third"]


@pytest.mark.django_db
def test_jobs_are_left_to_the_worker(done, client, settings):
    settings.WORK = "worker"

    client.get("/robots.txt")

    assert done["done"] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("seconds", "again"),
    [(0, []), (30, []), (59, []), (61, ["third"]), (3599, ["third"]), (3601, ["first", "second", "third"])],
)
def test_jobs_in_passing_wait_for_their_time_and_a_minute_at_least(done, client, time_machine, seconds, again):
    time_machine.move_to(NOON, tick=False)
    client.get("/robots.txt")
    done["done"].clear()

    time_machine.move_to(NOON + timedelta(seconds=seconds), tick=False)
    client.get("/robots.txt")

    assert done["done"] == again


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "again"), [(0, []), (1, []), (3, ["quick"])])
def test_job_may_be_done_in_passing_more_often(no_jobs, client, time_machine, seconds, again):
    done = []

    @job(every=timedelta(seconds=5), in_passing=timedelta(seconds=2))
    def quick():
        done.append("quick")

    time_machine.move_to(NOON, tick=False)
    client.get("/robots.txt")
    done.clear()

    time_machine.move_to(NOON + timedelta(seconds=seconds), tick=False)
    client.get("/robots.txt")

    assert done == again


@pytest.mark.django_db
def test_job_that_fails_in_passing_harms_no_visitor(done, client):
    done["error"] = RuntimeError("broken")

    assert client.get("/robots.txt").status_code == 200
    assert done["done"] == ["first", "third"]


@pytest.mark.django_db(transaction=True)
def test_job_that_another_process_does_is_left_alone_on_postgresql():
    """On SQLite, which has one machine, nobody is kept out: the jobs themselves stand a race."""
    with jobs.claim("x.job") as mine:
        (theirs,) = at_once(lambda: try_to_claim("x.job"))
        (other,) = at_once(lambda: try_to_claim("x.other"))
    (after,) = at_once(lambda: try_to_claim("x.job"))

    assert (mine, theirs, other, after) == (True, connection.vendor != "postgresql", True, True)


@pytest.mark.django_db(transaction=True)
def test_job_is_free_again_after_it_failed(done):
    done["error"] = RuntimeError("broken")
    jobs.do_all()

    (free,) = at_once(lambda: try_to_claim(f"{__name__}.second"))

    assert free is True


def try_to_claim(name):
    with jobs.claim(name) as claimed:
        return claimed
