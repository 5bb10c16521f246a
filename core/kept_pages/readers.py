"""Serves kept pages to readers whose browser sends cookies of ours: fills their holes, and runs nothing else.

The middlewares that look at those cookies run as ever. What the others do to a page is the same for all readers, so it
was noted when Django last sent the page to one of them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.core.handlers.wsgi import WSGIRequest, get_script_name
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, set_script_prefix
from django.utils import translation

from core.kept_pages.views import Made, Validity, respond

GetResponse = Callable[[HttpRequest], HttpResponseBase]
Middleware = Callable[[GetResponse], GetResponse]
Headers = list[tuple[str, str]]

# What a page says of its reader. All other headers are the same for all.
OF_READER = frozenset({"cache-control", "content-encoding", "content-length", "set-cookie", "vary"})


@dataclass(frozen=True)
class ReadPage:
    """A page that was sent to a reader with cookies."""

    made: Made
    validity: Validity
    match: ResolverMatch | None
    language: str
    headers: Headers  # that are the same for all

    @classmethod
    def of(cls, made: Made, validity: Validity, request: HttpRequest, headers: Headers) -> "ReadPage":
        shared = [(name, value) for name, value in headers if name.lower() not in OF_READER]
        return cls(made, validity, request.resolver_match, request.LANGUAGE_CODE, shared)

    @property
    def size(self) -> int:
        return self.made.size + sum(len(name) + len(value) for name, value in self.headers)


class Readers:
    """Fills kept pages. `cookies` are the names of those that `middlewares`, from the outermost, look at."""

    def __init__(self, cookies: Iterable[str], middlewares: Sequence[Middleware]) -> None:
        self.cookies = frozenset(cookies)
        self.get_response: GetResponse = self.fill
        for middleware in reversed(middlewares):
            self.get_response = middleware(self.get_response)

    def understands(self, cookie: str) -> bool:
        """Whether all that a Cookie header names is known, and written plainly."""
        if '"' in cookie or "\\" in cookie or "\0" in cookie:
            return False
        return all(pair.partition("=")[0].strip() in self.cookies for pair in cookie.split(";"))

    def serve(self, page: ReadPage, environ: dict[str, Any]) -> tuple[HttpRequest, HttpResponse, Headers]:
        """The page for that request, and its headers. Raises django.db.Error where there is no database."""
        request: Any = WSGIRequest(environ)
        request.resolver_match, request.LANGUAGE_CODE, request.read_page = page.match, page.language, page
        set_script_prefix(get_script_name(environ))
        with translation.override(page.language):
            response = cast("HttpResponse", self.get_response(request))
        own = [(name, value) for name, value in response.items() if name.lower() in OF_READER]
        cookies = [("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values()]
        return request, response, [*page.headers, *own, *cookies]

    @staticmethod
    def fill(request: Any) -> HttpResponse:
        response = respond(request, request.read_page.made)
        response["Content-Length"] = str(len(response.content))
        return response
