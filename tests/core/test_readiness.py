"""Whether the site is ready: each thing it needs is asked with an end, and one that is missing is named."""

import logging
import threading
from functools import partial

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from core import readiness
from core.readiness import KEPT, NotReady, Readiness, ask_cache, ask_database, ask_storage

STORAGES = [("default", "media storage"), ("private", "private storage")]


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch):
    """What another test has found isn't kept."""
    monkeypatch.setattr(readiness.READINESS, "asked_at", float("-inf"))


def well():
    yield "well"


def broken():
    yield "first"
    yield "broken"
    raise ValueError("the password is 1234")


def waiting():
    yield "waiting"
    raise NotReady("comes later")


def test_what_is_not_ready_is_named_in_order_and_nothing_else_is_told(caplog):
    caplog.set_level(logging.INFO)

    assert Readiness(waiting, well, broken).problems() == ["waiting: comes later", "broken: failed (ValueError)"]
    assert caplog.messages == ["Not ready: waiting: comes later; broken: failed (ValueError)"]


def test_what_hangs_is_given_up_and_not_asked_again_until_it_answers(monkeypatch):
    monkeypatch.setattr(readiness, "KEPT", 0)
    asked, answers = [], threading.Event()

    def hanging():
        asked.append(threading.current_thread())
        yield "disk"
        answers.wait()

    ready = Readiness(hanging, well, patience=0.05)

    assert [ready.problems() for _time in range(3)] == [["disk: no answer"]] * 3
    assert len(asked) == 1
    answers.set()
    asked[0].join()
    assert (ready.problems(), len(asked)) == ([], 2)


def test_many_who_ask_within_a_second_get_what_was_found(caplog):
    caplog.set_level(logging.INFO)
    found = [["a"], ["a"], []]

    def changing():
        for name in found.pop(0):
            yield name
            raise NotReady("is not there")

    ready = Readiness(changing)
    seen = []
    for _time in range(3):
        seen += [ready.problems(), ready.problems()]
        ready.asked_at -= KEPT  # as if a second had passed

    assert seen == [["a: is not there"]] * 4 + [[]] * 2
    assert caplog.messages == ["Not ready: a: is not there", "Ready again"]


# What the site needs


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "head"])
def test_readyz_of_a_whole_site_is_fine_and_never_cached(client, method):
    response = getattr(client, method)("/readyz")

    assert (response.status_code, response.content) == (200, b"ok\n" if method == "get" else b"")
    assert (response["Content-Type"], response.cookies) == ("text/plain", {})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_readyz_asks_nothing_in_the_connection_of_the_request(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/readyz")


@pytest.mark.django_db(transaction=True)
def test_readyz_names_migrations_that_are_not_applied_and_ignores_those_of_newer_code(client):
    migrations = MigrationRecorder(connection).migration_qs
    migrations.create(app="core", name="9999_of_newer_code")
    assert client.get("/readyz").status_code == 200

    readiness.READINESS.asked_at = float("-inf")
    migrations.filter(app="core").first().delete()
    response = client.get("/readyz")

    assert (response.status_code, response.content) == (503, b"migrations: 1 not applied\n")
    assert "no-store" in response["Cache-Control"]


def test_database_that_is_away_is_named_once():
    """pytest keeps this test from it."""
    assert Readiness(ask_database).problems() == ["database: failed (RuntimeError)"]


def test_cache_that_keeps_nothing_is_named(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

    assert Readiness(ask_cache).problems() == ["cache: keeps nothing"]


@pytest.mark.parametrize(("alias", "name"), STORAGES)
def test_folder_that_cannot_be_written_is_named(tmp_path, settings, alias, name):
    ready = partial(Readiness, partial(ask_storage, alias, name))
    assert ready().problems() == []

    location = storages[alias].location
    tmp_path.joinpath(location).parent.mkdir(parents=True, exist_ok=True)
    tmp_path.joinpath(location).write_text("a file in its place")

    assert ready().problems() == [f"{name}: cannot be written"]


class Bucket:
    """A storage that is no folder, as far as it is asked."""

    def problem(self):
        raise ConnectionError("nobody at https://key:secret@bucket.example")


@pytest.mark.parametrize(("alias", "name"), STORAGES)
def test_bucket_that_is_away_is_named(settings, alias, name):
    settings.STORAGES = {**settings.STORAGES, alias: {"BACKEND": f"{__name__}.Bucket"}}

    assert Readiness(partial(ask_storage, alias, name)).problems() == [f"{name}: failed (ConnectionError)"]
