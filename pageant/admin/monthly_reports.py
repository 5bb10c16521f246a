"""Monthly reports to co-sponsors in the admin, and the staff's card of new entries."""

from datetime import date, datetime, time, timedelta

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from core.admin.site import ReadOnlyAdmin
from core.counting import counts, up_to
from core.site import Card
from pageant.models import Entry, SponsorReport
from pageant.sponsors import monthly_reports

DAYS = 7  # on the card of new entries
MOST = 10_000  # entries of a day that are counted


@admin.register(SponsorReport)
class SponsorReportAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "made_at", "shown"]
    list_select_related = ["pageant"]
    actions = ["send_selected"]

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("pageant.send_sponsorreport")

    @admin.display(description=gettext_lazy("what everybody sees"))
    def shown(self, report: SponsorReport) -> str:
        return format_html('<a href="{}">{}</a>', report.get_absolute_url(), _("View it"))

    @admin.action(description=gettext_lazy("E-mail the selected reports to the co-sponsors"), permissions=["send"])
    def send_selected(self, request: HttpRequest, selected: QuerySet) -> None:
        count = sum(monthly_reports.send(report) for report in selected.select_related("pageant"))
        text = ngettext("%(count)d e-mail is on its way.", "%(count)d e-mails are on their way.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)


def new_entries(request: HttpRequest) -> Card | None:
    """The card of confirmed entries on each of the last days."""
    if not request.user.has_perm("pageant.view_entry"):
        return None
    today = timezone.localdate()
    days = [today - timedelta(days=number) for number in range(DAYS)]
    numbers = counts([confirmed_on(day) for day in days], at_most=MOST)
    rows = [(date_format(day), [up_to(MOST, number)]) for day, number in zip(days, numbers, strict=True)]
    return Card(name=_("New entries"), columns=[pgettext("entries", "confirmed")], rows=rows)


def confirmed_on(day: date) -> QuerySet[Entry]:
    first, end = (timezone.make_aware(datetime.combine(one, time.min)) for one in (day, day + timedelta(days=1)))
    return Entry.objects.filter(confirmed_at__gte=first, confirmed_at__lt=end)
