"""Response headers that neither Django nor its packages set, or not as cheaply."""

import re
from collections.abc import Callable
from functools import lru_cache

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
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
        response.headers.setdefault("Cross-Origin-Embedder-Policy", "require-corp")
        if WITH_TOKEN.match(request.path_info):
            response["Referrer-Policy"] = "no-referrer"
            response["X-Robots-Tag"] = "noindex"
            add_never_cache_headers(response)
        return response


class ContentSecurityMiddleware(CSPMiddleware):
    """django-csp's, which builds the policy anew for each response, in an order that differs between processes."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if settings.DEBUG:  # some of its pages have policies of their own
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, policy())
        return response


@lru_cache(maxsize=1)
def policy() -> str:
    return "; ".join(sorted(build_policy().split("; ")))
