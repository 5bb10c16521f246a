"""Looking after listings: when, which, and what the public and staff see of it."""

import re
import time
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from core import jobs
from suggestions import link_checker, link_problems
from suggestions.link_checker import CheckResult, check_due, claim_batch, record
from suggestions.models import Suggestion
from tests.core.concurrency import at_once
from tests.suggestions.factories import make_website
from tests.suggestions.test_safe_http import HERE, redirecting, saying, server

pytestmark = pytest.mark.django_db

DEAD = CheckResult(problem="404")
ALIVE = CheckResult()
DAY = timedelta(days=1)
LIST = "/admin/suggestions/suggestion/"


def fresh(listing: Suggestion) -> Suggestion:
    return Suggestion.objects.get(pk=listing.pk)


def fail(listing: Suggestion, *days: float) -> Suggestion:
    """The listing after failures so many days after now."""
    for day in days:
        record(fresh(listing), DEAD, timezone.now() + day * DAY)
    return fresh(listing)


def test_only_listings_that_are_due_are_chosen():
    now = timezone.now()
    never = make_website(url="https://a.example")
    old, young = make_website(url="https://b.example"), make_website(url="https://c.example")
    Suggestion.objects.filter(pk=old.pk).update(next_check_at=now - DAY)
    Suggestion.objects.filter(pk=young.pk).update(next_check_at=now + DAY)
    for status in ("waiting", "rejected", "withdrawn"):
        make_website(status=status)

    assert [one.host for one in claim_batch(timezone.now())] == [old.host, never.host]


def test_no_two_of_a_host_are_asked_in_a_run():
    for path in ("a", "b", "c"):
        make_website(url=f"https://one.example/{path}")
        make_website(url=f"https://www.one.example/{path}")
    make_website(url="https://two.example")

    asked = claim_batch(timezone.now())
    assert sorted(one.host.removeprefix("www.") for one in asked) == ["one.example", "two.example"]


def test_few_are_asked_at_a_time():
    for _ in range(link_checker.BATCH_SIZE + 2):
        make_website()

    assert len(claim_batch(timezone.now())) == link_checker.BATCH_SIZE


@pytest.mark.django_db(transaction=True)
def test_listing_is_asked_by_one_of_many_and_again_if_that_was_killed():
    listings = [make_website() for _ in range(5)]
    now = timezone.now()
    asked = at_once(*[partial(claim_batch, now)] * 3)

    assert sorted(one.pk for batch in asked for one in batch) == sorted(one.pk for one in listings)
    assert len(claim_batch(now + link_checker.RECHECK_IF_KILLED)) == 5


def test_answer_is_noted_and_the_next_look_is_in_a_week():
    listing, now = make_website(), timezone.now()
    record(listing, ALIVE, now)

    found = fresh(listing)
    assert (found.last_alive_at, found.last_checked_at, found.next_check_at) == (now, now, now + 7 * DAY)


def test_failure_is_noted_and_the_next_look_is_tomorrow():
    listing, now = make_website(), timezone.now()
    record(listing, DEAD, now)

    found = fresh(listing)
    assert (found.last_alive_at, found.last_checked_at, found.next_check_at) == (None, now, now + DAY)
    assert (found.failures, found.first_failure_at, found.problem, found.silent_since) == (1, now, "404", None)


@pytest.mark.parametrize(
    ("days", "is_dead"),
    [
        ((0,), False),
        ((0, 8), False),
        ((0, 1, 6.9), False),
        ((0, 1, 7), True),
        ((0, 1, 2, 3), False),
        ((0, 1, 2, 8), True),
    ],
)
def test_listing_is_dead_after_three_failures_over_seven_days(days, is_dead):
    with time_machine.travel(timezone.now(), tick=False):
        listing = fail(make_website(), *days)

    assert (listing.silent_since is not None) is is_dead
    assert Suggestion.objects.silent().count() == int(is_dead)


def test_dead_listing_is_told_to_everybody_and_returns_by_itself(client, moderator):
    listing = fail(make_website(), -9, -5, -1)
    assert "has not answered lately" in client.get("/websites/").content.decode()
    assert "/admin/suggestions/suggestion/?flag=silent" in {
        q["url"] for q in moderator.get("/admin/").context["queues"]
    }

    record(listing, ALIVE, timezone.now())

    found = fresh(listing)
    assert (found.failures, found.first_failure_at, found.silent_since, found.problem) == (0, None, None, "")
    assert "has not answered lately" not in client.get("/websites/").content.decode()


def test_finding_about_an_address_that_changed_meanwhile_is_dropped(staff):
    listing = make_website()
    fresh(listing).correct(by=staff, url="https://other.example")
    record(listing, DEAD, timezone.now())

    assert fresh(listing).failures == 0


def test_finding_about_what_is_no_longer_listed_is_dropped():
    listing = make_website()
    fresh(listing).withdraw()
    record(listing, DEAD, timezone.now())

    assert fresh(listing).last_checked_at is None


def problems_in_turn(listing: Suggestion, *found: tuple[float, str]) -> Suggestion:
    """The listing after checks so many days after now."""
    for day, problem in found:
        record(fresh(listing), CheckResult(problem), timezone.now() + day * DAY)
    return fresh(listing)


@pytest.mark.parametrize(
    ("found", "silent", "insecure", "problem"),
    [
        ([(0, "404"), (1, "name"), (8, "slow")], 1, 0, "slow"),
        ([(0, "404"), (1, "522"), (2, "port"), (3, "404"), (8, "404"), (9, "530")], 1, 0, "404"),
        ([(0, "522"), (4, "520"), (9, "530")], 0, 0, "530"),
        ([(0, "404"), (1, "404"), (8, "522")], 0, 0, "404"),
        ([(0, "certificate"), (1, "tls"), (8, "certificate")], 0, 1, "certificate"),
        ([(0, "certificate"), (1, "certificate"), (6, "certificate")], 0, 0, "certificate"),
        ([(0, "404"), (1, "404"), (8, "404"), (9, "certificate")], 0, 0, "certificate"),
        ([(0, "certificate"), (1, "tls"), (8, "tls"), (9, "name")], 0, 0, "name"),
        ([(0, "certificate"), (1, "certificate"), (8, "certificate"), (9, "")], 0, 0, ""),
    ],
)
def test_silence_bad_certificates_and_what_says_nothing_are_told_apart(found, silent, insecure, problem):
    with time_machine.travel(timezone.now(), tick=False):
        listing = problems_in_turn(make_website(), *found)

    assert (Suggestion.objects.silent().count(), Suggestion.objects.insecure().count()) == (silent, insecure)
    assert listing.problem == problem


def test_check_that_says_nothing_is_repeated_tomorrow():
    listing, now = make_website(), timezone.now()
    record(listing, CheckResult("522"), now)

    found = fresh(listing)
    assert (found.last_alive_at, found.last_checked_at, found.next_check_at) == (None, now, now + DAY)
    assert (found.failures, found.problem) == (0, "522")


def test_bad_certificate_is_told_to_everybody_in_words_of_its_own(client, moderator):
    listing = problems_in_turn(make_website(), (-9, "certificate"), (-5, "certificate"), (-1, "certificate"))

    for address in ("/websites/", listing.get_absolute_url()):
        html = client.get(address).content.decode()
        assert "certificate or encryption not valid: your browser may warn you" in html
        assert "has not answered lately" not in html
    queues = {queue["url"]: queue["count"] for queue in moderator.get("/admin/").context["queues"]}
    assert (queues[f"{LIST}?flag=insecure"], queues.get(f"{LIST}?flag=silent", 0)) == (1, 0)
    assert "1 website" in moderator.get(f"{LIST}?flag=insecure").content.decode()
    page = moderator.get(f"{LIST}{listing.pk}/change/").content.decode()
    assert ("its certificate is not valid" in page, "Certificate or encryption not valid" in page) == (True, True)


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("", ""),
        ("name", "its name cannot be found"),
        ("404", "it answers with status 404"),
        ("522", "Cloudflare cannot reach its server (status 522)"),
    ],
)
def test_staff_read_problems_in_words(problem, words):
    assert link_problems.in_words(problem) == words


def test_every_problem_that_is_found_has_words():
    source = "".join(Path(f"suggestions/{name}.py").read_text() for name in ("safe_http", "link_checker"))
    found = re.findall(r'(?:FetchError\(|problem=)"(\w+)"', source)

    assert set(found) == set(link_problems.WORDS)


@pytest.mark.parametrize(
    ("url", "moved_to", "proposed"),
    [
        ("old.example/#/a", "https://old.example/#/a", False),
        ("old.example/#/a", "https://www.old.example/#/a", True),
        ("old.example", "https://old.example/;jsessionid=1F0", False),
        ("old.example", "https://declined.example/?PHPSESSID=1f0", False),
        ("old.example", "https://declined.example/;jsessionid=1F0?ts=5", False),
        ("old.example", "http://declined.example/?sid=3", False),
        ("old.example", "https://declined.example/?page=3", True),
    ],
)
def test_move_that_differs_in_a_session_id_only_is_none(url, moved_to, proposed):
    listing = make_website(url=url)
    Suggestion.objects.filter(pk=listing.pk).update(declined_url="https://declined.example/?sid=1&ts=2")
    record(listing, CheckResult(moved_to=moved_to), timezone.now())

    assert fresh(listing).proposed_url == (moved_to if proposed else "")


@pytest.mark.parametrize(
    ("moved_to", "proposed"),
    [
        ("https://new.example/", "https://new.example/"),
        ("http://www.old.example/", "http://www.old.example/"),
        ("https://old.example/?utm_source=x", ""),
        ("http://old.example", ""),
        ("http://10.0.0.1/", ""),
        ("https://declined.example/", ""),
        ("", ""),
    ],
)
def test_new_address_is_proposed_and_never_taken(moved_to, proposed):
    listing = make_website(url="https://old.example/")
    Suggestion.objects.filter(pk=listing.pk).update(declined_url="https://declined.example/")
    record(listing, CheckResult(moved_to=moved_to), timezone.now())

    assert (fresh(listing).url, fresh(listing).proposed_url) == ("https://old.example/", proposed)


def test_staff_takes_the_new_address_or_leaves_it(moderator, staff):
    taken, left = make_website(url="https://a.example"), make_website(url="https://b.example")
    for listing, name in ((taken, "c"), (left, "d")):
        record(listing, CheckResult(moved_to=f"https://{name}.example/"), timezone.now())
    moderator.post(LIST, {"action": "take_proposed", "_selected_action": [taken.pk]})
    moderator.post(LIST, {"action": "decline_proposed", "_selected_action": [left.pk]})

    assert [(fresh(one).host, fresh(one).proposed_url, fresh(one).status) for one in (taken, left)] == [
        ("c.example", "", "approved"),
        ("b.example", "", "approved"),
    ]
    record(fresh(left), CheckResult(moved_to="https://d.example/"), timezone.now())
    assert fresh(left).proposed_url == ""


def test_real_servers_are_asked_and_their_answers_noted():
    with (
        server(saying("HTTP/1.1 200 OK\n\n")) as (alive, _),
        server(saying("HTTP/1.1 404 No\n\n")) as (dead, _),
        server(redirecting(lambda path: alive, 301)) as (moved, _),
    ):
        for name, url in zip("abc", (alive, dead, moved), strict=True):
            make_website(url=url.replace("music", name))
        assert check_due(HERE) == 3
        assert check_due(HERE) == 0

    found = Suggestion.objects.order_by("pk").values_list("problem", "failures", "proposed_url")
    assert list(found) == [("", 0, ""), ("404", 1, ""), ("", 0, f"{alive}/")]


def test_listing_whose_address_new_rules_refuse_ails_and_keeps_no_other_from_its_turn():
    refused, other = make_website(), make_website()
    Suggestion.objects.filter(pk=refused.pk).update(url="http://nhac.internal/")
    with server(saying("HTTP/1.1 200 OK\n\n")) as (alive, _):
        Suggestion.objects.filter(pk=other.pk).update(url=alive)
        assert check_due(HERE) == 2

    assert list(Suggestion.objects.order_by("pk").values_list("problem", "failures")) == [("address", 1), ("", 0)]


def test_site_on_a_port_that_we_do_not_ask_is_never_taken_for_dead(client):
    listing = make_website(url="https://nhac.example:8443/")
    for day in range(0, 30, 7):
        with time_machine.travel(timezone.now() + day * DAY):
            assert check_due() == 1
            assert check_due() == 0

    found = fresh(listing)
    assert (found.problem, found.failures, found.silent_since, found.last_alive_at) == ("port", 0, None, None)
    assert "did not answer lately" not in client.get("/websites/").content.decode()


def test_command_asks_all_that_are_due(capsys, monkeypatch):
    for number in range(link_checker.BATCH_SIZE + 1):
        make_website(url=f"http://site-{number}.example:8080/")  # a port that production asks nobody at
    monkeypatch.setattr(link_checker.time, "sleep", lambda seconds: None)
    call_command("check_links")

    assert capsys.readouterr().out == "9 checked.\n"
    assert set(Suggestion.objects.values_list("problem", flat=True)) == {"port"}


def test_links_are_checked_by_the_worker_and_never_after_a_response(settings):
    settings.WORK = "inline"
    make_website(url="http://site.example:8080/")
    jobs.cache.clear()
    jobs.do_in_passing()
    assert Suggestion.objects.get().last_checked_at is None

    jobs.do(jobs.JOBS["suggestions.jobs.check_links"])
    assert Suggestion.objects.get().problem == "port"


def test_slow_sites_cost_a_run_no_more_than_their_time():
    with server(lambda connection, request: time.sleep(3)) as (url, _requests):
        for number in range(4):
            make_website(url=url.replace("music", f"m{number}"))
        began = timezone.now()
        check_due(replace(HERE, total_timeout=1))

    assert timezone.now() - began < timedelta(seconds=4)
    assert set(Suggestion.objects.values_list("problem", flat=True)) == {"slow"}
