"""Policy versions in the admin: drafting, preview and publication."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from core.fields import LineField, ProseField
from core.moderation import Refused
from privacy.models import PolicyVersion
from privacy.models.policy_version import Published
from privacy.policy import document, snapshots
from privacy.views.policy import compare


class PolicyDraftForm(forms.ModelForm):
    """A draft of the policy. It must be complete even to be saved."""

    class Meta:
        model = PolicyVersion
        fields = ["text_en", "text_vi", "summary_en", "summary_vi"]

    def clean_text_en(self) -> str:
        return checked(self.cleaned_data["text_en"])

    def clean_text_vi(self) -> str:
        return checked(self.cleaned_data["text_vi"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        names = {language: document.names_of(cleaned.get(f"text_{language}", "")) for language in ("en", "vi")}
        if not self.errors and names["en"] != names["vi"]:
            self.add_error(
                "text_vi", _("The headings must have the same link names as the English ones, in the same order.")
            )
        return cleaned


def checked(text: str) -> str:
    if problems := list(document.problems(text)):
        raise ValidationError(problems)
    return text


@admin.register(PolicyVersion)
class PolicyVersionAdmin(admin.ModelAdmin):
    """Drafts are written, previewed and published here; published versions can only be read."""

    form = PolicyDraftForm
    list_display = ["__str__", "state", "published_at", "is_material", "drafted_at"]
    actions = None  # deleting in bulk would fail with a published version among the rows
    ordering = ["-drafted_at"]
    change_form_template = "admin/privacy/policyversion/change_form.html"
    formfield_overrides = {
        models.CharField: {"form_class": LineField, "widget": AdminTextInputWidget(attrs={"size": 100})},
        models.TextField: {"form_class": ProseField, "widget": AdminTextareaWidget(attrs={"rows": 30})},
    }
    fieldsets = [
        (gettext_lazy("English"), {"fields": ["summary_en", "text_en"]}),
        (gettext_lazy("Vietnamese"), {"fields": ["summary_vi", "text_vi"]}),
    ]
    sealed = (
        gettext_lazy("Published"),
        {"fields": ["number", "published_at", "published_by", "is_material", "digest"]},
    )

    @admin.display(description=gettext_lazy("state"), ordering="published_at")
    def state(self, version: PolicyVersion) -> str:
        return pgettext("version", "draft") if version.is_draft else pgettext("version", "published")

    def get_fieldsets(self, request: HttpRequest, obj: PolicyVersion | None = None) -> list:
        return self.fieldsets if obj is None or obj.is_draft else [self.sealed, *self.fieldsets]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str]:
        """A draft begins with the texts in force."""
        current = PolicyVersion.objects.current()
        texts = {"text_en": current.text_en, "text_vi": current.text_vi} if current else {}
        return texts | super().get_changeform_initial_data(request)

    def has_change_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_draft)

    def has_delete_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.is_draft)

    def get_view_on_site_url(self, obj: PolicyVersion | None = None) -> str | None:
        return obj.get_absolute_url() if obj and not obj.is_draft else None

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("privacy.publish_policyversion")

    def save_model(self, request: HttpRequest, obj: PolicyVersion, form: PolicyDraftForm, change: bool) -> None:
        try:
            super().save_model(request, obj, form, change)
        except Published as published:  # published while it was being edited
            raise PermissionDenied(published.message) from None

    def get_urls(self) -> list[URLPattern]:
        views = {"preview": require_safe(self.preview_view), "publish": self.publish_view}
        own = [
            path(f"<path:object_id>/{name}/", self.admin_site.admin_view(view), name=f"privacy_policyversion_{name}")
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"may_publish": self.has_publish_permission(request), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The draft as the public would see it, in the language of the URL."""
        draft = self.get_draft(request, object_id)
        summary, *sections = document.show(draft.text, snapshots.take())
        context = {"version": draft, "summary": summary, "sections": sections}
        return render(request, "admin/privacy/policyversion/preview.html", context)

    def publish_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Shows what the draft changes; the button carries the digest of what was shown."""
        draft = self.get_draft(request, object_id)
        if not self.has_publish_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self.publish(request, draft)
        before = PolicyVersion.objects.current()
        draft.snapshot = snapshots.take()
        context = {
            "title": _("Publish the policy"),
            "opts": self.opts,
            "original": draft,
            "before": before,
            "seen": draft.seen(draft.snapshot, before),
            **compare(before, draft),
        }
        return TemplateResponse(
            request,
            "admin/privacy/policyversion/publish.html",
            {**self.admin_site.each_context(request), **context},
        )

    def publish(self, request: HttpRequest, draft: PolicyVersion) -> HttpResponse:
        try:
            draft.publish(by=request.user, seen=request.POST.get("seen", ""))
        except Refused as refused:
            self.message_user(request, str(refused.message), messages.ERROR)
            return redirect("admin:privacy_policyversion_changelist")
        self.log_change(request, draft, f"published {draft.number}")
        self.message_user(request, _("%(version)s is published.") % {"version": draft}, messages.SUCCESS)
        return redirect("admin:privacy_policyversion_change", draft.pk)

    def get_draft(self, request: HttpRequest, object_id: str) -> PolicyVersion:
        if not self.has_view_permission(request):
            raise PermissionDenied
        draft = self.get_object(request, unquote(object_id))
        if draft is None or not draft.is_draft:
            raise Http404
        return draft
