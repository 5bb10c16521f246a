"""Mails and their templates in the admin, where their package asks the database for more than it should."""

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from post_office.admin import EmailAdmin, EmailTemplateAdmin
from post_office.models import Email, EmailTemplate

LEAST = 3  # letters that the indexes find anywhere in a text

admin.site.unregister([Email, EmailTemplate])


@admin.register(Email)
class StaffEmailAdmin(EmailAdmin):
    search_help_text = _("One or two letters are found only at the beginning of addresses and subjects.")

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        short = any(len(word) < LEAST for word in request.GET.get(SEARCH_VAR, "").split())
        return [f"^{name}" if short else name for name in super().get_search_fields(request)]


@admin.register(EmailTemplate)
class StaffEmailTemplateAdmin(EmailTemplateAdmin):
    def get_queryset(self, request: HttpRequest) -> QuerySet[EmailTemplate]:
        return super().get_queryset(request).prefetch_related("translated_templates")

    @admin.display(description=_("Languages"))
    def languages_compact(self, instance: EmailTemplate) -> str:
        return ", ".join(sorted(template.language for template in instance.translated_templates.all()))
