"""The link checker: finds out which listings still answer.

A listing is checked again a week after an answer and a day after a failure. It counts as dead after three failures in a
row over at least seven days: staff see it in a queue, and the public reads "has not answered lately". The first answer
clears that. A server that refuses bots, or asks for money, age or a password, has answered. A site with an invalid
certificate is counted in the same way, but with a queue and a text of its own, since its server is there. When a site
says that it has moved permanently, its new URL is proposed to staff.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from suggestions.link_problems import INCONCLUSIVE, INSECURE
from suggestions.models import Suggestion
from suggestions.safe_http import Deadline, FetchError, FetchLimits, Head, fetch
from suggestions.website_url import URLRefused, WebsiteURL

RECHECK_AFTER_ANSWER = timedelta(days=7)
RECHECK_AFTER_FAILURE = timedelta(days=1)
RECHECK_IF_KILLED = timedelta(minutes=10)  # while it was being checked
DEAD_AFTER_FAILURES = 3
DEAD_AFTER = timedelta(days=7)
MAX_FAILURES = 30_000  # fits the column, a small integer

BATCH_SIZE = 8  # sites, all of different hosts, each checked in a thread of its own
CANDIDATES = 200  # due listings from which a batch is picked

# Statuses of sites that are up, but refuse the method or an unknown client, or ask for money, age or a password. Some
# send 418 or 999 to bots.
ALIVE = frozenset({401, 402, 403, 405, 406, 407, 416, 418, 426, 429, 451, 999})

# Header fields with which firewalls ask for a browser: Cloudflare's, AWS's and Vercel's.
CHALLENGES = ("cf-mitigated", "cf-chl-bypass", "x-amzn-waf-action", "x-vercel-mitigated")


@dataclass(frozen=True)
class CheckResult:
    """The outcome of a check. `problem` is a word or a status, empty if the site is alive."""

    problem: str = ""
    moved_to: str = ""

    @property
    def is_alive(self) -> bool:
        return not self.problem

    @property
    def is_inconclusive(self) -> bool:
        return self.problem in INCONCLUSIVE

    @property
    def is_insecure(self) -> bool:
        return self.problem in INSECURE


def check_url(url: str, limits: FetchLimits) -> CheckResult:
    """Requests HEAD and, if that fails, GET, since not all sites support HEAD.

    `url` is empty for a listing whose URL today's rules refuse.
    """
    if not url:
        return CheckResult(problem="address")
    result = check_method(url, "HEAD", limits)
    return result if result.is_alive else check_method(url, "GET", limits)


def check_method(url: str, method: str, limits: FetchLimits) -> CheckResult:
    try:
        response = fetch(url, method, limits=limits, deadline=Deadline.after(limits.total_timeout))
    except FetchError as error:
        return CheckResult(problem=error.problem)
    if shows_life(response.head):
        return CheckResult(moved_to=response.moved_to)
    return CheckResult(problem=str(response.status))


def shows_life(head: Head) -> bool:
    is_welcome = 200 <= head.status < 300 or head.status in ALIVE
    is_to_return = head.status == 503 and head.values("retry-after")
    return is_welcome or bool(is_to_return) or any(map(head.values, CHALLENGES))


def check_due(limits: FetchLimits | None = None) -> int:
    """Checks one batch of due listings. Returns how many."""
    limits = limits or FetchLimits()
    listings = claim_batch(timezone.now())
    with ThreadPoolExecutor(BATCH_SIZE) as pool:
        # Threads do the network only; all database access stays in this one.
        results = list(pool.map(lambda listing: check_url(listing.link, limits), listings))
    for listing, result in zip(listings, results, strict=True):
        record(listing, result, timezone.now())
    return len(listings)


@transaction.atomic
def claim_batch(now: datetime) -> list[Suggestion]:
    """Returns the listings longest due, at most one per host, which nobody else checks meanwhile."""
    by_host: dict[str, Suggestion] = {}
    for listing in Suggestion.objects.due(now).select_for_update(skip_locked=True)[:CANDIDATES]:
        by_host.setdefault(listing.host.removeprefix("www."), listing)
        if len(by_host) == BATCH_SIZE:
            break
    claimed = Suggestion.objects.filter(pk__in=[listing.pk for listing in by_host.values()])
    claimed.update(next_check_at=now + RECHECK_IF_KILLED)
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
    if result.is_inconclusive:
        changes = fields_after_nothing(row, result, now)
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
        "insecure_since": None,
        "problem": "",
        "proposed_url": url_to_propose(row, result.moved_to),
    }


def fields_after_failure(row: Suggestion, result: CheckResult, now: datetime) -> dict[str, object]:
    """Only failures of one kind count in a row: an invalid certificate shows that the server is not silent."""
    goes_on = result.is_insecure == CheckResult(row.problem).is_insecure
    since, failures = (row.first_failure_at or now, row.failures + 1) if goes_on else (now, 1)
    lasts = failures >= DEAD_AFTER_FAILURES and now - since >= DEAD_AFTER
    lasts_since = (row.silent_since or row.insecure_since or now) if lasts else None
    return {
        "next_check_at": now + RECHECK_AFTER_FAILURE,
        "failures": min(failures, MAX_FAILURES),
        "first_failure_at": since,
        "silent_since": None if result.is_insecure else lasts_since,
        "insecure_since": lasts_since if result.is_insecure else None,
        "problem": result.problem,
    }


def fields_after_nothing(row: Suggestion, result: CheckResult, now: datetime) -> dict[str, object]:
    """Failures are neither counted nor forgotten, and staff still see the last real problem."""
    return {"next_check_at": now + RECHECK_AFTER_FAILURE, "problem": row.problem if row.failures else result.problem}


def url_to_propose(row: Suggestion, moved_to: str) -> str:
    """Returns the URL a site has moved to if it is acceptable, really different and not declined before, else ""."""
    target, *known = map(accepted, (moved_to, row.url, row.declined_url))
    if target is None or target.lasting in {url.lasting for url in known if url}:
        return ""
    return target.link


def accepted(url: str) -> WebsiteURL | None:
    try:
        return WebsiteURL.parse(url)
    except URLRefused:
        return None
