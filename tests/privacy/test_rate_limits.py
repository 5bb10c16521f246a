import ipaddress
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module

import pytest
from django.conf import settings as project

from pageant.rate_limits import ENTRIES, UPLOADS
from privacy import rate_limits
from privacy.models import Attempt
from privacy.rate_limits import Limit
from privacy.registry.finders import Subject
from privacy.registry.lookup import rows_of
from privacy.rights.purge import purge
from tests.core.concurrency import at_once, database_url, start

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("limit", "most", "within"),
    [
        (ENTRIES, 60, HOUR),
        (rate_limits.MAILS, 3, 6 * HOUR),
        (rate_limits.LINKS, 60, HOUR),
        (UPLOADS, 300, HOUR),
        (rate_limits.REPORTS, 30, HOUR),
    ],
)
@pytest.mark.django_db
def test_limit_lets_its_number_pass_and_no_more(time_machine, limit, most, within):
    time_machine.move_to(NOON, tick=False)

    waits = [limit.spend("203.0.113.9") for _ in range(most + 2)]

    assert waits == [0] * most + [int(within.total_seconds())] * 2


def test_limits_have_scopes_of_their_own():
    modules = [import_module(f"{app}.rate_limits") for app in project.SITE_APPS]
    every = {value for module in modules for value in vars(module).values() if isinstance(value, Limit)}

    assert len({limit.scope for limit in every}) == len(every) == 10
    assert max(limit.within for limit in every) == rate_limits.LONGEST


def test_limit_longer_than_attempts_are_kept_is_none():
    with pytest.raises(ValueError, match="forgotten"):
        Limit("week", 3, timedelta(days=7))


@pytest.mark.django_db
def test_variants_of_a_mailbox_share_its_limit_on_mails():
    variants = ["lan@example.com", "Lan+1@Example.com", "l.a.n+1+2@example.com"]

    assert [rate_limits.MAILS.spend(email) for email in variants] == [0, 0, 0]
    assert rate_limits.MAILS.spend("lan+3@example.com") > 0
    for domain in ("gmail.com", "googlemail.com", "gmail.com"):
        assert rate_limits.MAILS.spend(f"lan@{domain}") == 0
    assert rate_limits.MAILS.spend("lan@GoogleMail.com") > 0
    others = ["lan@b.example", "+1@example.com", "+2@example.com"]
    assert [rate_limits.MAILS.spend(email) for email in others] == [0, 0, 0]
    assert rows_of(Attempt, Subject.of("lan@example.com")).count() == 3


THREE = Limit("three", 3, timedelta(minutes=10))


@pytest.mark.django_db
def test_limit_slides(time_machine):
    """Each attempt counts for ten minutes from its own time."""
    waits = []
    for minute in (0, 4, 8, 9, 10, 11, 14, 15, 18, 25):
        time_machine.move_to(NOON + timedelta(minutes=minute), tick=False)
        waits.append(THREE.spend("x"))

    assert waits == [0, 0, 0, 60, 0, 180, 0, 180, 0, 0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "passed", [timedelta(0), timedelta(seconds=1), timedelta(milliseconds=500), timedelta(minutes=9, seconds=59.9)]
)
def test_limit_lets_pass_again_after_the_wait_that_it_told(time_machine, passed):
    time_machine.move_to(NOON, tick=False)
    for _ in range(3):
        THREE.spend("x")

    time_machine.move_to(NOON + passed, tick=False)
    wait = THREE.spend("x")
    time_machine.move_to(NOON + passed + timedelta(seconds=wait), tick=False)

    assert (wait >= 1, THREE.spend("x")) == (True, 0)


@pytest.mark.django_db
def test_limit_is_not_prolonged_by_what_it_refused(time_machine):
    time_machine.move_to(NOON, tick=False)
    for _ in range(3):
        THREE.spend("x")
    time_machine.move_to(NOON + timedelta(minutes=9), tick=False)
    for _ in range(20):
        THREE.spend("x")

    time_machine.move_to(NOON + timedelta(minutes=10), tick=False)

    assert THREE.spend("x") == 0
    assert Attempt.objects.count() == 4


@pytest.mark.django_db
def test_limit_counts_each_client_and_each_scope_for_itself():
    other = Limit("other", 3, timedelta(minutes=10))

    waits = [limit.spend(client) for limit in (THREE, other) for client in ("x", "y") for _ in range(3)]

    assert waits == [0] * 12


@pytest.mark.django_db
@pytest.mark.parametrize("client", ["203.0.113.9", "2001:db8:1:2::/64", "anh@example.com", "Ánh@exämple.com"])
def test_limit_keeps_no_address(settings, client):
    THREE.spend(client)

    row = Attempt.objects.values().get()
    assert [value for value in row.values() if client in str(value)] == []
    assert len(row["client_digest"]) == 64

    settings.SECRET_KEY = "another-" + "y" * 40
    THREE.spend(client)
    assert Attempt.objects.values("client_digest").distinct().count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("age", "left"), [(timedelta(hours=5, minutes=59), 1), (timedelta(hours=6, seconds=1), 0)])
def test_attempts_are_forgotten_when_no_limit_counts_them(time_machine, age, left):
    time_machine.move_to(NOON, tick=False)
    THREE.spend("x")

    time_machine.move_to(NOON + age, tick=False)
    purge()

    assert Attempt.objects.count() == left


# At once


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before", [0, 1, 2, 3])
def test_limit_lets_just_so_many_threads_pass(before):
    for _ in range(before):
        THREE.spend("x")

    waits = at_once(*[partial(THREE.spend, "x")] * 6)

    assert waits.count(0) == 3 - before
    assert Attempt.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_of_many_that_are_given_back_none_is_lost():
    for _ in range(3):
        THREE.spend("x")
    at_once(*[partial(THREE.give_back, "x")] * 3)

    assert Attempt.objects.count() == 0


SPENDING = """
import django
from concurrent.futures import ThreadPoolExecutor
django.setup()
from django.db import connection
from pageant.rate_limits import ENTRIES

def spend(_number):
    try:
        return [ENTRIES.spend("203.0.113.9") for _ in range(10)]
    finally:
        connection.close()

with ThreadPoolExecutor(4) as pool:
    for waits in pool.map(spend, range(4)):
        print(*waits)
"""


@pytest.mark.django_db(transaction=True)
def test_limit_is_exact_over_machines(settings):
    """Two processes of four threads each, all racing: 80 tries where 60 may pass."""
    variables = {
        "DJANGO_SETTINGS_MODULE": "vietmusic.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "ALLOWED_HOSTS": "testserver",
        "DATABASE_URL": database_url(),
    }
    waits = []
    with ExitStack() as stack:
        for process in [stack.enter_context(start(["-c", SPENDING], MACHINE=name, **variables)) for name in "ab"]:
            out, err = process.communicate(timeout=60)
            assert process.returncode == 0, err
            waits += [int(wait) for wait in out.split()]

    assert (len(waits), waits.count(0), Attempt.objects.count()) == (80, ENTRIES.most, ENTRIES.most)


# On the site


@pytest.mark.django_db
def test_address_gets_three_mails_in_six_hours_however_it_is_written(client, time_machine):
    time_machine.move_to(NOON, tick=False)
    written = ["anh@example.com", "Anh@example.com", "ANH@EXAMPLE.COM", "anh@Example.com"]

    answers = [client.post("/privacy/you/", {"email": email}) for email in written]

    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert answers[3]["Retry-After"] == "21600"
    time_machine.move_to(NOON + 6 * HOUR, tick=False)
    assert client.post("/privacy/you/", {"email": written[0]}).status_code == 302


@pytest.fixture
def three_links(monkeypatch):
    """As the limit of a network, which in earnest is as many as a school needs."""
    monkeypatch.setattr(rate_limits, "LINKS", Limit("links", 3, HOUR))


@pytest.mark.django_db
def test_client_asks_for_so_many_links_an_hour(client, time_machine, three_links):
    time_machine.move_to(NOON, tick=False)

    answers = [client.post("/privacy/you/", {"email": f"person-{n}@example.com"}) for n in range(4)]

    assert [answer.status_code for answer in answers] == [302] * 3 + [429]
    assert answers[3]["Retry-After"] == "3600"
    assert client.post("/privacy/you/", {"email": "x@example.com"}, REMOTE_ADDR="203.0.113.9").status_code == 302


@pytest.mark.django_db
def test_client_on_ipv6_is_its_subscribers_network(client, three_links):
    network = ipaddress.ip_network("2001:db8:1:2::/64")
    asks = [
        client.post(
            "/privacy/you/", {"email": f"person-{n}@example.com"}, REMOTE_ADDR=str(network[n * 7919])
        ).status_code
        for n in range(4)
    ]

    assert asks == [302] * 3 + [429]


@pytest.mark.django_db
def test_forged_forwarding_does_not_get_around_the_limit(client, three_links):
    asks = [
        client.post(
            "/privacy/you/", {"email": f"person-{n}@example.com"}, headers={"x-forwarded-for": f"203.0.113.{n}"}
        ).status_code
        for n in range(4)
    ]

    assert asks == [302] * 3 + [429]


@pytest.mark.django_db
def test_form_with_an_error_costs_nothing(client):
    for _ in range(30):
        client.post("/privacy/you/", {"email": "nonsense"})

    assert Attempt.objects.count() == 0
