"""Public views of co-sponsors and their monthly reports."""

from datetime import date

from django.core import signing
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.http.errors import page
from core.kept_pages.making import changes_at
from core.kept_pages.views import kept
from pageant.models import Cosponsorship, Pageant, SponsorReport
from pageant.sponsors import monthly_reports


@kept("pageants", "sponsors", "policy")
@require_safe
def all_sponsors(request: HttpRequest) -> HttpResponse:
    changes_at(*Pageant.objects.upcoming().values_list("opens_at", flat=True)[:1])
    pageants = Pageant.objects.filter(opens_at__lte=timezone.now()).prefetch_related(
        Prefetch("cosponsorships", Cosponsorship.objects.counted(), to_attr="sponsored"),
        Prefetch("sponsor_reports", SponsorReport.objects.select_related("pageant"), to_attr="reports"),
    )
    return render(request, "pageant/report/sponsors.html", {"pageants": pageants})


@kept("pageants:{slug}", "sponsors")
@require_safe
def report(request: HttpRequest, slug: str, month: str) -> HttpResponse:
    return HttpResponse(monthly_reports.document(find(slug, month), get_language()))


@kept("pageants:{slug}", "sponsors")
@require_safe
def csv(request: HttpRequest, slug: str, month: str) -> HttpResponse:
    response = HttpResponse(monthly_reports.csv(find(slug, month)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-{month}.csv"'
    return response


@require_safe
def mailed(request: HttpRequest, token: str) -> HttpResponse:
    """The same report behind the link that a co-sponsor was mailed, while it is valid."""
    try:
        sent = monthly_reports.open_link(token)
    except signing.SignatureExpired:
        text = _("It worked for 30 days. Everybody can still read the report on our page about co-sponsors.")
        return page(request, 410, _("This link no longer works"), text)
    except (signing.BadSignature, SponsorReport.DoesNotExist) as error:
        raise Http404 from error
    return HttpResponse(monthly_reports.document(sent, get_language()))


def find(slug: str, month: str) -> SponsorReport:
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise Http404 from error
    return get_object_or_404(SponsorReport.objects.of_month(slug, first))
