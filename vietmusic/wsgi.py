"""The WSGI application: `gunicorn vietmusic.wsgi`."""

import os
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vietmusic.settings")

django_application = get_wsgi_application()

from core.http.uploads_apart import UploadsApart  # noqa: E402  they need the settings
from core.kept_pages.front import KeptPages, KeptResponse  # noqa: E402
from privacy.traffic import visit_log, visitor_counts  # noqa: E402


def record(environ: dict[str, Any], kept: KeptResponse, status: int, seconds: float) -> None:
    """Writes both logs, which Django's middlewares write for pages that it makes."""
    visit_log.record(environ, kept.path, status, seconds)
    visitor_counts.record(environ, kept.path, kept.header("Content-Type"), kept.header("Content-Language"))


application = UploadsApart(KeptPages(django_application, record))
