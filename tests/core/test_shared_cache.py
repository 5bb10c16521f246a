"""The cache that machines share, and what becomes of it while Redis is away."""

import pickle
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from redis import Redis

from core import jobs, shared_cache
from core.jobs import JOBS, job
from core.readiness import Readiness, ask_cache
from core.shared_cache import PAUSE, WAITING, SharedCache
from privacy.policy import banner
from tests.core.concurrency import free_port
from tests.redis import RedisServer

BACKEND = "core.shared_cache.SharedCache"


def cache_at(url: str, prefix: str = "vietmusic.example") -> SharedCache:
    return SharedCache(url, {"KEY_PREFIX": prefix})


def use(settings: Any, url: str) -> None:
    settings.CACHES = {"default": {"BACKEND": BACKEND, "LOCATION": url, "KEY_PREFIX": "vietmusic.example"}}


@pytest.fixture
def away() -> str:
    """The address of a Redis that isn't there."""
    return f"redis://127.0.0.1:{free_port()}/0"


def test_machines_share_what_one_of_them_sets(redis):
    one, other, neighbour = cache_at(redis.url), cache_at(redis.url), cache_at(redis.url, "neighbour.example")

    one.set("a", {"b": 1}, 60)
    assert (other.get("a"), neighbour.get("a")) == ({"b": 1}, None)
    assert (other.add("a", 2), other.add("c", 2), one.get_or_set("c", 3), one.incr("c")) == (False, True, 2, 3)
    other.delete("a")
    assert one.get("a", "gone") == "gone"
    assert one.touch("c", 0) is True
    assert one.get("c") is None


def test_what_somebody_put_there_runs_nothing(redis):
    cache_at(redis.url).set("a", [1, "é", None])
    with Redis.from_url(redis.url) as server:
        (key,) = server.keys()
        assert server.get(key) == '[1, "é", null]'.encode()
        server.set(key, pickle.dumps(Path("/")))

    with pytest.raises(ValueError, match="decode"):
        cache_at(redis.url).get("a")


def test_neighbours_are_never_emptied(redis):
    neighbour = cache_at(redis.url, "neighbour.example")
    neighbour.set("a", 1)

    with pytest.raises(NotImplementedError):
        cache_at(redis.url).clear()
    assert neighbour.get("a") == 1


def test_without_redis_each_process_has_a_memory_of_its_own(away, caplog):
    here = cache_at(away)

    assert (here.get("a", "nothing"), here.add("a", 1), here.add("a", 2), here.get("a")) == ("nothing", True, False, 1)
    here.delete("a")
    assert here.get("a") is None
    assert caplog.messages == ["Redis is away: ConnectionError"]  # once


def test_redis_that_hangs_is_waited_for_once(monkeypatch):
    monkeypatch.setattr(shared_cache, "WAITING", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        here = cache_at(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        began = time.monotonic()
        for _ in range(50):
            here.set("a", 1)
        assert time.monotonic() - began < 1

    assert here.get("a") == 1
    assert 2 * WAITING <= 2 < PAUSE


def test_redis_that_is_back_is_asked_again_and_what_was_kept_meanwhile_is_forgotten(tmp_path):
    with RedisServer(tmp_path / "one") as redis:
        here = cache_at(redis.url)
        here.set("a", "shared")
        redis.stop()
        here.set("a", "own")
        assert here.get("a") == "own"
        redis.start()
        assert here.get("a") == "own"  # it isn't asked yet
        here.away_until = time.monotonic()

        assert here.get("a") is None  # back, and empty
        here.set("a", "shared again")
        redis.stop()
        assert here.get("a") is None  # rather than what was so when it was away before
        redis.start()


def test_connection_that_broke_unnoticed_is_made_anew(redis, caplog):
    here = cache_at(redis.url)
    here.set("a", 1)
    redis.stop()
    redis.start()

    here.set("a", 2)

    assert (here.shared.get("a"), caplog.messages) == (2, [])


# What the site does


@pytest.mark.django_db
def test_site_without_redis_is_served_all_the_same_but_not_ready(settings, away, django_assert_num_queries):
    use(settings, away)

    assert Client().get("/").status_code == 200
    assert Client().get("/healthz").status_code == 200
    assert Readiness(ask_cache).problems() == ["cache: failed (ConnectionError)"]
    with django_assert_num_queries(1):  # for all pages of a minute
        assert [banner.current() for _ in range(3)] == [None] * 3


def test_site_with_redis_is_ready(settings, redis):
    use(settings, redis.url)

    assert Readiness(ask_cache).problems() == []


@pytest.mark.usefixtures("no_jobs")
@pytest.mark.django_db
def test_jobs_in_passing_keep_their_pause_without_redis(settings, away):
    use(settings, away)
    done = []
    job(every=jobs.PAUSE)(lambda: done.append(1))
    for one in JOBS.values():
        assert one.pause == jobs.PAUSE

    for _ in range(3):
        jobs.do_in_passing()

    assert done == [1]
