"""Requests about personal data in the admin, and their deadline."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from core.fields import ProseField
from privacy.models import DataRequest
from privacy.registry.finders import Subject
from privacy.rights import erasure, export, subject_requests

SOON = 5  # days before it is due; from then on the clock is red


class AnswerForm(forms.Form):
    outcome = ProseField(
        label=gettext_lazy("Your answer, which will be e-mailed"),
        max_length=500,
        column_length=500,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80}),
    )


@admin.register(DataRequest)
class DataRequestAdmin(admin.ModelAdmin):
    """Requests from people's pages, and those that came by mail, which staff enter here."""

    list_display = ["__str__", "received_at", "clock", "done_at"]
    list_filter = ["kind", ("done_at", admin.EmptyFieldListFilter)]
    fields = ["kind", "email", "text", "language", "received_at"]
    change_form_template = "admin/privacy/datarequest/change_form.html"
    waiting_query = "?done_at__isempty=1"

    def waiting(self) -> QuerySet:
        return DataRequest.objects.open()

    def is_urgent(self) -> bool:
        first = self.waiting().order_by("due_at").first()
        return first is not None and first.days_left < SOON

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return [F("done_at").desc(nulls_first=True), "due_at"]

    def has_change_permission(self, request: HttpRequest, obj: DataRequest | None = None) -> bool:
        """Refused: a request stays as the person put it."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: DataRequest | None = None) -> bool:
        return False  # requests are purged when their time is over

    def has_answer_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("privacy.answer_datarequest")

    def get_fields(self, request: HttpRequest, obj: DataRequest | None = None) -> list[str]:
        return [*self.fields, "clock", "done_at", "done_by", "outcome"] if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: DataRequest | None = None) -> list[str]:
        return ["clock", "done_at", "done_by", "outcome"] if obj else []

    @admin.display(description=gettext_lazy("time left"), ordering="due_at")
    def clock(self, row: DataRequest) -> str:
        if row.done_at:
            return "—"
        days = row.days_left
        text = (
            ngettext("%(count)d day left", "%(count)d days left", days)
            if days >= 0
            else ngettext("overdue by %(count)d day", "overdue by %(count)d days", -days)
        )
        return format_html(
            '<span class="{}">{}</span>',
            "clock clock--red" if days < SOON else "clock",
            text % {"count": abs(days)},
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"may_answer": self.has_answer_permission(request), "answer": AnswerForm(), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    # Handling one request

    def get_urls(self) -> list[URLPattern]:
        def served(view: Any, name: str) -> URLPattern:
            route = f"<int:pk>/{name}/"
            return path(route, self.admin_site.admin_view(view), name=f"privacy_datarequest_{name}")

        return [
            served(self.export_view, "export"),
            served(self.erase_view, "erase"),
            served(require_POST(self.answer_view), "answer"),
            *super().get_urls(),
        ]

    def find(self, request: HttpRequest, pk: int) -> DataRequest:
        if not self.has_answer_permission(request):
            raise PermissionDenied
        return get_object_or_404(DataRequest.objects.open(), pk=pk)

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        row = self.find(request, pk)
        file = export.zip_file(Subject.of(row.email))
        self.log_change(request, row, "exported")
        return FileResponse(file, as_attachment=True, filename=f"request-{row.pk}.zip")

    def erase_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Shows first what would be erased. The request is erased too; the receipt stays."""
        row = self.find(request, pk)
        subject = Subject.of(row.email)
        if request.method == "POST":
            receipt = erasure.erase(subject)
            self.message_user(
                request, _("Erased. The receipt is %(receipt)s.") % {"receipt": receipt}, messages.SUCCESS
            )
            return HttpResponseRedirect(reverse("admin:privacy_datarequest_changelist"))
        going = [(declaration.name, len(pks)) for declaration, pks in erasure.to_erase(subject)]
        return self.page(request, "erase", {"title": _("Erase"), "row": row, "going": going})

    def page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/privacy/datarequest/{name}.html", context)

    def answer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.find(request, pk)
        form = AnswerForm(request.POST)
        if not form.is_valid():
            return self.page(request, "answer", {"title": _("Answer"), "row": row, "form": form})
        if subject_requests.answer(row, by=request.user, outcome=form.cleaned_data["outcome"]):
            self.log_change(request, row, "answered")
            self.message_user(request, _("Answered. An e-mail is on its way."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:privacy_datarequest_changelist"))
