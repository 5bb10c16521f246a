"""Records an answer about cookies: in a cookie, and as an anonymous row."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language

from privacy.cookies import questions
from privacy.cookies.consent import Answer, Consent, Read, consent_of
from privacy.cookies.firewall import expire, set_cookie
from privacy.cookies.questions import Words
from privacy.models import CookieChoice, PolicyVersion
from privacy.registry.purposes import ASKED, PREFERENCES, STATISTICS

YES = frozenset({"on", "1", "true", "yes"})  # what a ticked box posts; anything else is a no
DIGEST = re.compile(r"[0-9a-f]{64}")
LONGEST_PATH = 2_000  # characters


@dataclass(frozen=True)
class Choice:
    """What a pressed button answers, and the words beside it. None takes an answer back, as if it had never been."""

    answers: Mapping[str, bool | None]
    words: Words

    @property
    def says_yes(self) -> bool:
        return any(self.answers.values())

    def is_to(self, shown: str) -> bool:
        """Whether those words, by their digest, are the ones beside the button now. Empty: the form doesn't tell."""
        return shown in {"", questions.digest(self.words)}


def choice_in(posted: QueryDict) -> Choice | None:
    """The choice that was posted; None if it is no button of ours. What a button doesn't name stays as it was."""
    pressed = posted.getlist("choice")
    if len(pressed) != 1:
        return None
    ticked = {purpose.key: posted.get(purpose.key, "").lower() in YES for purpose in ASKED}
    buttons: dict[str, tuple[Mapping[str, bool | None], Callable[[], Words]]] = {
        "all": (dict.fromkeys(ticked, True), questions.everything),
        "none": (dict.fromkeys(ticked, False), questions.everything),
        "chosen": (ticked, questions.everything),
        "remember": ({PREFERENCES.key: True}, questions.remembering),
        "not-remember": ({PREFERENCES.key: False}, questions.remembering),
        "forget": ({PREFERENCES.key: False}, questions.forgetting),
        "not-count": ({STATISTICS.key: False}, questions.counting),
        "count": ({STATISTICS.key: None}, questions.counting),
    }
    if pressed[0] not in buttons:
        return None
    answers, words = buttons[pressed[0]]
    return Choice(answers, words())


def choose(
    request: HttpRequest, response: HttpResponseBase, choice: Choice, *, shown: str, record: bool = True
) -> None:
    """Keeps the answers in a cookie and, with `record`, in a row that says nothing about who gave them.

    `shown` is the digest of the words that were answered, as the form carried it. Answers to other questions stay. If
    none is left, neither is the cookie. The firewall expires cookies that are no longer allowed in the same response.
    """
    made = consent_of(request).without(choice.answers)
    if answers := {key: yes for key, yes in choice.answers.items() if yes is not None}:
        # The cookie holds whole seconds.
        answer = Answer(secrets.token_hex(16), timezone.now().replace(microsecond=0), answers)
        made = replace(made, given=(*made.given, answer))
        if record:
            keep(answer, made, shown if DIGEST.fullmatch(shown) else questions.digest(choice.words))
    if made.is_made:
        set_cookie(response, settings.CHOICE_COOKIE_NAME, made.write())
    else:
        expire(response, settings.CHOICE_COOKIE_NAME)
    cast("Read", request).consent = made


def keep(answer: Answer, made: Consent, text_digest: str) -> None:
    CookieChoice.objects.create(
        key=answer.key,
        made_at=answer.made_at,
        answers=answer.purposes,
        signal=made.signalled,
        language=get_language(),
        text_digest=text_digest,
        policy=PolicyVersion.objects.current(),
    )


def path_back(path: str) -> str:
    """Returns `path` if it leads to a page of this site, else ""."""
    is_path = path.startswith("/") and not path.startswith("//") and "\\" not in path and len(path) <= LONGEST_PATH
    return path if is_path and path.isprintable() and url_has_allowed_host_and_scheme(path, None) else ""
