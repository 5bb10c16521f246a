"""What the parts of the tour are made of: see tests/tour.py."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.auth.models import User

LANGUAGES = [code for code, _name in settings.LANGUAGES]
COOKIES = "/privacy/cookies/"
LAN = "lan@example.com"  # one person with something in every state


@dataclass(frozen=True, eq=False)
class Stop:
    """A page in some state. `path` is its address in English; `post` is sent there where it isn't None.

    Before it comes the answer about cookies, if there is one, and then the paths in `visited`.
    """

    name: str
    path: str
    status: int = 200
    post: Mapping[str, str] | None = None
    choice: str = ""
    visited: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    def path_in(self, language: str) -> str:
        return self.path if language == settings.LANGUAGE_CODE else f"/{language}{self.path}"


def path_of(name: str) -> str:
    """Of what is behind the token that is called so."""
    return f"/privacy/you/{token(name)}/"


def token(name: str) -> str:
    return name.ljust(43, "-")  # as long as real ones


OWN = path_of("own")  # the page of LAN


def nothing() -> None:
    pass


@dataclass(frozen=True)
class Leg:
    """An app's part of the tour: `LEG` in tests/<app>/tour.py, found by name."""

    stops: Sequence[Stop]
    furnish: Callable[[User], None]  # makes what the stops show, with that user as staff
    feeds: Sequence[str] = ()
    elsewhere: Mapping[str, str] = field(default_factory=dict)  # addresses that are no pages of their own, and why
    send_mails: Callable[[], None] = nothing  # such as no stop sends
    texts: Callable[[], Iterable[tuple[str, str]]] = list  # what people wrote, with its language
    write: Callable[[str], None] = lambda text: None  # puts a text of somebody's into each of the feeds
