"""Co-sponsorships in the admin: describing, ending, and handing data over."""

from tempfile import TemporaryFile
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from core.fields import EmailField, LineField, ProseField
from core.moderation import Refused
from pageant.models import Cosponsorship
from pageant.models.cosponsorship import Sealed, shareable
from pageant.sponsors import exports
from pageant.sponsors.exports import Format

WIDE = forms.TextInput(attrs={"size": 80})


class CosponsorshipForm(forms.ModelForm):
    """The form for a co-sponsorship, with a box for each field that the registry calls shareable."""

    sponsor_url = forms.URLField(label=gettext_lazy("Website"), max_length=500, assume_scheme="https", widget=WIDE)
    policy_url = forms.URLField(
        label=gettext_lazy("Privacy policy"), max_length=500, assume_scheme="https", widget=WIDE
    )
    contact_email = EmailField(label=gettext_lazy("E-mail address"), max_length=254, widget=WIDE)
    fields = forms.MultipleChoiceField(
        label=gettext_lazy("Fields"),
        choices=lambda: [(name, str(what).capitalize()) for name, what in shareable().items()],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("As few as the purpose needs. It cannot be widened once the pageant has opened."),
    )


@admin.register(Cosponsorship)
class CosponsorshipAdmin(admin.ModelAdmin):
    form = CosponsorshipForm
    list_display = ["sponsor_name", "pageant", "ends_on", "state"]
    list_select_related = ["pageant"]
    actions = None
    change_form_template = "admin/pageant/cosponsorship/change_form.html"
    formfield_overrides = {
        models.CharField: {"form_class": LineField, "widget": WIDE},
        models.TextField: {"form_class": ProseField, "widget": forms.Textarea(attrs={"rows": 3, "cols": 80})},
    }

    def get_fieldsets(self, request: HttpRequest, obj: Cosponsorship | None = None) -> list[tuple[Any, dict[str, Any]]]:
        may_change = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return [
            (None, {"fields": ["pageant", "fields" if may_change else "fields_shown", "ends_on"]}),
            (_("Co-sponsor"), {"fields": ["sponsor_name", "sponsor_url", "policy_url", "contact_email"]}),
            (_("What for"), {"fields": ["purpose_en", "purpose_vi"]}),
            *([] if obj is None else [(_("State"), {"fields": ["state", "version", "ended_at", "ended_by"]})]),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Cosponsorship | None = None) -> list[str]:
        return ["fields_shown", "state", "version", "ended_at", "ended_by"]

    @admin.display(description=gettext_lazy("fields"))
    def fields_shown(self, cosponsorship: Cosponsorship) -> str:
        return ", ".join(cosponsorship.fields_in_words)

    @admin.display(description=gettext_lazy("state"))
    def state(self, cosponsorship: Cosponsorship) -> str:
        if cosponsorship.ended_at:
            return pgettext("co-sponsorship", "ended")
        if not cosponsorship.is_in_force:
            return _("over")
        return _("in force, can only be ended") if cosponsorship.is_sealed else _("prepared")

    # Once the pageant has opened there is nothing to change or delete.

    def has_change_permission(self, request: HttpRequest, obj: Cosponsorship | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or not obj.is_sealed)

    def has_delete_permission(self, request: HttpRequest, obj: Cosponsorship | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not obj.is_sealed)

    def has_end_permission(self, request: HttpRequest) -> bool:
        return super().has_change_permission(request)

    def has_hand_over_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("pageant.hand_over_cosponsorship")

    def save_model(self, request: HttpRequest, obj: Cosponsorship, form: CosponsorshipForm, change: bool) -> None:
        try:
            super().save_model(request, obj, form, change)
        except Sealed as sealed:  # the pageant opened while the form was being filled in
            raise PermissionDenied(sealed.message) from None

    def get_urls(self) -> list[URLPattern]:
        views = {"hand_over": self.hand_over_view, "end": self.end_view}
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"pageant_cosponsorship_{name}")
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may = {"may_hand_over": self.has_hand_over_permission(request), "may_end": self.has_end_permission(request)}
        return super().change_view(request, object_id, form_url, {**may, **(extra_context or {})})

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks for confirmation, since ending can't be undone."""
        if not self.has_end_permission(request):
            raise PermissionDenied
        cosponsorship = get_object_or_404(Cosponsorship, pk=pk)
        if request.method != "POST":
            return self.page(request, "end", {"title": _("End the co-sponsorship"), "original": cosponsorship})
        if cosponsorship.end(by=request.user):
            self.log_change(request, cosponsorship, "ended")
            self.message_user(request, _("It has ended."), messages.SUCCESS)
        return redirect("admin:pageant_cosponsorship_change", cosponsorship.pk)

    def hand_over_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Shows counts first. The button carries the ledger's newest row: pressed twice, it hands over once."""
        if not self.has_hand_over_permission(request):
            raise PermissionDenied
        cosponsorship = get_object_or_404(Cosponsorship.objects.select_related("pageant"), pk=pk)
        if request.method == "POST":
            return self.hand_over(request, cosponsorship)
        context = {
            "title": _("Hand over"),
            "original": cosponsorship,
            "preview": exports.preview(cosponsorship),
            "formats": Format.choices,
        }
        return self.page(request, "hand_over", context)

    def hand_over(self, request: HttpRequest, cosponsorship: Cosponsorship) -> HttpResponse:
        posted = request.POST
        content = TemporaryFile()  # noqa: SIM115  the response closes it
        try:
            form, seen = Format(posted.get("form", "")), int(posted.get("seen", ""))
            file = exports.hand_over(cosponsorship, content, by=request.user, form=form, seen=seen)
        except ValueError:
            self.message_user(request, _("Please choose how to hand over."), messages.ERROR)
        except Refused as refused:
            self.message_user(request, str(refused.message), messages.ERROR)
        else:
            self.log_change(request, cosponsorship, f"handed over {file.people}")
            message = ngettext(
                "%(count)s person's data handed over.", "%(count)s people's data handed over.", file.people
            )
            self.message_user(request, message % {"count": number_format(file.people)}, messages.SUCCESS)
            content.seek(0)
            return FileResponse(content, as_attachment=True, filename=file.name, content_type=file.content_type)
        content.close()
        return redirect("admin:pageant_cosponsorship_hand_over", cosponsorship.pk)

    def page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/pageant/cosponsorship/{name}.html", context)
