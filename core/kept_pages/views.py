"""`@kept`: keeps the page that a view makes, for as long as nothing on it has changed."""

import logging
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language

from core.kept_pages import versions
from core.kept_pages.making import Making, Page, making, without_reader
from core.kept_pages.store import Store
from core.site import kept_tables

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]
# In the WSGI environment of a request:
KEEP = "vietmusic.keep"  # if it has nothing of its reader, the validity of the page
READ = "vietmusic.read"  # if it has cookies, the page and Django's request


class NotKept(Exception):
    """A view read what none of its topics stands for. Only raised with KEPT_PAGES_RAISE."""


@dataclass(frozen=True)
class Validity:
    """For how long a page is right: while its topics have this version, and until a moment in Unix time."""

    question: str  # which asks for the version of its topics
    version: int
    until: float

    def holds(self) -> bool:
        """Asks the database. Raises django.db.Error where there is none."""
        return time.time() < self.until and versions.read(self.question) == self.version


@dataclass(frozen=True)
class Made:
    page: Page
    validity: Validity | None  # None: it is for this reader alone

    @property
    def size(self) -> int:
        return self.page.size


PAGES: Store[Made] = Store()


def kept(*topics: str) -> Callable[[View], View]:
    """Keeps what the view makes from tables of these topics, which may name arguments of the URL: `pageants:{slug}`.

    The view must read nothing else. It makes a page once, however many ask for it at a time.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def serve(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in {"GET", "HEAD"}:
                return view(request, *args, **kwargs)
            names = tuple(topic.format(**kwargs) for topic in topics)
            key = (request.scheme, request.get_host(), request.get_full_path(), get_language())
            found = current(key)
            if found is None:
                with one_at_a_time(key):
                    found = current(key) or make(view, request, names, *args, **kwargs)
                    if found.validity:
                        PAGES.put(key, found, limit=settings.KEPT_PAGES_BYTES // 3)
            return respond(request, found)

        return serve

    return decorate


def current(key: Hashable) -> Made | None:
    """The page that is kept, if it is right."""
    found = PAGES.get(key)
    return found if found and found.validity and found.validity.holds() else None


def make(view: View, request: HttpRequest, topics: tuple[str, ...], *args: Any, **kwargs: Any) -> Made:
    question = versions.question(topics)
    version = versions.read(question)  # before anything else is: so the page is at least as new
    with making() as noted:
        page = Page.of(view(without_reader(request), *args, **kwargs), noted)
    if page.status != 200 or reads_too_much(noted, topics, request.path_info):
        return Made(page, None)
    if version is None:
        if settings.KEPT_PAGES_BYTES:
            versions.begin(topics)
        return Made(page, None)
    return Made(page, Validity(question, version, noted.until))


def reads_too_much(noted: Making, topics: tuple[str, ...], path: str) -> bool:
    """Whether a table was read whose changes move no version of the page."""
    covered = {topic.partition(":")[0] for topic in topics}
    stray = {table for table in noted.tables if kept_tables().get(table) not in covered}
    if stray:
        message = f"{path} is not kept: no topic of {', '.join(topics)} stands for {', '.join(sorted(stray))}"
        logger.error(message)
        if settings.KEPT_PAGES_RAISE:
            raise NotKept(message)
    return bool(stray)


def respond(request: HttpRequest, made: Made) -> HttpResponse:
    response = made.page.fill(request)
    patch_cache_control(response, no_cache=True)
    if response.status_code != 200 or made.page.is_unique:
        return response
    if "HTTP_COOKIE" in request.META:
        request.META[READ] = made, request
    else:
        response["ETag"] = f'"{blake2b(response.content, digest_size=16).hexdigest()}"'
        request.META[KEEP] = made.validity
    return response


LOCKS: dict[Hashable, tuple[threading.Lock, int]] = {}  # with the number of threads that hold it or wait
LOCKING = threading.Lock()


@contextmanager
def one_at_a_time(key: Hashable) -> Iterator[None]:
    """Lets one thread at a time do what the block does for that key."""
    with LOCKING:
        lock, threads = LOCKS.get(key, (threading.Lock(), 0))
        LOCKS[key] = lock, threads + 1
    try:
        with lock:
            yield
    finally:
        with LOCKING:
            lock, threads = LOCKS[key]
            if threads == 1:
                del LOCKS[key]
            else:
                LOCKS[key] = lock, threads - 1
