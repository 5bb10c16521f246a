"""The home page and the pages for machines."""

from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.kept_pages.views import kept
from core.readiness import READINESS
from core.site import home_blocks


@kept("pageants", "websites", "policy")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The home page: the blocks of all apps."""
    return render(request, "home.html", {"blocks": home_blocks()})


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 if the site and its database respond."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 if everything is there that the site needs, else 503 with a line for each thing that isn't."""
    problems = READINESS.problems()
    lines = [f"{problem}\n" for problem in problems] or ["ok\n"]
    return HttpResponse(lines, status=503 if problems else 200, content_type="text/plain")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return render(request, "robots.txt", {"site": settings.SITE_URL}, content_type="text/plain")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    context = {
        "site": settings.SITE_URL,
        "contact": parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        "expires": timezone.now() + timedelta(days=365),
    }
    return render(request, "security.txt", context, content_type="text/plain")
