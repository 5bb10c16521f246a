"""Response headers that neither Django nor its packages set."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

# URLs with a token in them, whatever the response is: an error page must not give the token away either.
WITH_TOKEN = re.compile(r"(?:/vi)?/privacy/you/[^/]")


class HeadersMiddleware:
    """Stands outside everything that responds: errors, redirects, static files and media carry the headers too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if WITH_TOKEN.match(request.path_info):
            response["Referrer-Policy"] = "no-referrer"
            response["X-Robots-Tag"] = "noindex"
            add_never_cache_headers(response)
        return response
