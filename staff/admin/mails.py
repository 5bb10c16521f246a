"""Mails and their templates in the admin, without the slow queries and deliveries of their package."""

from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from post_office.admin import EmailAdmin, EmailTemplateAdmin
from post_office.models import Email, EmailTemplate

from core import mail_delivery

LEAST = 3  # letters that the indexes find anywhere in a text

admin.site.unregister([Email, EmailTemplate])


@admin.register(Email)
class StaffEmailAdmin(EmailAdmin):
    actions = ["requeue"]
    search_help_text = _("One or two letters are found only at the beginning of addresses and subjects.")

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        short = any(len(word) < LEAST for word in request.GET.get(SEARCH_VAR, "").split())
        return [f"^{name}" if short else name for name in super().get_search_fields(request)]

    @admin.action(description=_("Send the selected mails again"), permissions=["change"])
    def requeue(self, request: HttpRequest, mails: "QuerySet[Email]") -> None:
        again = mail_delivery.send_again(mails)
        message = ngettext("%(number)s mail will be sent again.", "%(number)s mails will be sent again.", again)
        messages.info(request, message % {"number": again})

    def resend(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The package's page that sends a mail again: through the queue, as the server may be slow."""
        email = self._get_object_or_deny(request, pk, "change")
        self.requeue(request, Email.objects.filter(pk=email.pk))
        return HttpResponseRedirect(reverse("admin:post_office_email_change", args=[email.pk]))


@admin.register(EmailTemplate)
class StaffEmailTemplateAdmin(EmailTemplateAdmin):
    def get_queryset(self, request: HttpRequest) -> QuerySet[EmailTemplate]:
        return super().get_queryset(request).prefetch_related("translated_templates")

    @admin.display(description=_("Languages"))
    def languages_compact(self, instance: EmailTemplate) -> str:
        return ", ".join(sorted(template.language for template in instance.translated_templates.all()))
