"""A visitor's preferences, kept in their own cookie with their consent and never on the server.

Only what a person did on purpose counts: a filter used, a pageant opened, the language read. The cookie looks like
`v:1&language:vi&place:Hu%E1%BA%BF&hobby:h%C3%A1t&pageant:spring&seen:29000000`, the newest of each kind first and times
in minutes, so that its owner can read it. Anything else counts as empty. Apps declare the kinds in their `site.py`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol, Self, cast
from urllib.parse import quote, unquote

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import get_language

from core.site import PreferenceKind, preference_kinds
from core.text import has_hidden_characters, tidy_line
from core.vietnamese import spelling
from privacy.cookies.consent import SKEW, consent_of, was_read
from privacy.cookies.firewall import expire, set_cookie
from privacy.registry.purposes import PREFERENCES

MOST = 5  # of each kind
LONGEST_VALUE = 1_500  # bytes of the whole cookie
GAP = timedelta(minutes=30)  # without a page view, after which another visit begins
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,50}")
MINUTES = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class Preferences:
    language: str = ""  # the last one that the person read the site in; empty: either
    kept: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # values by kind, the newest first; none empty
    seen: datetime | None = None  # the last page view
    before: datetime | None = None  # the last page view of the visit before this one

    @classmethod
    def read(cls, text: str) -> Self:
        if not text.isascii() or len(text) > LONGEST_VALUE:
            return cls()
        pairs = [pair.partition(":")[::2] for pair in text.split("&")]
        try:
            values = [(name, unquote(value, errors="strict")) for name, value in pairs]
        except UnicodeDecodeError:
            return cls()
        preferences = cls._of(values)
        # It must be just what we would write: that leaves no room for anything else.
        return preferences if preferences.is_sound and preferences.write() == text else cls()

    @classmethod
    def _of(cls, values: list[tuple[str, str]]) -> Self:
        single = dict(values)
        lists = {kind: tuple(value for name, value in values if name == kind) for kind in preference_kinds()}
        return cls(
            language=single.get("language", ""),
            kept={kind: chosen for kind, chosen in lists.items() if chosen},
            seen=moment_in(single.get("seen", "")),
            before=moment_in(single.get("before", "")),
        )

    def write(self) -> str:
        pairs = [("v", "1"), ("language", self.language)]
        pairs += [(kind, value) for kind in preference_kinds() for value in self.of_kind(kind)]
        pairs += [("seen", minutes_of(self.seen)), ("before", minutes_of(self.before))]
        return "&".join(f"{name}:{quote(value, safe='')}" for name, value in pairs if value)

    def of_kind(self, kind: str) -> tuple[str, ...]:
        return self.kept.get(kind, ())

    @property
    def is_sound(self) -> bool:
        """Whether we could have written it; a cookie may hold anything."""
        kinds = preference_kinds()
        lists = all(
            len(values) <= MOST and all(is_acceptable(kinds[kind], value) for value in values)
            for kind, values in self.kept.items()
        )
        times = [moment for moment in (self.before, self.seen) if moment]
        in_order = times == sorted(times) and all(moment <= timezone.now() + SKEW for moment in times)
        return lists and in_order and self.language in {"", *dict(settings.LANGUAGES)}

    @property
    def fits(self) -> bool:
        """Whether a cookie has room for it."""
        return len(self.write()) <= LONGEST_VALUE

    @property
    def is_empty(self) -> bool:
        return not (self.language or self.kept)

    def keeping(self, kind: str, values: Sequence[str]) -> Self:
        """A copy with these values of a kind in place of the old ones."""
        kept = {**self.kept, kind: tuple(values)}
        return replace(self, kept={kind: values for kind, values in kept.items() if values})

    def with_newest(self, kind: str, value: str) -> Self:
        """A copy with that value first; the oldest makes room if needed. A value that can't be kept is left out."""
        if self.of_kind(kind)[:1] == (value,):
            return self
        value = tidy_line(value)
        if not is_acceptable(preference_kinds()[kind], value):
            return self
        others = [other for other in self.of_kind(kind) if spelling(other) != spelling(value)]
        preferences = self.keeping(kind, (value, *others)[:MOST])
        while not preferences.fits:
            preferences = preferences.without_oldest(but=value)
        return preferences

    def without_oldest(self, *, but: str) -> Self:
        """A copy without the oldest value of the kind that takes the most room, sparing `but`."""
        droppable = [kind for kind, values in self.kept.items() if values != (but,)]
        longest = max(droppable, key=lambda kind: len(quote("".join(self.of_kind(kind)))))
        return self.keeping(longest, self.of_kind(longest)[:-1])

    def visited(self, now: datetime) -> Self:
        """A copy with a page view at `now`, to the minute."""
        minute = now.replace(second=0, microsecond=0)
        if self.seen and minute < self.seen:
            return self
        before = self.seen if self.seen and minute - self.seen >= GAP else self.before
        return replace(self, seen=minute, before=before)


def is_acceptable(kind: PreferenceKind, value: str) -> bool:
    if kind.titles:
        return bool(SLUG.fullmatch(value))
    return 0 < len(value) <= kind.max_length and value == tidy_line(value) and not has_hidden_characters(value)


def minutes_of(moment: datetime | None) -> str:
    return str(int(moment.timestamp()) // 60) if moment else ""


def moment_in(minutes: str) -> datetime | None:
    return datetime.fromtimestamp(int(minutes) * 60, UTC) if MINUTES.fullmatch(minutes) else None


class Visit(Protocol):
    """A request whose preferences were read."""

    held: Preferences
    preferences: Preferences


def preferences_of(request: HttpRequest) -> Preferences:
    """The visitor's preferences, this page view included; empty without their consent."""
    if not consent_of(request).allows(PREFERENCES):
        return Preferences()
    visit = cast("Visit", request)
    if not hasattr(request, "preferences"):
        visit.preferences = held_by(request).visited(timezone.now())
    return visit.preferences


def held_by(request: HttpRequest) -> Preferences:
    """What the cookie holds, read once."""
    visit = cast("Visit", request)
    if not hasattr(request, "held"):
        visit.held = Preferences.read(request.COOKIES.get(settings.PREFERENCES_COOKIE_NAME, ""))
    return visit.held


def remember(request: HttpRequest, **acts: str) -> None:
    """Notes what was looked for, by the names of kinds, and the language; nothing without consent."""
    if not consent_of(request).allows(PREFERENCES):
        return
    known = replace(preferences_of(request), language=get_language())
    for kind, value in acts.items():
        known = known.with_newest(kind, value) if value else known
    change(request, known)


def change(request: HttpRequest, preferences: Preferences) -> None:
    """Replaces the visitor's preferences, as they wish."""
    cast("Visit", request).preferences = preferences


class PreferencesMiddleware:
    """Sets the cookie if a view has changed what it holds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method == "GET" and response.status_code == 200 and was_read(request):
            preferences_of(request)  # a page, and so a visit
        if request.method != "HEAD" and response.status_code < 400 and hasattr(request, "preferences"):
            self.write(request, response)
        return response

    def write(self, request: HttpRequest, response: HttpResponseBase) -> None:
        preferences = cast("Visit", request).preferences
        if not consent_of(request).allows(PREFERENCES) or preferences == held_by(request):
            return
        if preferences == Preferences():
            expire(response, settings.PREFERENCES_COOKIE_NAME)
        else:
            set_cookie(response, settings.PREFERENCES_COOKIE_NAME, preferences.write())
