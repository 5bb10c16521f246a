"""The WSGI application: `gunicorn vietmusic.wsgi`."""

import os
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest
from django.http.response import HttpResponseBase

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vietmusic.settings")

django_application = get_wsgi_application()

from core.http.compression import CompressionMiddleware  # noqa: E402  they need the settings
from core.http.uploads_apart import UploadsApart  # noqa: E402
from core.kept_pages.front import KeptPages, KeptResponse  # noqa: E402
from core.kept_pages.readers import Readers  # noqa: E402
from core.metrics.requests import CountsRequests, requests  # noqa: E402
from privacy.cookies.firewall import CookieFirewallMiddleware  # noqa: E402
from privacy.cookies.preferences import PreferencesMiddleware  # noqa: E402
from privacy.traffic import visit_log, visitor_counts  # noqa: E402


def record(environ: dict[str, Any], kept: KeptResponse, status: int, seconds: float) -> None:
    """Writes both logs, which Django's middlewares write for pages that it makes."""
    visit_log.record(environ, kept.path, status, seconds)
    visitor_counts.record(environ, kept.path, kept.header("Content-Type"), kept.header("Content-Language"))


def record_read(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    """The same for a page that was filled for its reader."""
    visit_log.record(request.META, request.path, response.status_code, seconds)
    visitor_counts.record_read(request, response.headers["Content-Type"])


readers = Readers(
    [settings.CHOICE_COOKIE_NAME, settings.PREFERENCES_COOKIE_NAME],
    [CompressionMiddleware, CookieFirewallMiddleware, PreferencesMiddleware],
)
kept_pages = KeptPages(django_application, record, readers, record_read)
application = UploadsApart(CountsRequests(kept_pages, requests()))
