"""Public views: pageants, gallery, entries, reports and photos."""

from django.core.exceptions import BadRequest
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from core import pagination
from core.http.client_ip import client_network
from core.http.errors import too_many
from core.kept_pages.making import changes_at, each_time
from core.kept_pages.views import kept
from pageant import gallery
from pageant.forms import ReportForm
from pageant.models import Entry, Pageant, Photo
from pageant.photos.card_photos import with_faces
from privacy import rate_limits
from privacy.cookies.preferences import remember

FIVE_MINUTES = 5 * 60  # seconds


@kept("pageants", "policy")
@require_safe
def pageants(request: HttpRequest) -> HttpResponse:
    current, past = with_faces(Pageant.objects.open(), Pageant.objects.past())
    upcoming = Pageant.objects.upcoming()
    changes_at(*(pageant.closes_at for pageant in current), *(pageant.opens_at for pageant in upcoming))
    groups = [
        (_("On now"), current),
        (_("Coming up"), upcoming),
        (_("Past"), past),
    ]
    return render(request, "pageant/pageants.html", {"groups": [group for group in groups if group[1]]})


@kept("pageants:{slug}", "hobbies", "policy")
@require_safe
def show_pageant(request: HttpRequest, slug: str) -> HttpResponse:
    pageant = get_object_or_404(Pageant, slug=slug)
    try:
        shown = gallery.show(pageant, request.GET)
    except pagination.BadCursor as error:
        raise BadRequest from error
    if shown.page.rows:  # remember only what was found
        place, hobby = shown.chosen.get("place", ""), shown.chosen.get("hobby", "")
        each_time(request, remember, pageant=slug, place=place, hobby=hobby)
    context = {"pageant": pageant, "gallery": shown, "cosponsorships": pageant.cosponsorships.in_force()}
    return render(request, "pageant/pageant.html", context)


def public_entry(slug: str, key: str) -> Entry:
    entries = Entry.objects.public().select_related("pageant").prefetch_related("photos", "hobbies")
    return get_object_or_404(entries, pageant__slug=slug, key=key)


@kept("pageants:{slug}", "hobbies", "policy")
@require_safe
def show_entry(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    entry = public_entry(slug, key)
    others = Entry.objects.public().filter(pageant=entry.pageant).with_covers()
    newer, older = pagination.neighbours(others, entry, by="published_at")
    each_time(request, remember, pageant=slug)
    return render(
        request,
        "pageant/entry.html",
        {"entry": entry, "pageant": entry.pageant, "newer": newer, "older": older},
    )


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    entry = public_entry(slug, key)
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if wait := rate_limits.REPORTS.spend(client_network(request)):
            return too_many(request, wait)
        form.instance.entry = entry
        form.save()
        return redirect("pageant:reported", slug)
    return render(request, "pageant/report.html", {"entry": entry, "pageant": entry.pageant, "form": form})


@require_safe
def reported(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "pageant/reported.html", {"pageant": get_object_or_404(Pageant, slug=slug)})


@require_safe
def rendition(request: HttpRequest, name: str, key: str) -> HttpResponseBase:
    """A public picture. Queries the database each time, so that what was withdrawn is gone with the next request."""
    if not Photo.objects.public().filter(key=key).exists():
        raise Http404
    etag = f'"{name}"'  # a picture never changes under its name
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged:
        return unchanged
    try:
        file = default_storage.open(f"photos/{name}")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(file)
    # Browsers may keep a picture for five minutes and then must ask; shared caches may not keep it at all.
    response["Cache-Control"] = f"private, max-age={FIVE_MINUTES}, must-revalidate"
    response["ETag"] = etag
    return response
