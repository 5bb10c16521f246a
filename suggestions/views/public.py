"""Public views: the directory, listings and reports about them."""

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from core import pagination
from core.http.client_ip import client_network
from core.http.errors import too_many
from core.kept_pages.views import kept
from privacy import rate_limits
from suggestions import directory
from suggestions.models import Category, Report


@kept("websites", "policy")
@require_safe
def websites(request: HttpRequest) -> HttpResponse:
    return page(request, None)


@kept("websites", "policy")
@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    return page(request, get_object_or_404(Category, slug=slug))


def page(request: HttpRequest, category: Category | None) -> HttpResponse:
    try:
        shown = directory.show(request.GET, category=category)
    except pagination.BadCursor as error:
        raise BadRequest from error
    return render(request, "suggestions/websites.html", {"directory": shown, "category": category})


@csrf_exempt
@kept("websites", "policy")
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest, key: str) -> HttpResponse:
    """The page of one website; a post reports it."""
    website = next(iter(directory.listings_at(key=key)), None)
    if website is None:
        raise Http404
    reason = request.POST.get("reason", "")
    if request.method != "POST" or reason not in Report.Reason.values:
        return render(request, "suggestions/listing.html", {"website": website})
    if wait := rate_limits.REPORTS.spend(client_network(request)):
        return too_many(request, wait)
    Report(suggestion_id=website.pk, reason=reason).send()
    return redirect("suggestions:reported")


@require_safe
def reported(request: HttpRequest) -> HttpResponse:
    return render(request, "suggestions/reported.html")
