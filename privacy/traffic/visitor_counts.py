"""Counts hits and estimated visitors by day, section and language, without cookies or IP addresses.

Separate from the visit log, which this code can't import (see docs/decisions/visits-and-audience.md). A visitor is a
digest of the network (/16 or /48) and the family of the browser, under a key of the day that is destroyed after
midnight in Asia/Ho_Chi_Minh: from then on nobody can tell whose it was. When the day is over, the digests are deleted
too; sums are left.

A line of the spool is a JSON list: `[1, "2026-03-01", section, language, kind of hit, visitor or "-"]`.

A page that a browser fetches ahead is a hit of its own kind and brings no visitor: perhaps nobody ever sees it. If the
browser asks again when somebody does, that is a hit like any other. If it shows what it has fetched, the site never
hears of it.
"""

import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from itertools import product
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F, Min
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from core.batches import keys_of
from core.http.client_ip import ip_in
from core.http.headers import WITH_TOKEN
from core.http.prefetching import is_prefetch
from core.http.user_agents import ROBOT, family
from core.site import sections
from privacy.cookies.consent import Consent, consent_of, was_read
from privacy.models.audience import ALL, AudienceDay, AudienceSeen
from privacy.models.machine import Machine
from privacy.registry.purposes import STATISTICS
from privacy.traffic import loader
from privacy.traffic.daily_salt import KEY, ZONE, today
from privacy.traffic.shared_salt import SHARED
from privacy.traffic.spool import Spool

log = logging.getLogger(__name__)

KIND = "audience"
SPOOL = Spool(KIND)
VERSION = 1
BATCH = 5000  # digests that are deleted at a time
LONGEST_WAIT = timedelta(days=7)  # for a machine's visits, whose visitors are then no longer counted
COMPLAINTS_EVERY = timedelta(hours=1)
# In place of a visitor: a robot, a page fetched ahead, somebody who doesn't want to be counted; or the key is missing
NOBODY = "-"
DIGEST = re.compile(r"[0-9a-f]{32}|-")
SECTION = re.compile(r"(?:[a-z]{1,20}:)?[a-zA-Z0-9_-]{1,60}")
HOME, OTHER = "home", "other"
NOT_COUNTED = frozenset({"admin", "media", "static", "dev", "healthz", "readyz"})
LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)


class Kind(IntEnum):
    """Of a hit: for whom a page was fetched."""

    PERSON = 0
    ROBOT = 1
    PREFETCH = 2


class AudienceMiddleware:
    """Counts a page that was shown: one line in the spool, which names nobody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method == "GET" and response.status_code == 200:
            record_read(request, response.headers.get("Content-Type", ""))
        return response


def record_read(request: HttpRequest, content_type: str) -> None:
    """Counts what was shown to a request."""
    if section := section_of(request.path_info, content_type):
        language = getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)
        SPOOL.write(line_of(request.META, section, language, refused=refuses(request)))


def record(environ: Mapping[str, Any], path: str, content_type: str, language: str) -> None:
    """Counts what was shown at that path to a request without cookies, with that WSGI environment."""
    if section := section_of(path, content_type):
        refused = environ.get("HTTP_SEC_GPC") == "1"
        SPOOL.write(line_of(environ, section, language, refused=refused))


def section_of(path: str, content_type: str) -> str:
    """The section that a page is counted in; empty for what isn't counted."""
    if not content_type.startswith("text/html") or WITH_TOKEN.match(path):
        return ""
    first, _slash, rest = path.removeprefix("/vi/").lstrip("/").partition("/")
    if first in NOT_COUNTED:
        return ""
    if not first:
        return HOME
    section = sections().get(first)
    if section is None:
        return OTHER
    slug = rest.partition("/")[0]
    return f"{section.detail}:{slug}" if section.detail and slug else section.name


def line_of(environ: Mapping[str, Any], section: str, language: str, *, refused: bool) -> bytes:
    browser = family(environ.get("HTTP_USER_AGENT", ""))
    kind = kind_of(environ, browser)
    if kind != Kind.PERSON or refused:
        day, visitor = today(), NOBODY
    else:
        salt = SHARED if settings.DAY_SALT_URL else KEY
        day, visitor = salt.digest(f"{cut(ip_in(environ))} {browser}".encode())
        visitor = visitor or NOBODY
    return f'[{VERSION},"{day}",{quoted(section)},"{language}",{kind},"{visitor}"]'.encode()


def kind_of(environ: Mapping[str, Any], browser: str) -> Kind:
    if browser == ROBOT:
        return Kind.ROBOT
    return Kind.PREFETCH if is_prefetch(environ) else Kind.PERSON


def refuses(request: HttpRequest) -> bool:
    """Whether somebody doesn't want to be counted. Never calls `consent_of`, since the page doesn't depend on it."""
    consent = consent_of(request) if was_read(request) else Consent.read(request)
    return consent.refuses(STATISTICS)


def cut(ip: str) -> str:
    """The network of an IP address: /16 for IPv4, /48 for IPv6."""
    if ":" not in ip:
        return ip.rsplit(".", 2)[0]
    return network_of_ipv6(ip)


def network_of_ipv6(ip: str) -> str:
    groups = ip.partition("%")[0].split("::")[0].split(":") if not ip.startswith("::") else []
    return ":".join([*groups, "0", "0", "0"][:3])


# Loading


@dataclass(frozen=True)
class Page:
    """One page that was fetched."""

    day: date
    section: str
    language: str
    kind: Kind
    visitor: str

    def rows(self) -> Iterator[tuple[date, str, str]]:
        """The keys of the sums to which the page adds: day, section, language."""
        return ((self.day, *pair) for pair in product((self.section, ALL), (self.language, ALL)))


def load() -> int:
    """Loads what the spool holds by now. Returns how many lines."""
    return loader.load(KIND, take)


def take(lines: Sequence[bytes]) -> list[bytes]:
    pages, unreadable = [], []
    for line in lines:
        page = read(line)
        if page is None:
            unreadable.append(line)
        else:
            pages.append(page)
    if pages:
        alone()
        count(pages)
    return unreadable


def read(line: bytes) -> Page | None:
    """Parses a line. Returns None if we didn't write it, or only a part of it."""
    try:
        version, day, section, language, kind, visitor = json.loads(line)
        is_ours = (
            (version, type(version)) == (VERSION, int)
            and type(kind) is int
            and language in LANGUAGES
            and SECTION.fullmatch(section)
            and DIGEST.fullmatch(visitor)
        )
        return Page(date.fromisoformat(day), section, language, Kind(kind), visitor) if is_ours else None
    except (ValueError, TypeError, RecursionError):
        return None


def count(pages: Sequence[Page]) -> None:
    """Adds pages to the sums. After a day is closed its pages count as hits only, since who was seen is forgotten."""
    days = {page.day for page in pages}
    closed = set(AudienceDay.objects.filter(day__in=days, is_closed=True).values_list("day", flat=True))
    hits: dict[Kind, Counter[tuple[date, str, str]]] = {kind: Counter() for kind in Kind}
    visitors = Counter(new_visitors(pages, closed))
    for page in pages:
        hits[page.kind].update(page.rows())
    for row in sorted(set().union(*hits.values())):
        day, section, language = row
        is_new = {"is_closed": day in closed}
        AudienceDay.objects.get_or_create(day=day, section=section, language=language, defaults=is_new)
        AudienceDay.objects.filter(day=day, section=section, language=language).update(
            hits=F("hits") + hits[Kind.PERSON][row],
            visitors=F("visitors") + visitors[row],
            robots=F("robots") + hits[Kind.ROBOT][row],
            prefetches=F("prefetches") + hits[Kind.PREFETCH][row],
        )


def new_visitors(pages: Sequence[Page], closed: set[date]) -> Iterator[tuple[date, str, str]]:
    """Notes visitors who weren't seen before, and yields the key of the sum that each adds to."""
    come = {
        (*row, page.visitor)
        for page in pages
        if page.visitor != NOBODY and page.kind == Kind.PERSON and page.day not in closed
        for row in page.rows()
    }
    if not come:
        return
    seen = AudienceSeen.objects.filter(
        day__in={day for day, *_rest in come},
        section__in={section for _day, section, *_rest in come},
        visitor__in={visitor for *_rest, visitor in come},
    )
    # Sorted, so that the order of rows doesn't reveal the order in which people came.
    new = sorted(come - set(seen.values_list("day", "section", "language", "visitor")))
    AudienceSeen.objects.bulk_create(
        AudienceSeen(day=day, section=section, language=language, visitor=visitor)
        for day, section, language, visitor in new
    )
    yield from (row[:3] for row in new)


def alone() -> None:
    """Keeps others from counting and closing until the transaction ends. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE privacy_audienceday IN SHARE ROW EXCLUSIVE MODE")


# Midnight


def close_days() -> None:
    """Closes past days: destroys their keys, counts what the spool still holds, and forgets who was seen.

    Where several machines serve the site, each calls this, and a day waits until all of them have loaded it.
    """
    tend_salt()
    now = timezone.now()
    load()
    if settings.MACHINE:
        Machine.note(settings.MACHINE, now)
        tell_of_silent_machines()
    until = first_open_day()
    over = AudienceDay.objects.filter(day__lt=until, is_closed=False)
    if over.exists():
        with transaction.atomic():
            alone()
            over.update(is_closed=True)
    # Nobody is noted for a closed day any more, so that others may count meanwhile.
    for batch in keys_of(AudienceSeen.objects.filter(day__lt=until), BATCH):
        AudienceSeen.objects.filter(pk__in=batch).delete()


def tend_salt() -> None:
    KEY.destroy_old()
    if settings.DAY_SALT_URL:
        SHARED.tend()


def first_open_day() -> date:
    """The first day that a machine may still bring visitors of. None is waited for longer than a week."""
    this_day = date.fromisoformat(today())
    if not settings.MACHINE:
        return this_day
    behind = Machine.objects.alive().aggregate(Min("loaded_up_to"))["loaded_up_to__min"]
    return max(min(this_day, behind.astimezone(ZONE).date()), this_day - LONGEST_WAIT)


def tell_of_silent_machines() -> None:
    for machine in Machine.objects.silent():
        if cache.add(f"silent:{machine.name}", True, COMPLAINTS_EVERY.total_seconds()):
            log.warning(
                "Nothing has been heard from the machine %s since %s: days wait for its visits (manage.py machines)",
                machine.name,
                f"{timezone.localtime(machine.loaded_up_to):%Y-%m-%d %H:%M}",
            )
