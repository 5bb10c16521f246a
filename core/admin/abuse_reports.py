"""The queue of reports by visitors."""

from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.abuse_reports import AbuseReport


class AbuseReportAdmin(admin.ModelAdmin):
    """Reports by visitors. To act on a report, decide on the row it is about; to dismiss it, close it."""

    list_display_links = None
    list_filter = ["reason", ("closed_at", admin.EmptyFieldListFilter)]
    actions = ["close_selected"]
    waiting_query = "?closed_at__isempty=1"

    def waiting(self) -> QuerySet:
        return self.model.objects.open()

    def get_readonly_fields(self, request: HttpRequest, obj: AbuseReport | None = None) -> list[str]:
        return [field.name for field in self.opts.fields if not field.primary_key]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def link_to_subject(self, report: AbuseReport) -> str:
        """A link to the row that the report is about."""
        subject = getattr(report, report.ABOUT)
        name = f"admin:{subject._meta.app_label}_{subject._meta.model_name}_change"
        return format_html('<a href="{}">{}</a>', reverse(name, args=[subject.pk]), subject)

    @admin.action(description=gettext_lazy("Close the selected reports"), permissions=["change"])
    def close_selected(self, request: HttpRequest, reports: QuerySet) -> None:
        for report in reports:
            if report.close(by=request.user):
                self.log_change(request, report, "closed")
            else:
                self.message_user(request, _("Somebody else closed this before you."), messages.WARNING)
