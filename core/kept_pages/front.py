"""The WSGI application in front of Django's: serves kept pages, and answers conditional requests for public ones.

A page without cookies is kept as Django sent it, for each host, encoding and Global Privacy Control, all of which it
may depend on. With cookies of ours alone, a kept page is filled for its reader (core/kept_pages/readers.py).
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import get_path_info
from django.db import Error, connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags

from core import jobs
from core.http.compression import accepts_gzip
from core.kept_pages.readers import Readers, ReadPage
from core.kept_pages.store import Store
from core.kept_pages.views import KEEP, PAGES, READ, Validity
from core.metrics.requests import FILLED, HIT, MADE, OUTCOME, VIEW, name_of

Environ = dict[str, Any]
Application = Callable[[Environ, Callable], Iterable[bytes]]
Headers = list[tuple[str, str]]

OK, UNCHANGED = "200 OK", "304 Not Modified"
OF_CONTENT = frozenset({"content-type", "content-length", "content-encoding"})  # headers that a 304 goes without
NO_BODY = frozenset({"", "text/plain"})  # the Content-Type of requests without one, the latter in wsgiref


@dataclass(frozen=True)
class KeptResponse:
    path: str
    view: str  # its name in metrics
    headers: Headers
    content: bytes
    validity: Validity

    @property
    def size(self) -> int:
        return len(self.content) + sum(len(name) + len(value) for name, value in self.headers)

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


# Called for each page that is served from memory: environ, page, status, seconds
Record = Callable[[Environ, KeptResponse, int, float], None]
RESPONSES: Store[KeptResponse] = Store()
# The same for pages with cookies: Django's request and response, seconds
RecordRead = Callable[[HttpRequest, HttpResponseBase, float], None]
READ_PAGES: Store[ReadPage] = Store()


class KeptPages:
    def __init__(self, application: Application, record: Record, readers: Readers, record_read: RecordRead) -> None:
        self.application = application
        self.record = record
        self.readers = readers
        self.record_read = record_read

    def __call__(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        if not is_plain(environ):
            return self.application(environ, start_response)
        cookie = environ.get("HTTP_COOKIE")
        if cookie is None:
            return self.serve(environ, start_response)
        if settings.KEPT_PAGES_BYTES and self.readers.understands(cookie):
            return self.serve_reader(environ, start_response)
        return self.application(environ, start_response)

    def serve(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        """A page for nobody in particular."""
        started = time.perf_counter()
        key = key_of(environ)
        kept = RESPONSES.get(key)
        if kept is None or not is_right(kept):
            return self.make(key, environ, start_response)
        status = status_for(environ, kept)
        environ[VIEW], environ[OUTCOME] = kept.view, HIT
        self.record(environ, kept, int(status[:3]), time.perf_counter() - started)
        return Body(send(kept, status, start_response), jobs.do_in_passing)

    def make(self, key: tuple, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        """Has Django make the page, and keeps it if it may be kept."""
        started: list[Any] = []
        body: Any = self.application(environ, lambda *arguments: started.extend(arguments))
        validity = environ.get(KEEP)
        if validity is None:
            start_response(*started)
            return body
        _status, headers, *_rest = started
        environ[OUTCOME] = MADE
        made = KeptResponse(get_path_info(environ), environ.get(VIEW, ""), headers, b"".join(body), validity)
        RESPONSES.put(key, made, limit=settings.KEPT_PAGES_BYTES // 3)
        return Body(send(made, status_for(environ, made), start_response), body.close)

    def serve_reader(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        """A page for somebody whose browser sends cookies of ours."""
        started = time.perf_counter()
        key = place_of(environ)
        page = READ_PAGES.get(key)
        if page is not None and is_right(page):
            try:
                request, response, headers = self.readers.serve(page, environ)
            except Error:
                connection.close()
            else:
                environ[VIEW], environ[OUTCOME] = name_of(page.match, request.path_info), FILLED
                self.record_read(request, response, time.perf_counter() - started)
                start_response(OK, headers)
                return Body([response.content], jobs.do_in_passing)
        return self.read(key, environ, start_response)

    def read(self, key: tuple, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        """Has Django send the page, and keeps what is the same for all about it."""
        sent: Headers = []

        def start(status: str, headers: Headers, *rest: Any) -> Any:
            sent.extend(headers)
            return start_response(status, headers, *rest)

        body = self.application(environ, start)
        if found := environ.get(READ):
            made, request = found
            if made.validity:
                page = ReadPage.of(made, made.validity, request, sent)
                READ_PAGES.put(key, page, limit=settings.KEPT_PAGES_BYTES // 3)
                environ[OUTCOME] = MADE
        return body


def bytes_kept() -> int:
    """The memory that this process's pages take."""
    return RESPONSES.size + READ_PAGES.size + PAGES.size


class Body:
    """The body of a response. `close` is called when it has been sent."""

    def __init__(self, content: list[bytes], close: Callable[[], object]) -> None:
        self.content = content
        self.close = close

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.content)


def is_plain(environ: Environ) -> bool:
    """Whether it is a GET without a body."""
    get = environ.get
    if get("REQUEST_METHOD") != "GET" or get("CONTENT_LENGTH", "") not in {"", "0"}:
        return False
    return "HTTP_TRANSFER_ENCODING" not in environ and get("CONTENT_TYPE", "") in NO_BODY


def place_of(environ: Environ) -> tuple:
    get = environ.get
    return (
        get("wsgi.url_scheme"), get("HTTP_X_FORWARDED_PROTO"), get("HTTP_HOST"), get("SCRIPT_NAME"), get("PATH_INFO"),
        get("QUERY_STRING"),
    )  # fmt: skip


def key_of(environ: Environ) -> tuple:
    """What a page without cookies depends on."""
    is_compressed = accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    return *place_of(environ), environ.get("HTTP_SEC_GPC") == "1", is_compressed


def is_right(kept: KeptResponse | ReadPage) -> bool:
    try:
        return kept.validity.holds()
    except Error:
        connection.close()  # Django opens another one, or says that something broke
        return False


def status_for(environ: Environ, kept: KeptResponse) -> str:
    etags = environ.get("HTTP_IF_NONE_MATCH")
    return UNCHANGED if etags and is_known(etags, kept.header("ETag")) else OK


def is_known(etags: str, etag: str) -> bool:
    """Whether a browser that sends those ETags has the page already. Compares weakly (RFC 9110, section 13.1.2)."""
    known = parse_etags(etags)
    return known == ["*"] or etag.removeprefix("W/") in {one.removeprefix("W/") for one in known}


def status_of(request: HttpRequest, response: HttpResponseBase) -> int:
    """The status that this response of Django's leaves the site with."""
    etags = request.META.get("HTTP_IF_NONE_MATCH")
    if etags and request.META.get(KEEP) and is_plain(request.META) and is_known(etags, response.get("ETag", "")):
        return 304
    return response.status_code


def send(kept: KeptResponse, status: str, start_response: Callable) -> list[bytes]:
    if status == OK:
        start_response(status, list(kept.headers))
        return [kept.content]
    start_response(status, [(name, value) for name, value in kept.headers if name.lower() not in OF_CONTENT])
    return []
