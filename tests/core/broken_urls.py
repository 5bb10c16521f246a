"""The site's addresses, and some whose views break, for ROOT_URLCONF."""

from django.conf.urls.i18n import i18n_patterns
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from vietmusic.urls import *  # noqa: F403
from vietmusic.urls import urlpatterns as real


def broken(request: HttpRequest, token: str = "") -> HttpResponse:
    """Breaks with the address in the error's text, as errors of libraries do."""
    raise RuntimeError(f"No idea what to do at {request.path}")


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def broken_query(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM no_such_table")
    return HttpResponse()


urlpatterns = [
    *i18n_patterns(
        path("broken/", broken),
        path("forbidden/", forbidden),
        path("broken-query/", broken_query),
        path("privacy/you/<str:token>/broken/", broken),
        prefix_default_language=False,
    ),
    *real,
]
