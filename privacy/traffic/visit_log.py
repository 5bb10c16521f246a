"""The visit log for administration: records each request in the spool and loads it.

The audience (`privacy/traffic/visitor_counts.py`) is counted separately, by code that cannot import this: see
docs/decisions/visits-and-audience.md.

A line of the spool is a JSON list in ASCII, so that nothing a stranger sends can break it:

    [2, milliseconds since 1970, address, method, path, status, duration in milliseconds, referring host, browser,
     1 for a page that a browser fetched ahead or 0]

Version 1 lacked the last one; its lines are still read.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from core.http.client_ip import ip_in, parse_ip
from core.http.prefetching import is_prefetch
from core.http.user_agents import NAMES, family
from core.kept_pages.front import status_of
from core.log_redaction import path_without_tokens
from privacy.models.visit import Visit, VisitHour
from privacy.traffic import loader
from privacy.traffic.spool import Spool

KIND = "visits"
SPOOL = Spool(KIND)
VERSION = 2
NOT_LOGGED = frozenset({"/healthz", "/readyz"})
SUMS_LAST = timedelta(days=2 * 365)
HOST = re.compile(r"[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\]")
REFERRER = re.compile(r"https?://(?:[^/?#@]*@)?(\[[^/?#\]]*\]|[^/?#:]*)")
LONGEST_PATH = 3_000  # bytes in JSON, where a character can take twelve
LATEST = 2**42  # milliseconds since 1970: in 2109
HOUR = 60 * 60 * 1000  # milliseconds


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
            status = status_of(request, response)
        finally:
            record(request.META, request.path, status, time.perf_counter() - started)
        return response


def record(environ: Mapping[str, Any], path: str, status: int, seconds: float) -> None:
    """Logs a request with that WSGI environment."""
    SPOOL.write(line_of(environ, path, status, seconds))


def line_of(environ: Mapping[str, Any], path: str, status: int, seconds: float) -> bytes:
    told = quoted(path_without_tokens(path)[: Visit.PATH_LENGTH])
    if len(told) > LONGEST_PATH:
        told = quoted(path_without_tokens(path)[: LONGEST_PATH // 12])
    method = quoted(environ.get("REQUEST_METHOD", "")[:16])
    host = referring_host(environ.get("HTTP_REFERER", ""), environ.get("HTTP_HOST", ""))
    browser = quoted(family(environ.get("HTTP_USER_AGENT", "")))
    # By hand, which is four times as fast as json.dumps. What isn't quoted here are numbers, IP addresses and hosts.
    return (
        f'[{VERSION},{time.time_ns() // 1_000_000},"{ip_in(environ)}",{method},{told},'
        f'{status},{int(seconds * 1000)},"{host}",{browser},{int(is_prefetch(environ))}]'
    ).encode()


def referring_host(referrer: str, own: str) -> str:
    """The host of a referrer, if it is another site's; else ""."""
    match = REFERRER.match(referrer) if referrer else None
    if match is None:
        return ""
    host = match[1].lower()
    is_ours = host == own.rpartition(":")[0].lower() or host == own.lower() or host == host_of(settings.SITE_URL)
    return host if not is_ours and HOST.fullmatch(host) else ""


def host_of(url: str) -> str:
    match = REFERRER.match(url)
    return match[1] if match else ""


# Loading


def load() -> int:
    """Loads what the spool holds by now. Returns how many lines."""
    return loader.load(KIND, take)


class Line(NamedTuple):
    """A line of the spool that could be read."""

    at: int  # milliseconds since 1970
    address: str
    method: str
    path: str
    status: int
    status_class: int
    milliseconds: int
    referrer: str
    browser: str
    is_prefetch: bool


def take(lines: Sequence[bytes]) -> list[bytes]:
    read_lines = [(line, read(line)) for line in lines]
    visits = [visit for _line, visit in read_lines if visit is not None]
    if visits:
        insert(visits)
        add_to_hours(visits)
    return [line for line, visit in read_lines if visit is None]


def read(line: bytes) -> Line | None:
    """Parses a line. Returns None if we didn't write it, or only a part of it."""
    try:
        at, address, method, path, status, milliseconds, referrer, browser, prefetch = values_of(line)
        # Integers by type: isinstance() would accept True.
        if not all(type(number) is int for number in (at, status, milliseconds, prefetch)) or prefetch not in {0, 1}:
            return None
        if not (100 <= status <= 599 and 0 <= milliseconds < 2**31 and 0 <= at < LATEST and browser in NAMES):
            return None
        texts = ((address, 60), (method, 16), (path, Visit.PATH_LENGTH), (referrer, 255))
        if not all(is_text(text, longest) for text, longest in texts):
            return None
        address = parse_ip(address)
    except (ValueError, TypeError, RecursionError):
        return None
    if address is None:
        return None
    return Line(at, address, method, path, status, status // 100, milliseconds, referrer, browser, bool(prefetch))


def values_of(line: bytes) -> list[Any]:
    """Without the version. Raises ValueError for another one."""
    version, *values = json.loads(line)
    if type(version) is not int or version not in {1, VERSION}:
        raise ValueError("not a version of ours")
    return [*values, 0] if version == 1 else values


def is_text(value: object, longest: int) -> bool:
    """Whether it is text that a database can hold. Raises ValueError for lone surrogates."""
    return type(value) is str and len(value) <= longest and "\0" not in value and value.encode() is not None


COLUMNS = ", ".join(Line._fields)
ON_SQLITE = f"INSERT INTO privacy_visit ({COLUMNS}) VALUES ({', '.join(['%s'] * len(Line._fields))})"  # noqa: S608  our names
ON_POSTGRESQL = f"""
INSERT INTO privacy_visit ({COLUMNS})
SELECT to_timestamp(at / 1000.0), address::inet, method, path, status, status_class, milliseconds, referrer, browser,
    is_prefetch
FROM unnest(
    %s::bigint[], %s::text[], %s::text[], %s::text[], %s::int[], %s::int[], %s::int[], %s::text[], %s::text[],
    %s::bool[]
) AS line ({COLUMNS})
"""  # noqa: S608  our names


def insert(visits: Sequence[Line]) -> None:
    """Inserts in each database's own fast way, several times as fast as bulk_create, which handles each value."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(ON_POSTGRESQL, [list(column) for column in zip(*visits, strict=True)])
        else:
            cursor.executemany(ON_SQLITE, [(written(visit.at), *visit[1:]) for visit in visits])


def written(at: int) -> str:
    """A moment as Django writes it into SQLite: in UTC, without an offset."""
    return str(datetime.fromtimestamp(at / 1000, UTC).replace(tzinfo=None))


def add_to_hours(visits: Sequence[Line]) -> None:
    counts = Counter((visit.at // HOUR, visit.status_class) for visit in visits)
    prefetches = Counter(visit.at // HOUR for visit in visits if visit.is_prefetch and visit.status_class < 4)
    # In one order for all loaders, so that two never deadlock.
    for number in sorted({number for number, _status_class in counts}):
        hour = datetime.fromtimestamp(number * HOUR // 1000, UTC)
        VisitHour.objects.get_or_create(hour=hour)
        VisitHour.objects.filter(hour=hour).update(
            requests=F("requests") + sum(counts[number, status_class] for status_class in range(1, 6)),
            refused=F("refused") + counts[number, 4],
            failed=F("failed") + counts[number, 5],
            prefetches=F("prefetches") + prefetches[number],
        )


# What staff see


def hours_of(day: date) -> list[VisitHour]:
    """The sums of a day's 24 hours, in the site's time zone, also of those without requests. One query."""
    start = timezone.make_aware(datetime(day.year, day.month, day.day))
    known = {hour.hour: hour for hour in VisitHour.objects.filter(hour__gte=start, hour__lt=start + timedelta(days=1))}
    hours = [start.astimezone(UTC) + timedelta(hours=number) for number in range(24)]
    return [known.get(hour) or VisitHour(hour=hour) for hour in hours]


def forget_old_sums() -> None:
    VisitHour.objects.filter(hour__lt=timezone.now() - SUMS_LAST).delete()


def days_kept() -> Iterator[date]:
    """The days whose visits are kept, today first."""
    today = timezone.localdate()
    return (today - timedelta(days=number) for number in range(settings.VISIT_DAYS + 1))
