"""Moderation of suggested websites."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.admin.moderation import CorrectionForm, ModeratedAdmin
from core.fields import LineField, ProseField
from core.moderation import Refused, Status
from suggestions import link_problems
from suggestions.forms import LONGEST_DESCRIPTION, WebsiteField, with_letter
from suggestions.models import Suggestion
from suggestions.models.suggestion import URLTaken
from suggestions.website_url import WebsiteURL

MOST_HOSTS = 10  # hosts offered as filters


class FlagFilter(admin.SimpleListFilter):
    title = _("flag")
    parameter_name = "flag"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [
            ("silent", _("unreachable")),
            ("insecure", _("certificate or encryption not valid")),
            ("moving", _("reports a new address")),
            ("reported", _("reported")),
            ("lookalike", _("easily confused with another")),
            ("again", _("rejected before")),
            ("untimed", _("possible bot")),
        ]

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        conditions = {
            "reported": {"is_reported": True},
            "again": {"was_rejected": True},
            "untimed": {"is_untimed": True},
        }
        if self.value() == "silent":
            return rows.silent()
        if self.value() == "insecure":
            return rows.insecure()
        if self.value() == "moving":
            return rows.moving()
        if self.value() == "lookalike":
            return rows.lookalikes()
        return rows.filter(**conditions.get(self.value(), {}))


class HostFilter(admin.SimpleListFilter):
    """Offers the hosts with the most waiting suggestions. The list's own links may filter by any other host."""

    title = _("host")
    parameter_name = "host"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        waiting = Suggestion.objects.waiting().values("host").annotate(rows=Count("pk")).order_by("-rows", "host")
        hosts = [row["host"] for row in waiting[:MOST_HOSTS]]
        chosen = request.GET.get(self.parameter_name)
        return [(host, host) for host in dict.fromkeys([*filter(None, [chosen]), *hosts])]

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return rows.filter(host=self.value()) if self.value() else rows


class SuggestionCorrectionForm(CorrectionForm):
    """The fields that staff may correct, before approval and after."""

    url = WebsiteField(label=_("Address"), max_length=1000, widget=forms.TextInput(attrs={"size": 80}))
    title = LineField(label=_("Title"), max_length=100, widget=forms.TextInput(attrs={"size": 80}))
    description = ProseField(label=_("Description"), max_length=LONGEST_DESCRIPTION)

    def clean_title(self) -> str:
        return with_letter(self.cleaned_data["title"])

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        if self.instance.status in {Status.WAITING, Status.APPROVED}:
            others = Suggestion.objects.here().at(WebsiteURL.parse(url)).exclude(pk=self.instance.pk)
            if others.exists():
                raise ValidationError(URLTaken.message, code="taken")
        return url


@admin.register(Suggestion)
class SuggestionAdmin(ModeratedAdmin):
    list_display = ["title", "host_link", "flags", "category", "state", "moved_at"]
    list_filter = ["status", FlagFilter, "category", "site_language", HostFilter]
    search_fields = ["search_key"]
    change_form_template = "admin/suggestions/suggestion/change_form.html"
    actions = [*ModeratedAdmin.actions, "take_proposed", "decline_proposed"]
    form = SuggestionCorrectionForm
    view_on_site = False  # a waiting suggestion has no page yet
    correctable = ("url", "title", "description", "category", "site_language")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("category").with_warnings()

    def get_fields(self, request: HttpRequest, obj: Suggestion | None = None) -> Sequence[str]:
        email = ["email"] if request.user.has_perm("suggestions.view_suggestion_email") else []
        return [
            *self.correctable, "visit", "normal_url", "name", "show_name", *email, "language", "created_at",
            "published_at", "corrected_at", "last_checked_at", "last_alive_at", "problem_shown", "failures",
            "first_failure_at", "silent_since", "insecure_since", "proposed_url", "withdrawn_at", "status",
            "decided_by", "decided_at", "reason_shown", "reason_note",
        ]  # fmt: skip

    @admin.display(description=_("reason"))
    def reason_shown(self, suggestion: Suggestion) -> str:
        return suggestion.get_reason_display()

    @admin.display(description=_("problem"))
    def problem_shown(self, suggestion: Suggestion) -> str:
        return link_problems.in_words(suggestion.problem) or "—"

    @admin.display(description=_("open the website"))
    def visit(self, suggestion: Suggestion) -> str:
        if not suggestion.link:
            return "—"
        link = '<a href="{}" rel="external nofollow ugc noopener noreferrer" target="_blank">{} ↗</a>'
        return format_html(link, suggestion.link, suggestion.link)

    @admin.display(description=_("host"), ordering="host")
    def host_link(self, suggestion: Suggestion) -> str:
        path = reverse("admin:suggestions_suggestion_changelist")
        return format_html('<a href="{}?host={}">{}</a>', path, suggestion.host, suggestion.shown_host)

    def warnings_of(self, suggestion: Suggestion) -> Iterable[str]:  # type: ignore[override]  # a row of this admin's
        warnings = {
            _("easily confused with another"): suggestion.has_lookalike,
            _("rejected before"): suggestion.was_rejected,
            _("possible bot"): suggestion.is_untimed and suggestion.status == Status.WAITING,
            _("reported"): suggestion.is_reported,
            _("unreachable"): suggestion.silent_since,
            _("certificate or encryption not valid"): suggestion.insecure_since,
            _("reports a new address"): suggestion.proposed_url,
        }
        return (text for text, applies in warnings.items() if applies)

    def get_review(self, request: HttpRequest, suggestion: Suggestion) -> dict[str, Any]:  # type: ignore[override]  # as above
        return {**super().get_review(request, suggestion), "alike": similar_to(suggestion)}

    def more_queues(self) -> Iterable[tuple[QuerySet, Callable[[int], str], str]]:
        yield (
            Suggestion.objects.silent(),
            lambda count: ngettext("unreachable website", "unreachable websites", count),
            "?flag=silent",
        )
        yield (
            Suggestion.objects.insecure(),
            lambda count: ngettext(
                "website with an invalid certificate or encryption",
                "websites with an invalid certificate or encryption",
                count,
            ),
            "?flag=insecure",
        )
        yield (
            Suggestion.objects.moving(),
            lambda count: ngettext("website that reports a new address", "websites that report a new address", count),
            "?flag=moving",
        )

    @admin.action(description=_("Accept the new addresses of the selected websites"), permissions=["change"])
    def take_proposed(self, request: HttpRequest, rows: QuerySet) -> None:
        for suggestion in rows:
            try:
                suggestion.take_proposed(by=request.user)
            except Refused as refused:
                self.message_user(request, f"{suggestion}: {refused.message}", messages.ERROR)
            else:
                self.log_change(request, suggestion, "moved")

    @admin.action(description=_("Keep the old addresses of the selected websites"), permissions=["change"])
    def decline_proposed(self, request: HttpRequest, rows: QuerySet) -> None:
        for suggestion in rows:
            suggestion.decline_proposed()
            self.log_change(request, suggestion, "not moved")


def similar_to(suggestion: Suggestion) -> QuerySet[Suggestion]:
    """Returns other suggestions to compare with: those with the same URL, or with a host that looks the same."""
    others = Suggestion.objects.exclude(pk=suggestion.pk).exclude(status=Status.WITHDRAWN)
    lookalike = models.Q(skeleton=suggestion.skeleton) & ~models.Q(host=suggestion.host)
    return others.filter(models.Q(normal_url=suggestion.normal_url) | lookalike).order_by("-moved_at")[:10]
