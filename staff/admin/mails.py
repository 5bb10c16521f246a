"""Templates of mails in the admin: their package asks the database once for each row of its list."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from post_office.admin import EmailTemplateAdmin
from post_office.models import EmailTemplate

admin.site.unregister(EmailTemplate)


@admin.register(EmailTemplate)
class StaffEmailTemplateAdmin(EmailTemplateAdmin):
    def get_queryset(self, request: HttpRequest) -> QuerySet[EmailTemplate]:
        return super().get_queryset(request).prefetch_related("translated_templates")

    @admin.display(description=_("Languages"))
    def languages_compact(self, instance: EmailTemplate) -> str:
        return ", ".join(sorted(template.language for template in instance.translated_templates.all()))
