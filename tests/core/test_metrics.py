"""What /metrics tells, and whom."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import Error
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from core import jobs, readiness
from core.jobs import job
from core.metrics import families
from core.metrics.page import PATH
from core.metrics.requests import BUCKETS, OTHER, OUTCOME, VIEW, CountsRequests, Requests, all_names, requests
from core.metrics.shared import SharedNumbers
from core.models import JobRun
from core.moderation import Status
from pageant.models import Entry
from tests.core.concurrency import ROOT
from tests.pageant.factories import make_entry

QUERIES = 10
TOKEN = "t0ken-" + "x" * 30
HERE = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000"}


def samples(response) -> dict[tuple, float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


# Who may ask


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("environ", "status"),
    [
        (HERE, 200),
        (HERE | {"REMOTE_ADDR": "::1", "HTTP_HOST": "[::1]:8000"}, 200),
        (HERE | {"REMOTE_ADDR": "::ffff:127.0.0.1", "HTTP_HOST": "localhost"}, 200),
        (HERE | {"HTTP_HOST": "testserver"}, 404),  # a proxy on this machine that adds nothing, or a page in a browser
        (HERE | {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        (HERE | {"HTTP_X_FORWARDED_PROTO": "https"}, 404),
        (HERE | {"HTTP_FORWARDED": "for=127.0.0.1"}, 404),
        (HERE | {"HTTP_VIA": "1.1 proxy"}, 404),
        (HERE | {"REMOTE_ADDR": "10.0.0.7"}, 404),
        ({"REMOTE_ADDR": "10.0.0.7"}, 404),
        ({"REMOTE_ADDR": ""}, 404),
        ({"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}, 200),
        ({"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": f"Bearer {TOKEN}", "HTTP_HOST": "web-a:8000"}, 200),
        ({"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": f"bearer {TOKEN}"}, 404),
        ({"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": TOKEN}, 404),
        ({"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": "Bearer đ\udcff"}, 404),
        ({"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": "Bearer "}, 404),
    ],
)
def test_metrics_are_for_this_machine_and_those_with_the_token(client, settings, environ, status):
    settings.METRICS_TOKEN = TOKEN
    settings.ALLOWED_HOSTS = ["testserver", "127.0.0.1"]

    assert client.get(PATH, **environ).status_code == status


@pytest.mark.django_db
def test_without_a_token_nobody_has_one(client, settings):
    settings.METRICS_TOKEN = ""

    for given in ("Bearer ", "Bearer", ""):
        assert client.get(PATH, REMOTE_ADDR="10.0.0.7", HTTP_AUTHORIZATION=given).status_code == 404


@pytest.mark.django_db
def test_whoever_may_not_see_metrics_gets_what_any_unknown_address_gets(client):
    refused, unknown = (client.get(path, REMOTE_ADDR="10.0.0.7") for path in (PATH, "/metricz"))

    assert refused.content == unknown.content.replace(b"metricz", b"metrics")
    assert client.post(PATH, **HERE).status_code == client.post("/metricz").status_code


# What they tell


@pytest.mark.django_db
def test_metrics_are_those_of_the_guide(client, monkeypatch):
    monkeypatch.setattr(jobs, "_noted", {})
    jobs.note_run(jobs.JOBS["core.mail.deliver_due"], 0.1)
    jobs.note_run(jobs.JOBS["core.mail.deliver_due"], 0.1, "ValueError")
    requests().count("home", 200, 0.1)
    found = {
        (family.name + ("_total" if family.type == "counter" else "_info" if family.type == "info" else ""),
         family.type, " ".join(sorted({label for sample in family.samples for label in sample.labels} - {"le"})),
         family.documentation)
        for collect in (*families.OF_PROCESS, *families.OF_DATABASE)
        for family in collect()
    }  # fmt: skip
    client.get("/")

    rows = re.findall(
        r"^\| `(\w+)` \| (\w+) \| (.*?) \| (.+) \|$", (ROOT / "docs" / "metrics.md").read_text(), re.MULTILINE
    )
    told = {(name, kind, " ".join(sorted(re.findall(r"\w+", labels))), text) for name, kind, labels, text in rows}
    assert found == told
    assert {name for name, *_labels in samples(client.get(PATH, **HERE))} >= {"vietmusic_ready", "vietmusic_build_info"}


@pytest.mark.django_db
def test_asking_sets_no_cookie_is_not_cached_and_is_no_visit(client, settings):
    client.get(PATH, **HERE)  # from now on all is loaded
    before = {path: path.stat().st_size for path in Path(settings.VISIT_SPOOL).glob("*")}
    response = client.get(PATH, **HERE)

    assert (response.cookies, response["Cache-Control"]) == ({}, "no-store")
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    assert {path: path.stat().st_size for path in Path(settings.VISIT_SPOOL).glob("*")} == before


@pytest.mark.django_db
def test_queues_tell_how_many_wait_and_for_how_long_in_as_many_queries(client, django_assert_num_queries):
    with django_assert_num_queries(QUERIES):
        empty = samples(client.get(PATH, **HERE))
    for hours in (1, 5):
        entry = make_entry(status=Status.WAITING)
        Entry.objects.filter(pk=entry.pk).update(moved_at=timezone.now() - timedelta(hours=hours))
    with django_assert_num_queries(QUERIES):
        response = client.get(PATH, **HERE)

    full = samples(response)
    queue = "entries to decide on"
    assert (empty["vietmusic_queue_length", queue], empty["vietmusic_queue_oldest_seconds", queue]) == (0, 0)
    assert full["vietmusic_queue_length", queue] == 2
    assert round(full["vietmusic_queue_oldest_seconds", queue], -2) == 5 * 3600
    assert entry.email.encode() not in response.content


@pytest.mark.django_db
def test_database_that_is_away_leaves_what_the_process_knows(client, monkeypatch):
    def broken():
        raise Error
        yield

    monkeypatch.setattr("core.metrics.page.OF_DATABASE", (broken,))
    monkeypatch.setattr(readiness.READINESS, "problems", lambda: ["database: failed (OperationalError)"])
    told = samples(client.get(PATH, **HERE))

    assert (told["vietmusic_ready", "database"], told["vietmusic_ready", "cache"]) == (0, 1)
    assert "vietmusic_database_seconds" not in {name for name, *_ in told}


# Jobs


@pytest.mark.django_db
def test_job_is_noted_when_it_ends_otherwise_than_before_and_else_once_a_minute(no_jobs, monkeypatch):
    monkeypatch.setattr(jobs, "_noted", {})
    ends = []

    @job(every=timedelta(seconds=5))
    def counting():
        if ends.pop(0):
            raise ValueError("anh@example.com")

    one = next(iter(jobs.JOBS.values()))
    seen = []
    for end in (0, 0, 1, 1, 0):
        ends.append(end)
        jobs.do(one)
        run = JobRun.objects.get()
        seen.append((run.problem, run.succeeded_at, run.failed_at))

    assert [problem for problem, *_ in seen] == ["", "", "ValueError", "ValueError", ""]
    assert seen[0] == seen[1]
    assert seen[2] == seen[3]
    assert seen[4][1] > seen[0][1]
    monkeypatch.setattr(jobs, "NOTED_EVERY", timedelta(0))
    ends.append(0)
    jobs.do(one)
    assert JobRun.objects.get().succeeded_at > seen[4][1]


# Counting


@pytest.fixture
def counting():
    """Requests of two views, and a WSGI application around one that names its view as the environ has it."""
    counted = Requests(["home", "gallery", OTHER])

    def application(environ, start_response):
        environ[VIEW], environ[OUTCOME] = environ["view"], environ.get("kept")
        start_response(environ["status"], [])
        return []

    return counted, CountsRequests(application, counted)


def test_requests_are_counted_by_view_status_duration_and_outcome(counting):
    counted, application = counting
    for view, status, kept in [
        ("home", "200 OK", "hit"),
        ("home", "304 Not Modified", "hit"),
        ("odd", "500 Oops", None),
    ]:
        application({"view": view, "status": status, "kept": kept}, lambda *args: None)
    counted.count("gallery", 200, 0.03)

    views, outcomes = counted.counted()
    assert [(one.view, {status: n for status, n in one.by_status.items() if n}) for one in views] == [
        ("home", {"2xx": 1, "3xx": 1}),
        ("gallery", {"2xx": 1}),
        (OTHER, {"5xx": 1}),
    ]
    assert outcomes == {"hit": 2, "filled": 0, "made": 0}
    assert views[1].seconds == 0.03
    assert families.cumulative(views[1].by_bucket) == [
        (bound, 1.0 if bound == "+Inf" or float(bound) >= 0.03 else 0.0) for bound in [*map(str, BUCKETS), "+Inf"]
    ]


def test_what_names_no_view_is_not_counted(counting):
    counted, application = counting
    application({"view": "", "status": "200 OK"}, lambda *args: None)

    assert counted.counted()[0] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "home"),
        ("/vi/", "home"),
        ("/pageants/", "pageant:pageants"),
        ("/pageants/nowhere/", "pageant:pageant"),
        ("/healthz", "healthz"),
        ("/privacy/you/secret-token/", "own"),
        ("/vi/privacy/you/secret-token/entries/1/", "own"),
        ("/admin/pageant/entry/", "admin"),
        ("/nowhere/", OTHER),
        ("/static/nothing.css", "static"),
    ],
)
def test_view_is_named_without_what_was_asked_for(client, path, name):
    assert client.get(path).wsgi_request.META[VIEW] == name
    assert name in all_names()


def test_forks_count_together_and_lose_nothing():
    numbers = SharedNumbers(2)
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            for _time in range(500):
                numbers.add([(0, 1), (1, 0.5)])
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)

    assert numbers.read()[:2] == [2000, 1000]
