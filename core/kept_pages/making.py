"""Makes pages that have nothing of their reader, and fills the holes that they leave for each reader.

A view decorated with `@kept` gets a request without cookies, address or any header that tells readers apart. What
differs from reader to reader it leaves open:

    hole(request, liked_first, kind="hobby", parts=parts)    in a template tag: HTML that is made for each reader
    unique(new_key)                                          there too: HTML that is made each time
    each_time(request, remember, pageant=slug)               in a view: done for each reader

Both are done at once where no page is being made to be kept. What a page says because of the time of day it says until
a moment that it tells: `changes_at(pageant.closes_at)`.
"""

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from math import inf
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe

# All that a view may know of a request: what was asked for, and of which host.
ASKED = (
    "HTTP_HOST", "HTTP_X_FORWARDED_PROTO", "PATH_INFO", "QUERY_STRING", "SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT",
    "SERVER_PROTOCOL", "wsgi.url_scheme",
)  # fmt: skip
TOKEN = secrets.token_hex(16)  # which nobody outside can put into a page
MARK = re.compile(f"<hole {TOKEN} ([0-9]+)>".encode())
TABLE = re.compile(r'\b(?:FROM|JOIN|INTO|UPDATE) "(\w+)"')


@dataclass(frozen=True)
class ForReader:
    """Something to do with the request of each reader."""

    do: Callable[..., Any]
    data: dict[str, Any]

    def __call__(self, request: HttpRequest) -> Any:
        return self.do(request, **self.data)


@dataclass
class Making:
    """What is noted while a page is made."""

    holes: list[ForReader] = field(default_factory=list)
    acts: list[ForReader] = field(default_factory=list)
    is_unique: bool = False  # each time it is sent
    tables: set[str] = field(default_factory=set)  # that were read
    until: float = inf  # Unix time at which the page is no longer right

    def note_tables(self, execute: Callable, sql: str, *rest: Any) -> Any:
        """A wrapper of the database's connection."""
        self.tables.update(TABLE.findall(sql))
        return execute(sql, *rest)


MAKING: ContextVar[Making | None] = ContextVar("the page that is being made", default=None)


@contextmanager
def making() -> Iterator[Making]:
    noted = Making()
    token = MAKING.set(noted)
    try:
        with connection.execute_wrapper(noted.note_tables):
            yield noted
    finally:
        MAKING.reset(token)


def is_making() -> bool:
    """Whether a page is being made to be kept: so nothing on it may come from a cache of its own."""
    return MAKING.get() is not None


def hole(request: HttpRequest, fill: Callable[..., str], **data: Any) -> SafeString:
    """HTML that `fill(request, **data)` makes for each reader. While a page is made, a mark in its place."""
    noted = MAKING.get()
    if noted is None:
        return mark_safe(fill(request, **data))  # noqa: S308  it is HTML by contract
    noted.holes.append(ForReader(fill, data))
    return mark_safe(f"<hole {TOKEN} {len(noted.holes) - 1}>")  # noqa: S308  our own mark


def unique(make: Callable[[], str]) -> SafeString:
    """HTML that `make()` makes anew each time the page is sent: so no two of them are the same."""
    noted = MAKING.get()
    if noted is not None:
        noted.is_unique = True
    return hole(HttpRequest(), lambda request: make())


def each_time(request: HttpRequest, act: Callable[..., Any], **data: Any) -> None:
    """Does `act(request, **data)` whenever the page is read by somebody whose browser sends cookies."""
    noted = MAKING.get()
    if noted is None:
        act(request, **data)
    else:
        noted.acts.append(ForReader(act, data))


def changes_at(*moments: datetime | None) -> None:
    """Says that the page reads differently from each of these moments on; past ones don't matter."""
    noted = MAKING.get()
    if noted is not None:
        now = datetime.now().timestamp()
        coming = [moment.timestamp() for moment in moments if moment and moment.timestamp() > now]
        noted.until = min([noted.until, *coming])


def without_reader(request: HttpRequest) -> HttpRequest:
    """A GET for the same page, from nobody."""
    environ = {name: request.META[name] for name in ASKED if name in request.META}
    plain = WSGIRequest({**environ, "REQUEST_METHOD": "GET", "wsgi.input": BytesIO()})
    plain.resolver_match = request.resolver_match
    plain.LANGUAGE_CODE = request.LANGUAGE_CODE
    return plain


@dataclass(frozen=True)
class Page:
    """A page as it is for everybody: its text with holes, and what is done for each reader."""

    status: int
    headers: dict[str, str]
    texts: Sequence[bytes]  # one more than holes, which lie between them
    holes: Sequence[ForReader]
    acts: Sequence[ForReader]
    is_unique: bool
    size: int  # bytes

    @classmethod
    def of(cls, response: HttpResponse, noted: Making) -> "Page":
        texts = MARK.split(response.content)
        holes = [noted.holes[int(number)] for number in texts[1::2]]
        headers = dict(response.items())
        return cls(response.status_code, headers, texts[::2], holes, noted.acts, noted.is_unique, len(response.content))

    def fill(self, request: HttpRequest) -> HttpResponse:
        parts = [self.texts[0]]
        for one, text in zip(self.holes, self.texts[1:], strict=True):
            parts += [one(request).encode(), text]
        for act in self.acts:
            act(request)
        return HttpResponse(b"".join(parts), status=self.status, headers=self.headers)
