"""How staff decide on anything that is moderated."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import AbstractUser
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.admin.lists import FURTHEST, PER_PAGE
from core.admin.site import ReadOnlyAdmin
from core.counting import counts, up_to
from core.fields import LineField
from core.moderation import UNDO_FOR, AlreadyDecided, Moderated, Outdated, Refused, Status
from core.search import containing, parts_of
from core.submissions import Submission

MOST_OTHERS = 10  # rows of the same sender, beside the one under review
NO_REVISION = -1


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
    """Corrections by staff to what somebody sent. It carries the revision that was on the screen."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = self.instance.revision

    def clean(self) -> dict[str, Any]:
        """Locks the row until the admin's transaction ends, so that what holds here still holds when it is saved."""
        cleaned = super().clean() or self.cleaned_data
        now = type(self.instance)._base_manager.select_for_update().filter(pk=self.instance.pk).first()
        if now is None or now.revision != read_revision(self.data.get("seen", "")):
            if now and "_approve" in self.data and now.status == Status.APPROVED and self._says_what_is_in(now):
                raise AlreadyDecided(now)
            if now:
                self._show_what_changed(now)
            raise forms.ValidationError(Outdated.message, code="outdated")
        return cleaned

    def _show_what_changed(self, row: Moderated) -> None:
        """What was typed stays, beside what the fields say by now, and saving it again overwrites that."""
        for name in self.fields.keys() - {"seen"}:
            if getattr(row, name) != self.cleaned_data.get(name):
                self.add_error(name, _("Meanwhile: %(text)s") % {"text": getattr(row, name)})
        self.data = {**self.data.dict(), "seen": str(row.revision)}  # type: ignore[attr-defined]  # the admin posts a QueryDict

    def _says_what_is_in(self, row: Moderated) -> bool:
        said = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return not self.errors and all(getattr(row, name) == value for name, value in said.items())


class ModeratedAdmin(ReadOnlyAdmin):
    """A queue in which staff decide on rows, and with permission edit the fields in `correctable`.

    Each decision and correction carries the revision that the moderator saw. If the row has changed since, it is
    refused and the moderator told.
    """

    correctable: tuple[str, ...] = ()  # names of fields; if there are any, `form` is a CorrectionForm
    actions = ["approve_selected", "reject_selected"]
    change_form_template = "admin/moderated_change_form.html"
    search_help_text = gettext_lazy("Words of one or two letters are found only at the beginning of words.")
    list_per_page = PER_PAGE
    waiting_query = "?status__exact=waiting"

    def get_view_on_site_url(self, obj: models.Model | None = None) -> str | None:
        """Only what is public has a page to view."""
        return super().get_view_on_site_url(obj) if isinstance(obj, Submission) and obj.is_public else None

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.moderate_{self.opts.model_name}")

    # Corrections

    def has_change_permission(self, request: HttpRequest, obj: Moderated | None = None) -> bool:
        """Never where nothing is correctable, nor for a row that is unconfirmed or withdrawn."""
        is_open = obj is None or obj.status not in {Status.UNCONFIRMED, Status.WITHDRAWN}
        may = request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")
        return bool(self.correctable) and is_open and may

    def get_readonly_fields(self, request: HttpRequest, obj: Moderated | None = None) -> list[str]:
        names: Iterable[Any] = self.get_fields(request, obj)  # not grouped
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
        """Saves through the verb `correct`; the form has locked the row and compared its revision."""
        row = self.model._base_manager.get(pk=obj.pk)
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in self.correctable}
        if changes:
            row.correct(by=request.user, **changes)

    def response_change(self, request: HttpRequest, obj: Moderated) -> HttpResponse:
        """One button saves the corrections and approves, so that nobody approves without what they have just typed."""
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
        except AlreadyDecided as decided:
            return self.go_on_from_decided(request, decided.row)
        except Refused as refused:
            self.message_user(request, str(refused.message), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only those of the filters: with any other, an e-mail address could be guessed letter by letter."""
        filters: Iterable[Any] = self.list_filter  # names, and filters of our own
        fields = [list_filter for list_filter in filters if isinstance(list_filter, str)]
        own = {list_filter.parameter_name for list_filter in filters if not isinstance(list_filter, str)}
        return lookup in own | {f"{field}{way}" for field in fields for way in ("__exact", "__id__exact")}

    def waiting(self) -> QuerySet:
        return self.model.objects.waiting()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows: Any = super().get_queryset(request)
        return rows.in_queue_order()

    def get_search_results(self, request: HttpRequest, rows: QuerySet, term: str) -> tuple[QuerySet, bool]:
        """Ignores accents and case, as in public. E-mail addresses can't be searched, since not all staff see them."""
        if not (match := containing(parts_of(term))):
            return rows, False
        # In two parts, as the index has two: one of what is public, and one of the rest.
        return rows.filter(match & Q(published_at__isnull=False) | match & Q(published_at__isnull=True)), False

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
        decide = self.admin_site.admin_view(self.decide_view)
        undo = self.admin_site.admin_view(self.undo_view)
        return [
            path("undo/", undo, name=f"{self.opts.app_label}_{self.opts.model_name}_undo"),
            path("<path:object_id>/decide/", decide, name=name),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        context = self.get_review(request, row) if row else {}
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def get_review(self, request: HttpRequest, row: Moderated) -> dict[str, Any]:
        """The template's context: what staff should know about a row before they decide, and what they decide with."""
        following = self.next_waiting(row)
        return {
            "rejection": RejectionForm(reasons=self.model.Reason),
            "may_decide": self.has_moderate_permission(request),
            "hindrance": "",  # why it can't be approved now
            "warnings": list(self.warnings_of(row)),
            **self.open_reports(request, row),
            "others": self.model.objects.others_of_sender(row)[:MOST_OTHERS] if isinstance(row, Submission) else [],
            "following": following and self.url_of(following),
            "left": up_to(FURTHEST, *counts([self.waiting().exclude(pk=row.pk)], at_most=FURTHEST)),
            "undoing": self.undoing([row], request),
        }

    def warnings_of(self, row: Moderated) -> Iterable[str]:
        """Automatic warnings about a row of `get_queryset`, shown on its page and in the list."""
        return ()

    @admin.display(description=gettext_lazy("flags"))
    def flags(self, row: Moderated) -> str:
        return ", ".join(map(str, self.warnings_of(row))) or "—"

    def open_reports(self, request: HttpRequest, row: Moderated) -> dict[str, Any]:
        """Open reports by visitors, as context; empty if the model has none or the user may not see them."""
        reports = getattr(row, "reports", None)
        if reports is None:
            return {}
        meta = reports.model._meta
        if not request.user.has_perm(f"{meta.app_label}.view_{meta.model_name}"):
            return {}
        close = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        may_close = request.user.has_perm(f"{meta.app_label}.change_{meta.model_name}")
        return {"reports": reports.open(), "close_reports": close if may_close else ""}

    def decide_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.has_moderate_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row and request.method != "POST":  # comes from signing in again
            return HttpResponseRedirect(self.url_of(row))
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
        try:
            self.decide(request, row, verb, **why)
        except AlreadyDecided as decided:
            return self.go_on_from_decided(request, decided.row)
        except Refused as refused:
            self.message_user(request, f"{row}: {refused.message}", messages.ERROR)
            current = self.get_object(request, str(row.pk))
            if why and current and isinstance(refused, Outdated):  # what was typed is not lost
                form = RejectionForm(request.POST, reasons=self.model.Reason)
                return self.ask_for_reason(request, [current], form, [("reject", "1"), ("revision", current.revision)])
            return HttpResponseRedirect(self.url_of(row))
        done = _("Approved: %(row)s.") if row.status == Status.APPROVED else _("Rejected: %(row)s.")
        mailed = _("An e-mail goes out in %(seconds)d seconds.") if row.email else ""
        self.tell(request, f"{done} {mailed}".strip() % {"row": row, "seconds": UNDO_FOR.seconds}, [row])
        return self.go_on(request, row)

    def go_on_from_decided(self, request: HttpRequest, row: Moderated) -> HttpResponse:
        self.tell(request, already(row, request.user), [row], messages.INFO)
        return self.go_on(request, row)

    def go_on(self, request: HttpRequest, row: Moderated) -> HttpResponse:
        """Redirects to the next row that waits, or to the list if none does."""
        following = self.next_waiting(row)
        if following:
            return HttpResponseRedirect(self.url_of(following))
        self.message_user(request, _("Nothing else is waiting here."), messages.INFO)
        return HttpResponseRedirect(self.list_url())

    def next_waiting(self, row: Moderated) -> Moderated | None:
        """The row behind this one in the queue; at its end, the first of those that were skipped."""
        others = self.waiting().exclude(pk=row.pk).order_by("moved_at", "pk")
        # The first condition looks redundant, but only it lets the database seek in an index.
        behind = Q(moved_at__gte=row.queued_at) & (Q(moved_at__gt=row.queued_at) | Q(pk__gt=row.pk))
        return others.filter(behind).first() or others.first()

    def url_of(self, row: Moderated) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    def list_url(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def decide(self, request: HttpRequest, row: Moderated, verb: str, **why: str) -> None:
        """Decides, and records that in the admin's history. Raises Refused."""
        getattr(row, verb)(by=request.user, undoable=True, **why)
        # Codes, since labels would be in the moderator's language.
        self.log_change(request, row, f"{row.status} {row.reason}".strip())

    def tell(self, request: HttpRequest, text: str, rows: Iterable[Moderated], level: int = messages.SUCCESS) -> None:
        """Shows a message, with a button while the user can still undo what it reports."""
        if undoing := self.undoing(rows, request):
            text = SafeString(render_to_string("admin/undoable.html", {"text": text, **undoing}, request).strip())
        self.message_user(request, text, level)

    def undoing(self, rows: Iterable[Moderated], request: HttpRequest) -> dict[str, Any]:
        """The context of the button that undoes the user's own decisions; empty if none can be undone any more."""
        undoable = [row for row in rows if row.can_be_undone and row.decided_by_id == request.user.pk]
        if not undoable:
            return {}
        settle = max(row.settles_at for row in undoable if row.settles_at)
        seconds = (settle - timezone.now()).total_seconds()
        undo = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_undo")
        return {"undo": undo, "rows": undoable, "seconds": max(1, round(seconds))}

    def undo_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_moderate_permission(request):
            raise PermissionDenied
        if request.method != "POST":  # comes from signing in again
            return HttpResponseRedirect(self.list_url() + self.waiting_query)
        seen = read_pairs(request.POST.getlist("seen"))
        rows = list(self.get_queryset(request).filter(pk__in=seen))
        undone = [row for row in rows if self.undo(request, row, seen[row.pk])]
        if not rows:
            self.message_user(request, str(Outdated.message), messages.ERROR)
        if undone:
            names = ", ".join(map(str, undone))
            self.message_user(request, _("Undone: %(rows)s.") % {"rows": names}, messages.SUCCESS)
        one = rows[0] if len(rows) == 1 else None
        return HttpResponseRedirect(self.url_of(one) if one else self.list_url() + self.waiting_query)

    def undo(self, request: HttpRequest, row: Moderated, revision: int) -> bool:
        row.revision = revision
        try:
            row.undo(by=cast("AbstractUser", request.user))
        except Refused as refused:
            self.message_user(request, f"{row}: {refused.message}", messages.ERROR)
            return False
        self.log_change(request, row, "undone")
        return True

    def log_change(  # type: ignore[override]  # nobody reads what it returns
        self, request: HttpRequest, obj: models.Model, message: str
    ) -> LogEntry | None:
        """Leaves out the person's name, which would outlive their erasure. Logs nothing if `message` is empty."""
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
        """A page that asks for the reason; `again` holds its hidden fields, as names and values."""
        context = {"title": _("Reject"), "opts": self.opts, "rows": rows, "form": form, "again": again}
        return TemplateResponse(request, "admin/reject.html", {**self.admin_site.each_context(request), **context})

    def decide_many(self, request: HttpRequest, rows: QuerySet, verb: str, **why: str) -> None:
        seen = read_pairs(request.POST.getlist("seen"))
        done = []
        for row in rows:
            row.revision = seen.get(row.pk, NO_REVISION)
            try:
                self.decide(request, row, verb, **why)
            except AlreadyDecided as decided:
                self.message_user(request, already(decided.row, request.user), messages.INFO)
            except Refused as refused:
                self.message_user(request, f"{row}: {refused.message}", messages.ERROR)
            else:
                done.append(row)
        if done:
            message = ngettext(
                "%(count)d decided; an e-mail goes out in %(seconds)d seconds.",
                "%(count)d decided; e-mails go out in %(seconds)d seconds.",
                len(done),
            )
            if not any(row.email for row in done):  # addresses are erased some time after the first decision
                message = ngettext("%(count)d decided.", "%(count)d decided.", len(done))
            self.tell(request, message % {"count": len(done), "seconds": UNDO_FOR.seconds}, done)


def already(row: Moderated, reader: Any) -> str:
    """The message for a moderator who repeats a decision."""
    own = row.decided_by_id == reader.pk
    if row.status == Status.APPROVED:
        text = _("You have approved %(row)s already.") if own else _("%(who)s has approved %(row)s already.")
    else:
        text = _("You have rejected %(row)s already.") if own else _("%(who)s has rejected %(row)s already.")
    return text % {"row": row, "who": row.decided_by}


def read_revision(text: str) -> int:
    """The revision in a form's field, or NO_REVISION, which no row has, if it is no number."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else NO_REVISION


def read_pairs(texts: Iterable[str]) -> dict[int, int]:
    """Revisions by the primary keys of their rows, from texts such as `12:3`."""
    pairs = [text.partition(":") for text in texts]
    return {read_revision(key): read_revision(revision) for key, _colon, revision in pairs}
