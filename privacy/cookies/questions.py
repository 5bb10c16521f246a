"""What is asked about cookies, in the words that people read before they answer.

Each question is a list of texts in the active language. A record keeps the digest of those that were shown, so they say
nothing of a person: not which place or hobby somebody looked for, which could be guessed from the digest.
"""

import hashlib
from collections.abc import Callable

from django.utils.translation import gettext as _

from privacy.cookies.consent import LIFETIME
from privacy.registry.purposes import ASKED
from privacy.registry.retention import spell

Words = list[str]


def everything() -> Words:
    """On the page about cookies: all purposes at once."""
    return [introduction(), *(str(text) for purpose in ASKED for text in (purpose.name, purpose.text))]


def introduction() -> str:
    return _(
        "You can read this site without any cookies. We do a few things only if you say yes, and we count visitors "
        "unless you say no. If you say no, every page is just as complete, and we do not ask again for 182 days: "
        "one cookie keeps your answer. You can change it at the foot of every page."
    )


def remembering() -> Words:
    """Beside what could be remembered."""
    return [
        _("Shall your browser remember what you look for?"),
        _(
            "For %(period)s a cookie keeps the places, hobbies and pageants you look for, your language and when you "
            "were last here, and pages put first what suits you. We keep no copy."
        )
        % {"period": spell(LIFETIME)},
        _("Yes or no, another cookie keeps your answer just as long."),
    ]


def counting() -> Words:
    """At the foot of each page, beside “Don't count me”."""
    return [
        _("Visits are counted without knowing you."),
        _("One cookie keeps that wish for %(period)s.") % {"period": spell(LIFETIME)},
    ]


def forgetting() -> Words:
    """At the foot of each page, beside “Forget my preferences”."""
    return [
        _("Your browser remembers what you like."),
        _("All of it is deleted at once; one cookie keeps that wish for %(period)s.") % {"period": spell(LIFETIME)},
    ]


QUESTIONS: tuple[Callable[[], Words], ...] = (everything, remembering, counting, forgetting)


def digest(words: Words) -> str:
    """SHA-256 of the words, in hexadecimal."""
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def words_of(text_digest: str) -> Words:
    """The words with that digest, if a question still has them in the active language."""
    asked = (question() for question in QUESTIONS)
    return next((words for words in asked if digest(words) == text_digest), [])
