"""Response headers that neither Django nor its packages set."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class HeadersMiddleware:
    """Outermost, so that errors, redirects, static files and media carry the header too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
