"""Refuses malformed and cross-origin requests before a view sees them."""

import tempfile
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse

from core.http import errors
from core.http.uploads_apart import IS_BUSY

GetResponse = Callable[[HttpRequest], HttpResponse]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
LONGEST_NUMBER = 18  # digits; Python refuses to read endless ones
QUERY_LIMIT = 8 * 1024  # bytes; the longest query that the site itself makes is a tenth of it


class PlainRequestMiddleware:
    """Refuses what no form and no link of ours sends: NUL bytes, endless queries, bodies over the limit."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.META.get(IS_BUSY):
            return errors.one_moment(request)
        query = request.META.get("QUERY_STRING", "")
        # PostgreSQL's text holds no NUL: one that got further would end in a server error.
        texts = [request.path_info, unquote(query), *request.COOKIES.values()]
        if len(query) > QUERY_LIMIT or any("\0" in text for text in texts):
            return errors.bad_request(request)
        if not self.is_utf8(request):
            return errors.bad_request(request)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and (len(length) > LONGEST_NUMBER or int(length) > settings.REQUEST_BODY_LIMIT):
            return errors.too_large(request)
        return self.get_response(request)

    def is_utf8(self, request: HttpRequest) -> bool:
        """Whether the body claims UTF-8, as browsers send forms; other codecs may raise or yield lone surrogates."""
        assert request.content_params is not None  # each request from a server has them
        charset = request.content_params.get("charset", "utf-8")
        request.encoding = "utf-8"
        return charset.lower() in {"utf-8", "utf8"}


class CrossOriginMiddleware:
    """Refuses posts from pages of other sites, and needs neither a cookie nor a token for that.

    Browsers name the sender in `Sec-Fetch-Site` (all since 2023) or else in `Origin`; a client that sends neither is no
    browser, holds nobody's cookies, and can't be made to act for a visitor. Views behind an unguessable URL
    (`@origin_exempt`) accept any `Origin` where `Sec-Fetch-Site` is missing, since knowing the URL is the proof. Staff
    pages are guarded by Django's token as well.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        if request.method in SAFE_METHODS or not is_cross_origin(request):
            return None
        if getattr(view, "origin_exempt", False) and "Sec-Fetch-Site" not in request.headers:
            return None
        return errors.csrf_failure(request)


def is_cross_origin(request: HttpRequest) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is not None and origin not in {f"{scheme}://{request.get_host()}" for scheme in ("http", "https")}


class NamelessFileUploadHandler(FileUploadHandler):
    """Holds each uploaded file in a temporary file without a name, gone when the process is, however that ends.

    Of a file beyond FILE_LIMIT, just enough is kept for the form to see that it is too large. Files beyond MOST_FILES
    are dropped; as that is more than any form takes, the form can still say that there are too many.
    """

    MOST_FILES = 20
    FILE_LIMIT = 15 * 1024 * 1024  # bytes

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = self.MOST_FILES

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.places -= 1
        if self.places >= 0:
            self.file = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the request

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.places >= 0 and start <= self.FILE_LIMIT:
            self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self.places < 0:
            return None
        self.file.seek(0)
        return UploadedFile(self.file, self.file_name, self.content_type, file_size, self.charset)
