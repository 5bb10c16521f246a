"""Looking after listings: which of them still answer.

A week after the last look a listing is due again, a day after a failure. It is taken for dead after three failures in
a row over seven days: staff sees it, the public reads "has not answered lately". The first answer makes it well again.
Where a site says that it has moved for good, staff is asked.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from suggestions.models import Suggestion
from suggestions.safe_http import Clock, NoAnswer, Policy, ask
from suggestions.website_url import URLRefused, WebsiteURL

WELL = timedelta(days=7)  # until the next look after an answer
AILING = timedelta(days=1)  # and after a failure
DEADLY_FAILURES = 3
DEADLY_TIME = timedelta(days=7)

AT_ONCE = 4  # sites asked at the same time
IN_A_RUN = 8  # sites, all of different hosts
LOOKED_AT = 200  # due listings among which those are found

# What we may not ask (a site on another port, say) tells nothing about who is there.
UNASKED = frozenset({"port"})

# Whoever forbids, limits or wants to know who is asking, is there.
ALIVE = frozenset({401, 403, 405, 407, 416, 429})


@dataclass(frozen=True)
class Finding:
    """What came of asking: alive, or the problem in a word."""

    problem: str = ""
    moved_to: str = ""

    @property
    def is_alive(self) -> bool:
        return not self.problem


def look_at(url: str, policy: Policy) -> Finding:
    """Asks for the head; where that isn't answered well, for the first byte, since not all sites know HEAD.

    An empty `url` is the one of a listing whose address today's rules refuse.
    """
    if not url:
        return Finding(problem="address")
    clock = Clock.of(policy.seconds)
    finding = try_method(url, "HEAD", policy, clock)
    return finding if finding.is_alive else try_method(url, "GET", policy, clock)


def try_method(url: str, method: str, policy: Policy, clock: Clock) -> Finding:
    try:
        answer = ask(url, method, policy=policy, clock=clock)
    except NoAnswer as error:
        return Finding(problem=error.problem)
    if 200 <= answer.status < 300 or answer.status in ALIVE:
        return Finding(moved_to=answer.moved_to)
    return Finding(problem=str(answer.status))


def check_due(policy: Policy | None = None) -> int:
    """Looks after a few that are due, no two of one host; how many they were."""
    policy = policy or Policy()
    chosen = choose(timezone.now())
    with ThreadPoolExecutor(AT_ONCE) as pool:
        # Only the network is asked in threads; the database in this one.
        findings = list(pool.map(lambda listing: look_at(listing.link, policy), chosen))
    for listing, finding in zip(chosen, findings, strict=True):
        note(listing, finding, timezone.now())
    return len(chosen)


def choose(now: datetime) -> list[Suggestion]:
    hosts: dict[str, Suggestion] = {}
    for listing in Suggestion.objects.due(now)[:LOOKED_AT]:
        hosts.setdefault(listing.host.removeprefix("www."), listing)
        if len(hosts) == IN_A_RUN:
            break
    return list(hosts.values())


def check_all(policy: Policy | None = None, *, pause: float = 1) -> Iterator[int]:
    """Looks after all that are due, a few at a time with `pause` seconds between; yields how many at each time."""
    while checked := check_due(policy):
        yield checked
        time.sleep(pause)


@transaction.atomic
def note(listing: Suggestion, finding: Finding, now: datetime) -> None:
    """Writes down what was found, unless the listing is gone or has another address meanwhile."""
    row = Suggestion.objects.select_for_update().public().filter(pk=listing.pk, url=listing.url).first()
    if row is None:
        return
    if finding.problem in UNASKED:
        change = {"next_check_at": now + WELL, "problem": finding.problem}
    else:
        change = well(row, finding, now) if finding.is_alive else ailing(row, finding, now)
    Suggestion.objects.filter(pk=row.pk).update(last_checked_at=now, **change)


def well(row: Suggestion, finding: Finding, now: datetime) -> dict[str, object]:
    return {
        "next_check_at": now + WELL,
        "last_alive_at": now,
        "failures": 0,
        "first_failure_at": None,
        "silent_since": None,
        "problem": "",
        "proposed_url": proposal(row, finding.moved_to),
    }


def ailing(row: Suggestion, finding: Finding, now: datetime) -> dict[str, object]:
    since, failures = row.first_failure_at or now, row.failures + 1
    is_dead = failures >= DEADLY_FAILURES and now - since >= DEADLY_TIME
    return {
        "next_check_at": now + AILING,
        "failures": min(failures, 30_000),
        "first_failure_at": since,
        "silent_since": (row.silent_since or now) if is_dead else None,
        "problem": finding.problem,
    }


def proposal(row: Suggestion, moved_to: str) -> str:
    """The new address, if it is one that we take, really another one, and not declined before."""
    if not moved_to:
        return ""
    try:
        target = WebsiteURL.parse(moved_to)
    except URLRefused:
        return ""
    is_news = target.normal != row.normal_url and target.link != row.declined_url
    return target.link if is_news else ""
