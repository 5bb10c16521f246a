"""A visitor's answers about cookies, as their browser sends them.

The choice cookie alone decides; reading it needs no query. It holds each answer that is still in force, the oldest
first, like `1:<number of the receipt>:<Unix time>:-statistics&1:<number>:<time>:+preferences`; anything else counts as
no answer. A question may be answered alone, and each answer runs out by itself. Global Privacy Control wins over a yes,
for as long as the browser sends it.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Protocol, Self, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from privacy.registry.purposes import ADVERTISING, ASKED, STATISTICS, Purpose

LIFETIME = timedelta(days=182)  # until somebody is asked again
SKEW = timedelta(hours=2)  # clocks may differ, or be set back by as much: an answer from then still counts
SIGNALLED = (STATISTICS, ADVERTISING)  # what Global Privacy Control says no to
ANSWER = re.compile(r"1:([0-9a-f]{32}):([1-9][0-9]{9})((?::[+-][a-z]{1,30}){1,20})")
MOST_ANSWERS = 20


@dataclass(frozen=True)
class Answer:
    """What one click said about one or more purposes, as far as no later click said otherwise."""

    key: str  # of the record, if there is one
    made_at: datetime
    purposes: Mapping[str, bool]

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Parses one answer. Returns None for what we didn't write."""
        match = ANSWER.fullmatch(text)
        if not match:
            return None
        key, seconds, signs = match.groups()
        purposes = {sign[1:]: sign[0] == "+" for sign in signs[1:].split(":")}
        return (
            cls(key, datetime.fromtimestamp(int(seconds), UTC), purposes) if len(purposes) == signs.count(":") else None
        )

    def write(self) -> str:
        signs = [f"{'+' if yes else '-'}{key}" for key, yes in self.purposes.items()]
        return ":".join(["1", self.key, str(int(self.made_at.timestamp())), *signs])

    def without(self, purposes: Collection[str]) -> Self:
        return replace(self, purposes={key: yes for key, yes in self.purposes.items() if key not in purposes})

    @property
    def is_in_force(self) -> bool:
        now = timezone.now()
        return now - LIFETIME < self.made_at <= now + SKEW

    @property
    def ends_at(self) -> datetime:
        return self.made_at + LIFETIME


@dataclass(frozen=True)
class Consent:
    """One person's answers, the oldest first. What wasn't answered doesn't count as a yes."""

    given: tuple[Answer, ...] = ()  # no purpose in two of them, and none empty
    signalled: bool = False  # whether the browser sends Global Privacy Control now

    @classmethod
    def read(cls, request: HttpRequest) -> Self:
        given = answers_in(request.COOKIES.get(settings.CHOICE_COOKIE_NAME, ""))
        return cls(tuple(answer for answer in given if answer.is_in_force), request.META.get("HTTP_SEC_GPC") == "1")

    def write(self) -> str:
        """The value of the cookie; empty if there is nothing to keep."""
        return "&".join(answer.write() for answer in self.given)

    @cached_property
    def answers(self) -> dict[str, bool]:
        return {key: yes for answer in self.given for key, yes in answer.purposes.items()}

    def without(self, purposes: Collection[str]) -> Self:
        """A copy in which those purposes are unanswered."""
        left = (answer.without(purposes) for answer in self.given)
        return replace(self, given=tuple(answer for answer in left if answer.purposes))

    def repeats(self, answers: Mapping[str, bool | None]) -> bool:
        """Whether these answers change nothing; None stands for no answer."""
        return all(self.answers.get(key) is yes for key, yes in answers.items())

    def allows(self, purpose: Purpose) -> bool:
        return bool(self.answers.get(purpose.key)) and not self.is_overruled(purpose)

    def refuses(self, purpose: Purpose) -> bool:
        """Whether they said no, by an answer or by the signal."""
        return self.answers.get(purpose.key) is False or self.is_overruled(purpose)

    def is_overruled(self, purpose: Purpose) -> bool:
        """Whether the signal says no, whatever was answered."""
        return self.signalled and purpose in SIGNALLED

    def is_open(self, purpose: Purpose) -> bool:
        """Whether they haven't answered, so that they may be asked."""
        return purpose.key not in self.answers

    @property
    def is_made(self) -> bool:
        return bool(self.given)

    @property
    def allowed(self) -> list[Purpose]:
        return [purpose for purpose in ASKED if self.allows(purpose)]

    @property
    def refused(self) -> list[Purpose]:
        """Purposes to which they answered no; what the signal alone says is no answer of theirs."""
        return [purpose for purpose in ASKED if self.answers.get(purpose.key) is False]

    @property
    def is_all_refused(self) -> bool:
        return self.refused == list(ASKED)

    @property
    def does_nothing(self) -> bool:
        """Whether the signal leaves nothing to do of what may be refused."""
        return self.signalled and not self.allowed

    @property
    def unrefused(self) -> list[Purpose]:
        """Purposes that need no yes, and to which the person hasn't said no."""
        open_ones = [purpose for purpose in ASKED if purpose.unless_refused and not self.allows(purpose)]
        return [purpose for purpose in open_ones if not self.refuses(purpose)]

    @property
    def ends_at(self) -> datetime:
        """When the first of the answers runs out."""
        return min(answer.ends_at for answer in self.given)


def answers_in(text: str) -> list[Answer]:
    """The answers in the value of a cookie; none unless all of it is as we would write it."""
    parts = text.split("&", MOST_ANSWERS)
    answers = [answer for part in parts if (answer := Answer.read(part))]
    purposes = [purpose for answer in answers for purpose in answer.purposes]
    is_sound = len(answers) == len(parts) and len(set(purposes)) == len(purposes)
    return answers if is_sound else []


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
