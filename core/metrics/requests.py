"""Counts requests by view, status and duration, and how many of them kept pages answered.

A view's name says which kind of page was asked for, never which one: no slug, no key, no query. Everything behind a
mailed link has one name, and so has everything of staff, lest it could be told from the numbers of a quiet hour what
somebody did.
"""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import ResolverMatch, URLPattern, URLResolver, get_resolver

from core.http.headers import WITH_TOKEN
from core.metrics.shared import SharedNumbers

Environ = dict[str, Any]
Application = Callable[[Environ, Callable], Iterable[bytes]]

# Keys of the environ, set while a request is answered
VIEW = "vietmusic.view"
OUTCOME = "vietmusic.kept"  # one of OUTCOMES; missing for what is no kept page

STAFF, OWN, STATIC, OTHER = "admin", "own", "static", "other"
STATUSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds, and one for what takes longer
HIT, FILLED, MADE = OUTCOMES = ("hit", "filled", "made")
WIDTH = len(STATUSES) + len(BUCKETS) + 1 + 1  # numbers of a view; the last is the sum of seconds


@dataclass(frozen=True)
class Counted:
    """What was counted of a view."""

    view: str
    by_status: dict[str, float]
    by_bucket: list[float]  # as many as BUCKETS and one more; not yet added up
    seconds: float


class Requests:
    def __init__(self, views: Sequence[str]) -> None:
        self.views = views
        self.places = {view: place * WIDTH for place, view in enumerate(views)}
        self.outcomes = {outcome: len(views) * WIDTH + place for place, outcome in enumerate(OUTCOMES)}
        self.numbers = SharedNumbers(len(views) * WIDTH + len(OUTCOMES))

    def count(self, view: str, status: int, seconds: float, outcome: str | None = None) -> None:
        place = self.places.get(view, self.places[OTHER])
        status_class = min(max(status // 100, 1), len(STATUSES)) - 1
        bucket = place + len(STATUSES) + bisect_left(BUCKETS, seconds)
        additions = [(place + status_class, 1.0), (bucket, 1.0), (place + WIDTH - 1, seconds)]
        if outcome:
            additions.append((self.outcomes[outcome], 1.0))
        self.numbers.add(additions)

    def counted(self) -> tuple[list[Counted], dict[str, float]]:
        """Of each view that was asked for, and how often each outcome of kept pages was."""
        numbers = self.numbers.read()
        found = []
        for view, place in self.places.items():
            *rest, seconds = numbers[place : place + WIDTH]
            statuses, buckets = rest[: len(STATUSES)], rest[len(STATUSES) :]
            if any(statuses):
                found.append(Counted(view, dict(zip(STATUSES, statuses, strict=True)), buckets, seconds))
        return found, {outcome: numbers[place] for outcome, place in self.outcomes.items()}


class CountsRequests:
    """Wraps a WSGI application. What nobody has named the view of isn't counted, such as /metrics itself."""

    def __init__(self, application: Application, requests: Requests) -> None:
        self.application = application
        self.requests = requests

    def __call__(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        started = time.perf_counter()
        status = 500

        def start(line: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal status
            status = int(line[:3])
            return start_response(line, headers, *rest)

        body = self.application(environ, start)
        if view := environ.get(VIEW):
            self.requests.count(view, status, time.perf_counter() - started, environ.get(OUTCOME))
        return body


def name_of(match: ResolverMatch | None, path: str) -> str:
    """The name under which a request is counted."""
    if WITH_TOKEN.match(path):
        return OWN
    if match is None:
        return STATIC if path.startswith(settings.STATIC_URL) else OTHER
    return STAFF if match.namespaces[:1] == [STAFF] else match.view_name


def all_names() -> list[str]:
    """Each name that `name_of` may return."""
    names = set(names_below(get_resolver().url_patterns, []))
    return [*sorted(names - {STAFF, OWN, STATIC, OTHER}), STAFF, OWN, STATIC, OTHER]


def names_below(patterns: Iterable[URLPattern | URLResolver], namespaces: list[str]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield ":".join([*namespaces, pattern.name or pattern.lookup_str])
        elif pattern.namespace != STAFF:
            own = [pattern.namespace] if pattern.namespace else []
            yield from names_below(pattern.url_patterns, namespaces + own)


@cache
def requests() -> Requests:
    """Those of this process, of what it was forked from, and of its forks, once it was called before they were."""
    return Requests(all_names())
