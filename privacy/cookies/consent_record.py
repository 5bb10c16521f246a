"""Records an answer about cookies: in a cookie, and as an anonymous row."""

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import cast

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language

from privacy.cookies.consent import Consent, Read, consent_of, digest
from privacy.cookies.firewall import set_cookie
from privacy.models import CookieChoice, PolicyVersion
from privacy.registry.purposes import ASKED

YES = frozenset({"on", "1", "true", "yes"})  # what a ticked box posts; anything else is a no
DIGEST = re.compile(r"[0-9a-f]{64}")
LONGEST_PATH = 2_000  # characters

Answers = dict[str, bool]


def answers_in(posted: QueryDict) -> Answers | None:
    """The answer that the pressed button gives for each purpose; None if it is no button of ours."""
    buttons: dict[str, Callable[[str], bool]] = {
        "all": lambda _name: True,
        "none": lambda _name: False,
        "chosen": lambda name: posted.get(name, "").lower() in YES,
    }
    pressed = posted.getlist("choice")
    if len(pressed) != 1 or pressed[0] not in buttons:
        return None
    return {purpose.key: buttons[pressed[0]](purpose.key) for purpose in ASKED}


def choose(
    request: HttpRequest, response: HttpResponseBase, answers: Answers, *, shown: str, record: bool = True
) -> Consent:
    """Keeps the answers in a cookie and, with `record`, in a row that says nothing about who gave them.

    `shown` is the digest of the words that were answered, as the form carried it. The firewall expires cookies that are
    no longer allowed in the same response.
    """
    before = consent_of(request)
    # The cookie holds whole seconds.
    made_at = timezone.now().replace(microsecond=0)
    made = replace(before, key=secrets.token_hex(16), made_at=made_at, answers=answers)
    if record:
        CookieChoice.objects.create(
            key=made.key,
            made_at=made_at,
            answers=answers,
            signal=made.signalled,
            language=get_language(),
            text_digest=shown if DIGEST.fullmatch(shown) else digest(),
            policy=PolicyVersion.objects.current(),
        )
    set_cookie(response, settings.CHOICE_COOKIE_NAME, made.write())
    cast("Read", request).consent = made
    return made


def path_back(path: str) -> str:
    """Returns `path` if it leads to a page of this site, else ""."""
    is_path = path.startswith("/") and not path.startswith("//") and "\\" not in path and len(path) <= LONGEST_PATH
    return path if is_path and path.isprintable() and url_has_allowed_host_and_scheme(path, None) else ""
