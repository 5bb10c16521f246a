"""Compresses public pages, but not personal ones (docs/decisions/what-is-compressed.md)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/", "application/xml", "application/atom+xml")


class CompressionMiddleware(GZipMiddleware):
    """Stands outside every middleware that sets Cache-Control.

    Adds no random bytes, since what it compresses holds no secret: a page that hasn't changed is the same to the byte.
    """

    max_random_bytes = 0

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if is_text(response) and is_for_everybody(request, response):
            return super().process_response(request, response)
        return response


def is_text(response: HttpResponseBase) -> bool:
    """Whether it is text, and not read from a file: WhiteNoise has compressed those already."""
    return isinstance(response, HttpResponse) and response.get("Content-Type", "").startswith(TEXTS)


def is_for_everybody(request: HttpRequest, response: HttpResponseBase) -> bool:
    stored = "no-store" not in response.get("Cache-Control", "")
    return stored and settings.PREFERENCES_COOKIE_NAME not in request.COOKIES
