"""Pages for what went wrong, in the visitor's language."""

import errno
import json
import re

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.test import Client, RequestFactory
from django.utils import translation

from core.http import errors
from tests.core.concurrency import run
from tests.pageant.factories import make_pageant


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.fixture(autouse=True)
def broken(settings):
    settings.ROOT_URLCONF = "tests.core.broken_urls"


def too_often(client, prefix):
    for _ in range(3):
        client.post(f"{prefix}/privacy/you/", {"email": "anh@example.com"})
    return client.post(f"{prefix}/privacy/you/", {"email": "anh@example.com"})


WAYS = {
    "NUL byte": (400, lambda client, prefix: client.get(f"{prefix}/?q=%00")),
    "cursor": (400, lambda client, prefix: client.get(f"{prefix}/pageants/faces/?" + "x=1&" * 1000)),
    "host": (400, lambda client, prefix: client.get(f"{prefix}/", headers={"host": "evil.example"})),
    "permission": (403, lambda client, prefix: client.get(f"{prefix}/forbidden/")),
    "origin": (403, lambda client, prefix: client.post(f"{prefix}/privacy/you/", headers={"origin": "null"})),
    "address": (404, lambda client, prefix: client.get(f"{prefix}/nothing/")),
    "pageant": (404, lambda client, prefix: client.get(f"{prefix}/pageants/nothing/")),
    "link": (404, lambda client, prefix: client.get(f"{prefix}/privacy/you/nothing/")),
    "body": (
        413,
        lambda client, prefix: client.generic("POST", f"{prefix}/privacy/you/", CONTENT_LENGTH="99999999999"),
    ),
    "too often": (429, too_often),
    "database": (503, lambda client, prefix: client.get(f"{prefix}/without-database/")),
    "disk": (503, lambda client, prefix: client.post(f"{prefix}/without-room/")),
    "storage": (503, lambda client, prefix: client.post(f"{prefix}/without-storage/")),
    "view": (500, lambda client, prefix: client.get(f"{prefix}/broken/")),
    "query": (500, lambda client, prefix: client.get(f"{prefix}/broken-query/")),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("prefix", "language"), [("", "en"), ("/vi", "vi")])
@pytest.mark.parametrize("way", WAYS)
def test_error_page_speaks_the_visitors_language(client, prefix, language, way):
    make_pageant(slug="faces")
    status, ask = WAYS[way]

    response = ask(client, prefix)

    html = response.content.decode()
    assert response.status_code == status
    assert re.findall(r'<html lang="(\w+)">', html) == [language]
    assert re.findall(r'<a class="brand" href="([^"]*)"', html) == [f"{prefix}/"]
    assert html.count("<h1>") == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "way", ["NUL byte", "host", "permission", "origin", "address", "body", "too often", "view", "query"]
)
def test_error_page_tells_nothing_about_the_inside(client, way):
    html = WAYS[way][1](client, "").content.decode()

    assert [
        word
        for word in ("Traceback", "RuntimeError", "no_such_table", "Django", "django", "/work", "evil.example")
        if word in html
    ] == []


@pytest.mark.parametrize(
    "way", ["NUL byte", "permission", "origin", "address", "body", "database", "disk", "storage", "view"]
)
def test_error_page_asks_the_database_nothing(client, way, settings):
    """pytest-django stops whoever would ask it in a test without `db`."""
    settings.WORK = "worker"
    status, ask = WAYS[way]

    assert ask(client, "/vi").status_code == status


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1, "Please try again in 1 minutes."),
        (60, "Please try again in 1 minutes."),
        (61, "Please try again in 2 minutes."),
        (59 * 60, "Please try again in 59 minutes."),
        (59 * 60 + 1, "Please try again in 1 hours."),
        (3600, "Please try again in 1 hours."),
        (3601, "Please try again in 2 hours."),
        (6 * 3600, "Please try again in 6 hours."),
    ],
)
def test_wait_is_told_in_whole_minutes_or_hours(seconds, text):
    with translation.override("en"):
        # One minute, two minutes: the number is what counts, whatever the plural's form.
        assert re.sub(r"(minute|hour)\b", r"\1s", str(errors.too_many_text(seconds))) == text


@pytest.mark.parametrize("seconds", [1, 61, 21600])
def test_too_many_tells_machines_the_seconds(seconds):
    assert errors.too_many(RequestFactory().get("/"), seconds)["Retry-After"] == str(seconds)


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "//evil.example/nothing/",
        "/\\evil.example/",
        "///evil.example",
        "/vi//evil.example/",
        "/vi\\evil.example",
    ],
)
def test_error_page_links_to_no_other_host(client, path):
    html = client.get("/", PATH_INFO=path).content.decode()

    assert re.findall(r'(?:href|action)="(?:https?:)?[/\\]{2}(?!testserver)[^"]*"', html) == []


class Cause(Exception):
    """A driver's error, with one of its codes."""

    def __init__(self, **codes):
        vars(self).update(codes)


def caused(error, **codes):
    error.__cause__ = Cause(**codes)
    return error


@pytest.mark.parametrize(
    ("error", "is_full", "is_away"),
    [
        (caused(OperationalError(), pgcode=None), False, True),
        (caused(OperationalError(), pgcode="57P01"), False, True),
        (caused(OperationalError(), pgcode="53100"), True, True),
        (caused(OperationalError(), sqlite_errorname="SQLITE_BUSY"), False, True),
        (caused(OperationalError(), sqlite_errorname="SQLITE_FULL"), True, True),
        (caused(OperationalError(), sqlite_errorname="SQLITE_ERROR"), False, False),
        (InterfaceError("connection already closed"), False, True),
        (ProgrammingError(), False, False),
        (OSError(errno.ENOSPC, "x"), True, False),
        (OSError(errno.EDQUOT, "x"), True, False),
        (FileNotFoundError(errno.ENOENT, "x"), False, False),
        (None, False, False),
    ],
)
def test_faults_of_database_and_disk_are_told_from_mistakes(error, is_full, is_away):
    assert (errors.is_disk_full(error), errors.is_database_away(error)) == (is_full, is_away)


@pytest.mark.parametrize(
    ("path", "seconds"), [("without-database", "10"), ("without-room", "300"), ("without-storage", "10")]
)
def test_what_was_not_taken_can_be_sent_again(client, path, seconds):
    asked, sent = client.get(f"/{path}/"), client.post(f"/{path}/")

    assert [asked["Retry-After"], sent["Retry-After"]] == [seconds] * 2
    words = "most browsers still have what you typed"
    assert (words in asked.content.decode(), words in sent.content.decode()) == (False, True)


GONE = """
import json, django
import vietmusic.settings as settings
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
django.setup()
from django.test import Client
client = Client(raise_request_exception=False)
answers = {}
addresses = "/ /vi/ /healthz /readyz /pageants/x/ /privacy/you/x/ /nothing/ /robots.txt /admin/"
for address in addresses.split():
    response = client.get(address)
    answers[address] = [response.status_code, response.content.decode()]
print(json.dumps(answers))
"""
DATABASES = {"SQLite": "sqlite:////nowhere/db.sqlite3", "PostgreSQL": "postgres://nobody@127.0.0.1:1/nothing"}


@pytest.mark.slow
@pytest.mark.parametrize("work", ["inline", "worker"])
@pytest.mark.parametrize("database", DATABASES)
def test_site_without_its_database_says_so_politely(checkout, database, work):
    variables = {"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "testserver", "SITE_URL": "http://testserver", "WORK": work}
    variables["DJANGO_SETTINGS_MODULE"] = "vietmusic.settings"

    answer = run(["-c", GONE], cwd=checkout, DATABASE_URL=DATABASES[database], **variables)

    assert answer.returncode == 0, answer.stderr
    answers = json.loads(answer.stdout)
    assert {address: status for address, (status, _html) in answers.items()} == {
        "/": 503,
        "/vi/": 503,
        "/healthz": 503,
        "/readyz": 503,
        "/pageants/x/": 503,
        "/privacy/you/x/": 503,
        "/nothing/": 404,
        "/robots.txt": 200,
        "/admin/": 302,
    }
    assert "<h1>Back in a moment</h1>" in answers["/"][1]
    assert '<html lang="vi">' in answers["/vi/"][1]
