"""A visitor's answers about cookies, as their browser sends them.

The choice cookie alone decides; reading it needs no query. It looks like
`1:<number of the receipt>:<Unix time>:+preferences:-statistics:-advertising`; anything else counts as no answer. Global
Privacy Control wins over a yes, for as long as the browser sends it.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol, Self, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.registry.purposes import ADVERTISING, ASKED, STATISTICS, Purpose

LIFETIME = timedelta(days=182)  # until somebody is asked again
SKEW = timedelta(minutes=1)  # the clocks of two servers may differ by this
SIGNALLED = (STATISTICS, ADVERTISING)  # what Global Privacy Control says no to
COOKIE = re.compile(r"1:([0-9a-f]{32}):([1-9][0-9]{9})((?::[+-][a-z]{1,30}){1,20})")


@dataclass(frozen=True)
class Consent:
    """One person's answers; none if `made_at` is None. What wasn't answered doesn't count as a yes."""

    key: str = ""  # of the record, if there is one
    made_at: datetime | None = None
    answers: Mapping[str, bool] = field(default_factory=dict)
    signalled: bool = False  # whether the browser sends Global Privacy Control now

    @classmethod
    def read(cls, request: HttpRequest) -> Self:
        signalled = request.headers.get("Sec-GPC") == "1"
        match = COOKIE.fullmatch(request.COOKIES.get(settings.CHOICE_COOKIE_NAME, ""))
        if not match:
            return cls(signalled=signalled)
        key, seconds, signs = match.groups()
        made_at = datetime.fromtimestamp(int(seconds), UTC)
        answers = {sign[1:]: sign[0] == "+" for sign in signs[1:].split(":")}
        if len(answers) != signs.count(":") or not timezone.now() - LIFETIME < made_at <= timezone.now() + SKEW:
            return cls(signalled=signalled)
        return cls(key, made_at, answers, signalled)

    def write(self) -> str:
        """The value of the cookie."""
        assert self.made_at is not None
        signs = [f"{'+' if yes else '-'}{key}" for key, yes in self.answers.items()]
        return ":".join(["1", self.key, str(int(self.made_at.timestamp())), *signs])

    def allows(self, purpose: Purpose) -> bool:
        return bool(self.answers.get(purpose.key)) and not self.is_overruled(purpose)

    def refuses(self, purpose: Purpose) -> bool:
        """Whether they said no, by an answer or by the signal."""
        return self.answers.get(purpose.key) is False or self.is_overruled(purpose)

    def is_overruled(self, purpose: Purpose) -> bool:
        """Whether the signal says no, whatever was answered."""
        return self.signalled and purpose in SIGNALLED

    def repeats(self, answers: Mapping[str, bool]) -> bool:
        """Whether these answers change nothing."""
        return self.answers == answers

    @property
    def is_made(self) -> bool:
        return self.made_at is not None

    @property
    def asks(self) -> bool:
        """Whether a question is still unanswered."""
        return any(purpose.key not in self.answers for purpose in ASKED)

    @property
    def allowed(self) -> list[Purpose]:
        return [purpose for purpose in ASKED if self.allows(purpose)]

    @property
    def unrefused(self) -> list[Purpose]:
        """Purposes that need no yes, and to which the person hasn't said no."""
        open_ones = [purpose for purpose in ASKED if purpose.unless_refused and not self.allows(purpose)]
        return [purpose for purpose in open_ones if not self.refuses(purpose)]

    @property
    def ends_at(self) -> datetime:
        assert self.made_at is not None
        return self.made_at + LIFETIME


class Read(Protocol):
    """A request whose choice cookie was read."""

    consent: Consent


def consent_of(request: HttpRequest) -> Consent:
    """The consent of a request, read once. Its page then depends on the cookie, which the firewall tells caches."""
    read = cast("Read", request)
    if not was_read(request):
        read.consent = Consent.read(request)
    return read.consent


def was_read(request: HttpRequest) -> bool:
    return hasattr(request, "consent")


def question() -> str:
    """What the notice asks, in the active language; the purposes stand below it."""
    return _(
        "You can read this site without any cookies. We do a few things only if you say yes, and we count visitors "
        "unless you say no. If you say no, every page is just as complete, and we do not ask again for 182 days: "
        "one cookie keeps your answer. You can change it at the foot of every page."
    )


def words() -> list[str]:
    """All the words that people read before they answer, in the active language."""
    return [question(), *(str(text) for purpose in ASKED for text in (purpose.name, purpose.text))]


def digest() -> str:
    """SHA-256 of those words, in hexadecimal, as a record of what somebody answered."""
    return hashlib.sha256("\n".join(words()).encode()).hexdigest()
