"""What reaches the log: everything that breaks, but never the token in the address of a person's own page."""

import io
import logging
import sys

import pytest
from django.test import Client

from core.log_redaction import FormatterWithoutTokens

TOKEN = "x7Jq-_0aVbQd3kLmN9pRsTuWyZ2cEfGhIjKoPx8-SdF"  # as long and of the same letters as real ones


@pytest.fixture
def written(monkeypatch):
    """What the site's own handler writes."""
    (handler,) = [
        h
        for h in logging.getLogger().handlers
        if any(type(f).__module__ == "core.log_redaction" for f in [*h.filters, h.formatter])
    ]
    stream = io.StringIO()
    monkeypatch.setattr(handler, "stream", stream)
    return stream


@pytest.fixture
def client(settings):
    settings.ROOT_URLCONF = "tests.core.broken_urls"
    return Client(raise_request_exception=False)


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", ["", "/vi"])
@pytest.mark.parametrize(
    ("address", "method", "status"),
    [
        ("/privacy/you/{}/", "GET", 404),
        ("/privacy/you/{}/", "PUT", 405),
        ("/privacy/you/{}/nothing/", "GET", 404),
        ("/privacy/you/{}/entries/0123/edit/", "GET", 404),
        ("/privacy/you/{}/entries/0123/edit/", "PUT", 404),
        ("/privacy/you/{}/entries/%00/edit/", "GET", 400),
        ("/privacy/you/{}/broken/", "GET", 500),
    ],
)
def test_token_never_reaches_the_log(client, written, prefix, address, method, status):
    response = client.generic(method, prefix + address.format(TOKEN))

    assert response.status_code == status
    assert TOKEN not in written.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("/privacy/you/{}/nothing/", "WARNING django.request: Not Found: /privacy/you/…/nothing/"),
        ("/privacy/you/{}/broken/", "ERROR django.request: Internal Server Error: /privacy/you/…/broken/"),
        ("/nothing/", "WARNING django.request: Not Found: /nothing/"),
    ],
)
def test_log_tells_where_it_happened_without_the_token(client, written, address, line):
    client.get(address.format(TOKEN))

    assert line in written.getvalue().splitlines()


@pytest.mark.django_db
def test_log_tells_what_broke(client, written):
    client.get("/broken/")

    lines = written.getvalue().splitlines()
    assert lines[:2] == ["ERROR django.request: Internal Server Error: /broken/", "Traceback (most recent call last):"]
    assert lines[-1] == "RuntimeError: No idea what to do at /broken/"


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("GET /privacy/you/%s/ HTTP/1.1", (TOKEN,)),
        ("%s", (f"/vi/privacy/you/{TOKEN}/entries/",)),
        (f"http://testserver/privacy/you/{TOKEN}", ()),
        ('"%s" %s %s', (f"GET /privacy/you/{TOKEN}/ HTTP/1.1", "200", "512")),
        (f"first\n/privacy/you/{TOKEN}/\n/privacy/you/{TOKEN}/", ()),
        ("100% of /privacy/you/" + TOKEN, ()),
    ],
)
@pytest.mark.parametrize("name", ["django.request", "django.server", "gunicorn.access", "vietmusic", "anything"])
def test_token_is_left_out_whoever_logs(written, name, message, arguments):
    logging.getLogger(name).warning(message, *arguments)

    assert (TOKEN in written.getvalue(), "…" in written.getvalue()) == (False, True)


def test_log_of_other_pages_is_left_as_it_is(written):
    logging.getLogger("vietmusic").warning("%s took %d ms at %s", "GET", 7, "/privacy/you/asked/")

    assert written.getvalue() == "WARNING vietmusic: GET took 7 ms at /privacy/you/asked/\n"


@pytest.mark.parametrize(
    ("name", "level", "traced"),
    [
        ("django.request", logging.WARNING, False),
        ("django.security.DisallowedHost", logging.ERROR, False),
        ("django.request", logging.ERROR, True),
    ],
)
def test_only_errors_of_ours_have_a_traceback(name, level, traced):
    try:
        raise ValueError("bad cursor")
    except ValueError:
        record = logging.LogRecord(name, level, "x.py", 1, "Bad Request: %s", ("/pageants/",), sys.exc_info())

    assert ("Traceback" in FormatterWithoutTokens().format(record)) == traced
    assert record.exc_info  # for other handlers
