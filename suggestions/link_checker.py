"""The link checker: finds out which listings still answer.

A listing is checked again a week after an answer and a day after a failure. It counts as dead after three failures in a
row over at least seven days: staff see it in a queue, and the public reads "has not answered lately". The first answer
clears that. When a site says that it has moved permanently, its new URL is proposed to staff.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from suggestions.models import Suggestion
from suggestions.safe_http import Deadline, FetchError, FetchLimits, fetch
from suggestions.website_url import URLRefused, WebsiteURL

RECHECK_AFTER_ANSWER = timedelta(days=7)
RECHECK_AFTER_FAILURE = timedelta(days=1)
DEAD_AFTER_FAILURES = 3
DEAD_AFTER = timedelta(days=7)
MAX_FAILURES = 30_000  # what the column can count to

THREADS = 4
BATCH_SIZE = 8  # sites, all of different hosts
CANDIDATES = 200  # due listings from which a batch is picked

# Problems that are our own restriction (a port that we do not connect to) and say nothing about the site.
INCONCLUSIVE = frozenset({"port"})

# Statuses of sites that are up, but refuse the method, the range, or an unknown client.
ALIVE = frozenset({401, 403, 405, 407, 416, 429})


@dataclass(frozen=True)
class CheckResult:
    """The outcome of a check. `problem` is a word or a status, empty if the site is alive."""

    problem: str = ""
    moved_to: str = ""

    @property
    def is_alive(self) -> bool:
        return not self.problem


def check_url(url: str, limits: FetchLimits) -> CheckResult:
    """Requests HEAD and, if that fails, GET, since not all sites support HEAD.

    `url` is empty for a listing whose URL today's rules refuse.
    """
    if not url:
        return CheckResult(problem="address")
    deadline = Deadline.after(limits.total_timeout)
    result = check_method(url, "HEAD", limits, deadline)
    return result if result.is_alive else check_method(url, "GET", limits, deadline)


def check_method(url: str, method: str, limits: FetchLimits, deadline: Deadline) -> CheckResult:
    try:
        response = fetch(url, method, limits=limits, deadline=deadline)
    except FetchError as error:
        return CheckResult(problem=error.problem)
    if 200 <= response.status < 300 or response.status in ALIVE:
        return CheckResult(moved_to=response.moved_to)
    return CheckResult(problem=str(response.status))


def check_due(limits: FetchLimits | None = None) -> int:
    """Checks one batch of due listings. Returns how many."""
    limits = limits or FetchLimits()
    listings = next_batch(timezone.now())
    with ThreadPoolExecutor(THREADS) as pool:
        # Threads do the network only; all database access stays in this one.
        results = list(pool.map(lambda listing: check_url(listing.link, limits), listings))
    for listing, result in zip(listings, results, strict=True):
        record(listing, result, timezone.now())
    return len(listings)


def next_batch(now: datetime) -> list[Suggestion]:
    """Returns the listings longest due, at most one per host."""
    by_host: dict[str, Suggestion] = {}
    for listing in Suggestion.objects.due(now)[:CANDIDATES]:
        by_host.setdefault(listing.host.removeprefix("www."), listing)
        if len(by_host) == BATCH_SIZE:
            break
    return list(by_host.values())


def check_all(limits: FetchLimits | None = None, *, pause: float = 1) -> Iterator[int]:
    """Checks all due listings in batches, `pause` seconds apart. Yields the size of each batch."""
    while checked := check_due(limits):
        yield checked
        time.sleep(pause)


@transaction.atomic
def record(listing: Suggestion, result: CheckResult, now: datetime) -> None:
    """Stores a result, unless the listing has gone or its URL has changed since the check began."""
    row = Suggestion.objects.select_for_update().public().filter(pk=listing.pk, url=listing.url).first()
    if row is None:
        return
    if result.problem in INCONCLUSIVE:
        changes = {"next_check_at": now + RECHECK_AFTER_ANSWER, "problem": result.problem}
    else:
        changes = fields_after_answer(row, result, now) if result.is_alive else fields_after_failure(row, result, now)
    Suggestion.objects.filter(pk=row.pk).update(last_checked_at=now, **changes)


def fields_after_answer(row: Suggestion, result: CheckResult, now: datetime) -> dict[str, object]:
    return {
        "next_check_at": now + RECHECK_AFTER_ANSWER,
        "last_alive_at": now,
        "failures": 0,
        "first_failure_at": None,
        "silent_since": None,
        "problem": "",
        "proposed_url": url_to_propose(row, result.moved_to),
    }


def fields_after_failure(row: Suggestion, result: CheckResult, now: datetime) -> dict[str, object]:
    since, failures = row.first_failure_at or now, row.failures + 1
    is_dead = failures >= DEAD_AFTER_FAILURES and now - since >= DEAD_AFTER
    return {
        "next_check_at": now + RECHECK_AFTER_FAILURE,
        "failures": min(failures, MAX_FAILURES),
        "first_failure_at": since,
        "silent_since": (row.silent_since or now) if is_dead else None,
        "problem": result.problem,
    }


def url_to_propose(row: Suggestion, moved_to: str) -> str:
    """Returns the URL a site has moved to if it is acceptable, really different and not declined before, else ""."""
    if not moved_to:
        return ""
    try:
        target = WebsiteURL.parse(moved_to)
    except URLRefused:
        return ""
    is_new = target.normal != row.normal_url and target.link != row.declined_url
    return target.link if is_new else ""
