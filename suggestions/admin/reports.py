"""The queue of reports about websites."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin.abuse_reports import AbuseReportAdmin
from suggestions.models import Report


@admin.register(Report)
class WebsiteReportAdmin(AbuseReportAdmin):
    list_display = ["reason", "website_link", "created_at", "closed_at"]
    list_select_related = ["suggestion"]

    @admin.display(description=_("website"))
    def website_link(self, report: Report) -> str:
        return self.link_to_subject(report)
