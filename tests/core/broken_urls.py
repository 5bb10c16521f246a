"""The site's addresses, and some whose views break, for ROOT_URLCONF."""

from errno import ENOSPC, ETIMEDOUT

from django.conf.urls.i18n import i18n_patterns
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from core.file_storage import StorageAway
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


def without_database(request: HttpRequest) -> HttpResponse:
    raise OperationalError("server closed the connection unexpectedly")


def without_room(request: HttpRequest) -> HttpResponse:
    raise OSError(ENOSPC, "No space left on device")


def without_storage(request: HttpRequest) -> HttpResponse:
    raise StorageAway(ETIMEDOUT, "Connection timed out")


urlpatterns = [
    *i18n_patterns(
        path("without-database/", csrf_exempt(without_database)),
        path("without-room/", csrf_exempt(without_room)),
        path("without-storage/", csrf_exempt(without_storage)),
        path("broken/", broken),
        path("forbidden/", forbidden),
        path("broken-query/", broken_query),
        path("privacy/you/<str:token>/broken/", broken),
        prefix_default_language=False,
    ),
    *real,
]
