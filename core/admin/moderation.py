"""How staff decide on anything that is moderated."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from core.admin.site import ReadOnlyAdmin
from core.fields import LineField
from core.moderation import Moderated, Outdated, Refused, Status
from core.submissions import Submission


class RejectionForm(forms.Form):
    """Why something is rejected, and a sentence to the person who sent it."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"))
    note = LineField(
        label=gettext_lazy("A sentence to the person"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"size": 80}),
    )

    def __init__(self, *args: Any, reasons: type[models.TextChoices], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["reason"]).choices = [("", _("— choose —")), *reasons.choices]


class CorrectionForm(forms.ModelForm):
    """Staff put right what somebody sent. It carries the revision that was on the screen."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = self.instance.revision

    def clean(self) -> dict[str, Any]:
        """The row stays locked until the admin's transaction ends: so what is right here is right when it is saved."""
        cleaned = super().clean() or self.cleaned_data
        now = type(self.instance)._base_manager.select_for_update().filter(pk=self.instance.pk).first()
        if now is None or now.revision != read_revision(self.data.get("seen", "")):
            raise forms.ValidationError(Outdated.message, code="outdated")
        return cleaned


class ModeratedAdmin(ReadOnlyAdmin):
    """A queue in which staff look and decide, and change no more than `correctable` says, where they may.

    Each decision and each correction carries the revision that the moderator saw: what was decided or edited meanwhile
    is refused, and the moderator is told.
    """

    correctable: tuple[str, ...] = ()  # fields; `form` is then a CorrectionForm
    actions = ["approve_selected", "reject_selected"]
    change_form_template = "admin/moderated_change_form.html"
    list_per_page = 50
    show_full_result_count = False
    waiting_query = "?status__exact=waiting"

    def get_view_on_site_url(self, obj: models.Model | None = None) -> str | None:
        """Only what is public has a page to view."""
        return super().get_view_on_site_url(obj) if isinstance(obj, Submission) and obj.is_public else None

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.moderate_{self.opts.model_name}")

    # Corrections

    def has_change_permission(self, request: HttpRequest, obj: Moderated | None = None) -> bool:
        """Nobody may where there is nothing to correct; nor what its sender has taken back."""
        is_open = obj is None or obj.status not in {Status.UNCONFIRMED, Status.WITHDRAWN}
        may = request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")
        return bool(self.correctable) and is_open and may

    def get_readonly_fields(self, request: HttpRequest, obj: Moderated | None = None) -> list[str]:
        names: Iterable[Any] = self.get_fields(request, obj)  # in no groups
        return [name for name in names if name not in self.correctable]

    def get_fieldsets(self, request: HttpRequest, obj: Moderated | None = None) -> list[tuple[Any, Any]]:
        seen = ["seen"] if self.has_change_permission(request, obj) else []
        return [(None, {"fields": [*self.get_fields(request, obj), *seen]})]

    def construct_change_message(  # type: ignore[override]  # the admin's history takes texts too
        self, request: HttpRequest, form: forms.BaseForm, formsets: Any, add: bool = False
    ) -> str:
        names = [name for name in form.changed_data if name in self.correctable]
        return f"corrected {' '.join(names)}" if names else ""

    def save_model(self, request: HttpRequest, obj: Moderated, form: forms.ModelForm, change: bool) -> None:
        """By the verb, and onto the row as the moderator saw it."""
        row = self.model._base_manager.get(pk=obj.pk)
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in self.correctable}
        if changes:
            row.correct(by=request.user, **changes)

    def response_change(self, request: HttpRequest, obj: Moderated) -> HttpResponse:
        """The same button saves the corrections and approves: nobody approves beside what they have just typed."""
        if "_approve" not in request.POST or not self.has_moderate_permission(request):
            return super().response_change(request, obj)
        return self.decide_and_go_on(request, self.model._base_manager.get(pk=obj.pk), "approve")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refused:
            self.message_user(request, str(refused.message), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what the filters offer: with any other, an address could be guessed letter by letter."""
        filters: Iterable[Any] = self.list_filter  # names, and filters of our own
        fields = [list_filter for list_filter in filters if isinstance(list_filter, str)]
        own = {list_filter.parameter_name for list_filter in filters if not isinstance(list_filter, str)}
        return lookup in own | {f"{field}{way}" for field in fields for way in ("__exact", "__id__exact")}

    def waiting(self) -> QuerySet:
        return self.model.objects.waiting()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Waiting first, the longest waiting on top."""
        first = Case(When(status=Status.WAITING, then=Value(0)), default=Value(1))
        return super().get_queryset(request).order_by(first, "moved_at", "pk")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ()

    @admin.display(description=gettext_lazy("state"), ordering="status")
    def state(self, row: Moderated) -> str:
        # The revision that is on the screen goes back with a bulk action.
        return format_html(
            '{}<input type="hidden" name="seen" value="{}:{}">', row.get_status_display(), row.pk, row.revision
        )

    # One row

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_decide"
        view = self.admin_site.admin_view(require_POST(self.decide_view))
        return [path("<path:object_id>/decide/", view, name=name), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"rejection": RejectionForm(reasons=self.model.Reason), **(extra_context or {})}
        context["may_decide"] = self.has_moderate_permission(request)
        return super().change_view(request, object_id, form_url, context)

    def decide_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.has_moderate_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]  # not in the stubs
                request, self.opts, object_id
            )
        row.revision = read_revision(request.POST.get("revision", ""))
        if "approve" in request.POST:
            return self.decide_and_go_on(request, row, "approve")
        form = RejectionForm(request.POST, reasons=self.model.Reason)
        if not form.is_valid():
            again = [("reject", "1"), ("revision", request.POST.get("revision", ""))]
            return self.ask_for_reason(request, [row], form, again)
        return self.decide_and_go_on(request, row, "reject", **form.cleaned_data)

    def decide_and_go_on(self, request: HttpRequest, row: Moderated, verb: str, **why: str) -> HttpResponse:
        if not self.decide(request, row, verb, **why):
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            return HttpResponseRedirect(reverse(name, args=[row.pk]))
        message = _("Done: %(row)s. An e-mail is on its way.") if row.email else _("Done: %(row)s.")
        self.message_user(request, message % {"row": row}, messages.SUCCESS)
        return HttpResponseRedirect(self.next_address(row))

    def next_address(self, row: Moderated) -> str:
        """After a decision comes the next one that waits."""
        waiting = self.waiting().order_by("moved_at", "pk").first()
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        return reverse(f"{name}_change", args=[waiting.pk]) if waiting else reverse(f"{name}_changelist")

    def decide(self, request: HttpRequest, row: Moderated, verb: str, **why: str) -> bool:
        """Does it, writes it into the admin's history, or tells the moderator why it can't be done."""
        try:
            getattr(row, verb)(by=request.user, **why)
        except Refused as refused:
            self.message_user(request, f"{row}: {refused.message}", messages.ERROR)
            return False
        # In one language for all, whatever the moderator's is.
        self.log_change(request, row, f"{row.status} {row.reason}".strip())
        return True

    def log_change(  # type: ignore[override]  # nobody reads what it returns
        self, request: HttpRequest, obj: models.Model, message: str
    ) -> LogEntry | None:
        """Without the person's name, which would outlive their erasure; and nothing where nothing was changed."""
        if not message:
            return None
        assert request.user.pk is not None  # only staff get here
        return LogEntry.objects.create(
            user_id=request.user.pk,
            content_type=ContentType.objects.get_for_model(obj),
            object_id=obj.pk,
            object_repr=f"{self.opts.verbose_name_raw} {obj.pk}",
            action_flag=CHANGE,
            change_message=message,
        )

    # Many rows

    @admin.action(description=gettext_lazy("Approve selected"), permissions=["moderate"])
    def approve_selected(self, request: HttpRequest, rows: QuerySet) -> None:
        self.decide_many(request, rows, "approve")

    @admin.action(description=gettext_lazy("Reject selected…"), permissions=["moderate"])
    def reject_selected(self, request: HttpRequest, rows: QuerySet) -> HttpResponse | None:
        """Asks for the reason on a page of its own first."""
        form = RejectionForm(request.POST if "reason" in request.POST else None, reasons=self.model.Reason)
        if form.is_valid():
            self.decide_many(request, rows, "reject", **form.cleaned_data)
            return None
        again = [("action", "reject_selected")]
        again += [("_selected_action", row.pk) for row in rows]
        again += [("seen", pair) for pair in request.POST.getlist("seen")]
        return self.ask_for_reason(request, rows, form, again)

    def ask_for_reason(
        self, request: HttpRequest, rows: Iterable[Moderated], form: RejectionForm, again: list[tuple[str, Any]]
    ) -> HttpResponse:
        """A page for the reason alone; `again` is what goes back with it."""
        context = {"title": _("Reject"), "opts": self.opts, "rows": rows, "form": form, "again": again}
        return TemplateResponse(request, "admin/reject.html", {**self.admin_site.each_context(request), **context})

    def decide_many(self, request: HttpRequest, rows: QuerySet, verb: str, **why: str) -> None:
        seen = dict(pair.split(":", 1) for pair in request.POST.getlist("seen") if ":" in pair)
        count = mails = 0
        for row in rows:
            row.revision = read_revision(seen.get(str(row.pk), ""))
            if self.decide(request, row, verb, **why):
                count += 1
                mails += bool(row.email)
        if count:
            message = ngettext(
                "%(count)d decided; an e-mail is on its way.", "%(count)d decided; e-mails are on their way.", count
            )
            if not mails:  # addresses go some time after the first decision
                message = ngettext("%(count)d decided.", "%(count)d decided.", count)
            self.message_user(request, message % {"count": count}, messages.SUCCESS)


def read_revision(text: str) -> int:
    """The revision that a form carried; one that no row has if it's anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1
