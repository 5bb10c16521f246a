"""The visit log, for the administration: what each request was, from the spool to the table.

The audience (`privacy/audience.py`) is counted apart from it, and its code cannot get here: see
docs/decisions/visits-and-audience.md.

A line of the spool is a list in JSON, in ASCII, so that nothing that a stranger sends can break it:

    [1, milliseconds since 1970, address, method, path, status, duration in milliseconds, referring host, browser]
"""

import ipaddress
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from privacy import loading
from privacy.models.visit import Visit, VisitHour
from privacy.spool import Spool
from vietmusic.browsers import NAMES, family
from vietmusic.client import client_address
from vietmusic.logs import path_without_tokens

KIND = "visits"
SPOOL = Spool(KIND)
VERSION = 1
NOT_LOGGED = frozenset({"/healthz"})
SUMS_LAST = timedelta(days=2 * 365)
HOST = re.compile(r"https?://(?:[^/?#@]*@)?([a-z0-9.-]{1,253}|\[[0-9a-f:.]+\])(?::[0-9]*)?(?:[/?#]|$)", re.IGNORECASE)
LONGEST_LINE = 3_000  # bytes of a path in JSON; a letter can take twelve
encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), check_circular=False).encode


class VisitMiddleware:
    """Writes one line into the spool for each request, and does nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info in NOT_LOGGED:
            return self.get_response(request)
        started = time.perf_counter()
        status = 500
        try:
            response = self.get_response(request)
            status = response.status_code
        finally:
            SPOOL.write(line_of(request, status, time.perf_counter() - started))
        return response


def line_of(request: HttpRequest, status: int, seconds: float) -> bytes:
    meta = request.META
    path = path_without_tokens(request.path)[: Visit.PATH_LENGTH]
    if not path.isascii() and len(encode(path)) > LONGEST_LINE:
        path = path[: LONGEST_LINE // 12]
    line = [
        VERSION,
        int(time.time() * 1000),
        client_address(request),
        request.method[:16],
        path,
        status,
        int(seconds * 1000),
        referring_host(meta.get("HTTP_REFERER", ""), meta.get("HTTP_HOST", "")),
        family(meta.get("HTTP_USER_AGENT", "")),
    ]
    return encode(line).encode()


def referring_host(referrer: str, own: str) -> str:
    """The host alone, and only another site's."""
    found = HOST.match(referrer) if referrer else None
    if not found:
        return ""
    host = found[1].lower()
    return "" if host in {own.partition(":")[0].lower(), urlsplit(settings.SITE_URL).hostname} else host


# Loading


def load() -> int:
    """Loads what the spool holds by now; how many lines that were."""
    return loading.load(KIND, take)


def take(lines: Sequence[bytes]) -> list[bytes]:
    visits, unreadable = [], []
    for line in lines:
        visit = read(line)
        if visit is None:
            unreadable.append(line)
        else:
            visits.append(visit)
    Visit.objects.bulk_create(visits)
    add_to_hours(visits)
    return unreadable


def read(line: bytes) -> Visit | None:
    """None for a line that is not as we write them: torn, or somebody else's."""
    try:
        version, at, address, method, path, status, milliseconds, referrer, browser = json.loads(line)
        # A whole number where one is expected: True is one too, and a fraction isn't.
        if not all(type(number) is int for number in (version, at, status, milliseconds)) or version != VERSION:
            return None
        if not (100 <= status <= 599 and 0 <= milliseconds < 2**31 and 0 <= at < 2**42 and browser in NAMES):
            return None
        texts = ((address, 60), (method, 16), (path, Visit.PATH_LENGTH), (referrer, 255))
        if not all(is_text(text, longest) for text, longest in texts):
            return None
        return Visit(
            at=datetime.fromtimestamp(at / 1000, UTC),
            address=str(ipaddress.ip_address(address.partition("%")[0])),  # no database holds an IPv6 scope
            method=method,
            path=path,
            status=status,
            status_class=status // 100,
            milliseconds=milliseconds,
            referrer=referrer,
            browser=browser,
        )
    except (ValueError, TypeError, RecursionError):
        return None


def is_text(value: Any, longest: int) -> bool:
    """Whether a database can hold it. Raises ValueError for lone surrogates."""
    return type(value) is str and len(value) <= longest and "\0" not in value and value.encode() is not None


def add_to_hours(visits: Sequence[Visit]) -> None:
    counts: Counter[tuple[datetime, int]] = Counter(
        (visit.at.replace(minute=0, second=0, microsecond=0), visit.status_class) for visit in visits
    )
    # In one order for all loaders, so that two don't wait for each other.
    for hour in sorted({hour for hour, _status_class in counts}):
        VisitHour.objects.get_or_create(hour=hour)
        VisitHour.objects.filter(hour=hour).update(
            requests=F("requests") + sum(counts[hour, one] for one in range(1, 6)),
            refused=F("refused") + counts[hour, 4],
            failed=F("failed") + counts[hour, 5],
        )


# What staff see


def hours_of(day: date) -> list[VisitHour]:
    """The sums of a day's hours, in the site's time; those without any request too. One query."""
    start = timezone.make_aware(datetime(day.year, day.month, day.day))
    known = {one.hour: one for one in VisitHour.objects.filter(hour__gte=start, hour__lt=start + timedelta(days=1))}
    hours = [start.astimezone(UTC) + timedelta(hours=number) for number in range(24)]
    return [known.get(hour) or VisitHour(hour=hour) for hour in hours]


def forget_old_sums() -> None:
    VisitHour.objects.filter(hour__lt=timezone.now() - SUMS_LAST).delete()


def days_kept() -> Iterator[date]:
    """The days of which visits can be looked at, today first."""
    today = timezone.localdate()
    return (today - timedelta(days=number) for number in range(settings.VISIT_DAYS + 1))
