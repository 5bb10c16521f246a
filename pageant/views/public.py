"""Public views: pageants, gallery, entries, reports and photos."""

from django.core.exceptions import BadRequest
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from core import pagination
from core.http.client_ip import client_network
from core.http.errors import too_many
from core.kept_pages.making import each_time
from core.kept_pages.views import kept
from pageant import gallery, public_rows
from pageant.forms import ReportForm
from pageant.models import Photo
from pageant.public_rows import entry_or_404, pageant_or_404
from privacy import rate_limits
from privacy.cookies.preferences import remember

FIVE_MINUTES = 5 * 60  # seconds


@kept("pageants", "policy")
@require_safe
def pageants(request: HttpRequest) -> HttpResponse:
    found = public_rows.all_pageants()
    groups = [(_("On now"), found.current), (_("Coming up"), found.upcoming), (_("Past"), found.past)]
    return render(request, "pageant/pageants.html", {"groups": [group for group in groups if group[1]]})


@kept("pageants:{slug}", "hobbies", "policy")
@require_safe
def show_pageant(request: HttpRequest, slug: str) -> HttpResponse:
    pageant = pageant_or_404(slug)
    try:
        shown = gallery.show(pageant, request.GET)
    except pagination.BadCursor as error:
        raise BadRequest from error
    if shown.page.rows:  # remember only what was found
        place, hobby = shown.chosen.get("place", ""), shown.chosen.get("hobby", "")
        each_time(request, remember, pageant=slug, place=place, hobby=hobby)
    context = {"pageant": pageant, "gallery": shown, "cosponsorships": public_rows.cosponsors(pageant)}
    return render(request, "pageant/pageant.html", context)


@kept("pageants:{slug}", "hobbies", "policy")
@require_safe
def show_entry(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    entry = entry_or_404(slug, key)
    newer, older = gallery.entries.neighbours(entry, pageant=entry.pageant_id)
    each_time(request, remember, pageant=slug)
    context = {
        "entry": entry,
        "pageant": entry.pageant,
        "photos": public_rows.photos_of(entry=entry.pk),
        "hobbies": public_rows.hobbies_of(entry),
        "newer": newer,
        "older": older,
    }
    return render(request, "pageant/entry.html", context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    entry = entry_or_404(slug, key)
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
    return render(request, "pageant/reported.html", {"pageant": pageant_or_404(slug)})


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
