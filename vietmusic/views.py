"""The home page, and what machines ask for."""

from collections.abc import Iterable
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pageant.models import Entry, Pageant
from pageant.photos.faces import with_faces
from privacy.cookies.preferences import Preferences, preferences_of
from privacy.models import PolicyVersion
from suggestions.models import Category, Suggestion

NEWEST_ON_HOME = 8
WEBSITES_ON_HOME = 6
NEWEST_IN_SITEMAP = 1_000  # older entries are found from the galleries


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The same for all who allow no preferences; for the others what fits comes on top, and nothing is left out."""
    liked = preferences_of(request)
    newest = Entry.objects.public().with_covers().newest_first()
    return render(
        request,
        "home.html",
        {
            "open": sorted(with_faces(Pageant.objects.open()), key=lambda pageant: pageant.slug not in liked.pageants),
            "upcoming": Pageant.objects.upcoming()[:3],
            "past": with_faces(Pageant.objects.past()[:3]),
            "newest": newest[:NEWEST_ON_HOME],
            "fitting": for_you(newest, liked),
            "new": newest.published_after(liked.before)[:NEWEST_ON_HOME] if liked.before else [],
            "websites": Suggestion.objects.public().select_related("category").newest_first()[:WEBSITES_ON_HOME],
            "policy": PolicyVersion.objects.published()
            .only("number", "published_at", "summary_en", "summary_vi")
            .first(),
            "liked": liked,
            "other_language": liked.language if liked.language != get_language() else "",
        },
    )


def for_you(newest: QuerySet[Entry], liked: Preferences) -> Iterable[Entry]:
    if not (liked.places or liked.hobbies):
        return []
    return newest.fitting(liked.places, liked.hobbies)[:NEWEST_ON_HOME]


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the site can answer: it and its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return render(request, "robots.txt", {"site": settings.SITE_URL}, content_type="text/plain")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    newest = Entry.objects.public().newest_first().select_related("pageant")[:NEWEST_IN_SITEMAP]
    websites = Suggestion.objects.public().newest_first()[:NEWEST_IN_SITEMAP]
    names = ("home", "pageant:pageants", "suggestions:websites", "privacy:policy", "sponsors:all")
    pages = [reverse(name) for name in names]
    rows = (*Pageant.objects.all(), *newest, *Category.objects.all(), *websites)
    pages += [row.get_absolute_url() for row in rows]
    context = {"site": settings.SITE_URL, "pages": pages}
    return render(request, "sitemap.xml", context, content_type="application/xml")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    context = {
        "site": settings.SITE_URL,
        "contact": parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        "expires": timezone.now() + timedelta(days=365),
    }
    return render(request, "security.txt", context, content_type="text/plain")
