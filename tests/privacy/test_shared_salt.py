"""The salt of the day is the same on all machines, on no disk, and nowhere once the day is over."""

import socket
import time
from datetime import datetime, timedelta
from threading import Thread

import pytest
from redis import Redis

from privacy.checks import check_shared_salt
from privacy.traffic import shared_salt, visitor_counts
from privacy.traffic.daily_salt import DESTROYED, ZONE
from privacy.traffic.shared_salt import SharedSalt
from tests.core.concurrency import free_port, wait_until
from tests.redis import RedisServer

LATER = datetime.now(ZONE).replace(hour=12) + timedelta(days=400)  # than Redis's clock, which tests can't set
NEXT = LATER.replace(hour=0, minute=0, second=1, microsecond=0) + timedelta(days=1)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


@pytest.fixture
def redis(server, settings, monkeypatch):
    settings.DAY_SALT_URL = f"{server}/1"
    monkeypatch.setattr(shared_salt, "WAIT", 10)  # as the machine may be busy with other tests
    monkeypatch.setattr(shared_salt, "TIMEOUT", 5)
    with Redis.from_url(server, db=1) as redis:
        redis.flushall()
        yield redis


@pytest.fixture
def morning(time_machine):
    time_machine.move_to(LATER.replace(hour=0, minute=1))
    return time_machine


def ask_again(*salts):
    """As after a minute."""
    for salt in salts:
        salt.ask_at = 0
        salt.digest(b"x")
        salt.asking.join(10)


def digest(salt, text=b"x"):
    return salt.digest(text)[1]


def test_all_agree_on_one_salt_that_goes_at_midnight(redis, morning):
    salts = [SharedSalt() for _ in range(4)]
    digests = []
    threads = [Thread(target=lambda salt=salt: digests.append(digest(salt))) for salt in salts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (name,) = redis.keys()
    assert (len(digests), len({*digests}), len(digests[0])) == (4, 1, 32)
    assert name == f"vietmusic:day-salt:testserver:{LATER:%Y-%m-%d}".encode()
    assert redis.expiretime(name) == int(NEXT.timestamp()) - 1
    assert {salt.held.key[:32] for salt in salts} == {redis.get(name)}


def test_next_day_has_another_salt_and_nothing_of_the_first_is_left(redis, morning):
    salt = SharedSalt()
    first, held = salt.digest(b"x"), salt.held
    morning.move_to(NEXT)
    second = salt.digest(b"x")

    assert (first[0], second[0]) == (f"{LATER:%Y-%m-%d}", f"{NEXT:%Y-%m-%d}")
    assert (len(second[1]), first[1] != second[1], held.key[:32]) == (32, True, DESTROYED)


def test_timer_destroys_the_salt_of_a_process_that_nobody_asks_anything(redis, time_machine):
    time_machine.move_to(NEXT - timedelta(seconds=1.5))  # half a second before midnight
    redis.set(f"vietmusic:day-salt:testserver:{LATER:%Y-%m-%d}", b"s" * 32)
    salt = SharedSalt()
    held = salt.held
    salt.digest(b"x")
    salt.asking.join(10)

    wait_until(lambda: held.key[:32] == DESTROYED)


def test_request_asks_redis_nothing_while_the_salt_is_known(redis, morning):
    salt = SharedSalt()
    digest(salt)
    before = redis.info()["total_commands_processed"]
    for _ in range(100):
        digest(salt)

    assert redis.info()["total_commands_processed"] == before + 1


# Redis emptied, or away


def test_emptied_redis_gets_the_salt_back_from_those_who_have_it(redis, morning):
    salt, starting = SharedSalt(), SharedSalt()
    before = digest(salt)
    morning.move_to(LATER)
    redis.flushall()

    assert digest(starting) == ""  # rather than a second salt: others may have the first
    ask_again(salt)
    ask_again(starting)
    assert digest(salt) == digest(starting) == before


def test_emptied_redis_gets_another_salt_when_nobody_has_brought_it_back(redis, time_machine, monkeypatch):
    time_machine.move_to(LATER)
    one, other = SharedSalt(), SharedSalt()
    assert (digest(one), digest(other)) == ("", "")
    monkeypatch.setattr(shared_salt, "PATIENCE", 0)
    ask_again(one, other)

    assert digest(one) == digest(other) != ""


def test_machines_with_two_salts_end_with_one(redis, morning):
    one, other = SharedSalt(), SharedSalt()
    digest(one)
    redis.flushall()
    digest(other)
    ask_again(one)

    assert digest(one) == digest(other)


def test_salt_that_would_end_in_the_past_by_the_clock_of_redis_is_none(redis, time_machine):
    time_machine.move_to("2020-03-01T00:01:00+07:00")
    assert digest(SharedSalt()) == ""
    assert redis.keys() == []


def test_nobody_is_counted_while_redis_is_away_and_all_are_once_it_is_back(
    redis, morning, settings, tmp_path, caplog, monkeypatch
):
    port = free_port()
    settings.DAY_SALT_URL = f"redis://:secret@127.0.0.1:{port}/1"
    salt = SharedSalt()
    assert digest(salt) == ""
    ask_again(salt)
    with RedisServer(tmp_path / "late", "--save", "", "--requirepass", "secret", port=port):
        ask_again(salt)
        before = digest(salt)
    ask_again(salt)

    assert (len(before), digest(salt)) == (32, before)  # away again: the salt is known
    assert [record.message for record in caplog.records] == [
        "The day's salt can't be shared, and visitors are counted only where it is known: Redis: ConnectionError"
    ]


def test_redis_that_never_answers_holds_up_one_request_for_a_moment(settings, morning, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.DAY_SALT_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        salt = SharedSalt()
        before = time.monotonic()
        assert [digest(salt) for _ in range(100)] == [""] * 100
        assert time.monotonic() - before < 5 * shared_salt.WAIT


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--save", "3600", "1"], "it writes to a disk"),
        (["--save", "", "--appendonly", "yes"], "it writes to a disk"),
        (["--save", "", "--rename-command", "CONFIG", ""], "it doesn't tell whether it writes to a disk"),
        (["--save", "", "--user", "default", "on", "nopass", "~*", "+@all", "-config"], "it doesn't tell"),
    ],
)
def test_redis_that_may_write_the_salt_down_never_gets_one(redis, morning, settings, tmp_path, caplog, options, why):
    with RedisServer(tmp_path / "keeping", *options) as server:
        settings.DAY_SALT_URL = server.url
        assert digest(SharedSalt()) == ""
        assert shared_salt.problem(server.url).startswith(why)
        with Redis.from_url(server.url) as keeping:
            assert keeping.keys() == []
    assert [why in record.message for record in caplog.records] == [True]


def test_value_that_is_no_salt_is_none(redis, morning):
    redis.set(f"vietmusic:day-salt:testserver:{LATER:%Y-%m-%d}", b"short")
    assert digest(SharedSalt()) == ""


def test_fork_keeps_the_salt_and_asks_for_itself(redis, morning):
    salt = SharedSalt()
    before = digest(salt)
    salt._begin()  # as after a fork

    assert digest(salt) == before
    salt.asking.join(10)
    assert digest(salt) == before


# Counting


@pytest.mark.django_db
def test_page_without_a_salt_is_a_hit_and_no_visitor(settings, monkeypatch, client, time_machine):
    settings.DAY_SALT_URL = f"redis://127.0.0.1:{free_port()}"
    monkeypatch.setattr(visitor_counts, "SHARED", SharedSalt())
    client.get("/", headers={"user-agent": "Mozilla/5.0 Firefox/140.0"})
    visitor_counts.load()

    row = visitor_counts.AudienceDay.objects.get(section="all", language="all")
    assert (row.hits, row.visitors) == (1, 0)
    assert [*settings.VISIT_SPOOL.glob("*.key")] == []


def test_check_for_deployment_tells_where_machines_would_not_agree(redis, settings):
    told = []
    for machine, url in [("", ""), ("a", ""), ("a", settings.DAY_SALT_URL), ("a", f"redis://127.0.0.1:{free_port()}")]:
        settings.MACHINE, settings.DAY_SALT_URL = machine, url
        told.append([message.id for message in check_shared_salt(None)])

    assert told == [[], ["privacy.W002"], [], ["privacy.W003"]]
