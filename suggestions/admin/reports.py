"""Reports by visitors that something is wrong with a listed website."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from suggestions.models import Report


@admin.register(Report)
class WebsiteReportAdmin(admin.ModelAdmin):
    """What visitors reported. To act on one, decide on its website; to put one aside, close it."""

    list_display = ["reason", "website_link", "created_at", "closed_at"]
    list_display_links = None
    list_filter = ["reason", ("closed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["suggestion"]
    actions = ["close_selected"]
    readonly_fields = ["suggestion", "reason", "created_at", "closed_at", "closed_by"]
    waiting_query = "?closed_at__isempty=1"

    def waiting(self) -> QuerySet:
        return Report.objects.open()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        return False

    @admin.display(description=_("website"))
    def website_link(self, report: Report) -> str:
        address = reverse("admin:suggestions_suggestion_change", args=[report.suggestion_id])
        return format_html('<a href="{}">{}</a>', address, report.suggestion)

    @admin.action(description=_("Close the selected reports"), permissions=["change"])
    def close_selected(self, request: HttpRequest, reports: QuerySet) -> None:
        for report in reports:
            if report.close(by=request.user):
                self.log_change(request, report, "closed")
            else:
                self.message_user(request, _("Somebody else closed this before you."), messages.WARNING)
