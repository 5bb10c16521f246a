"""Read-only records in the admin: cookie choices, erasure receipts, the ledger."""

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.site import ReadOnlyAdmin
from privacy.models import CookieChoice, Disclosure, ErasureReceipt


class LanguageFilter(admin.SimpleListFilter):
    """Offers the site's languages. Django's own filter would look for them in all rows."""

    title = _("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(code, gettext(name)) for code, name in settings.LANGUAGES]

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return rows.filter(language=self.value()) if self.value() else rows


@admin.register(CookieChoice)
class CookieChoiceAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "made_at", "answers", "signal", "language", "policy"]
    list_filter = [LanguageFilter, "signal"]
    list_select_related = ["policy"]
    sortable_by = ["made_at"]
    search_fields = ["key__startswith"]


@admin.register(ErasureReceipt)
class ErasureReceiptAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "erased_at", "kinds", "logged_at"]
    search_fields = ["key__startswith"]


@admin.register(Disclosure)
class DisclosureAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "at", "kind", "recipient", "shown_fields", "pseudonym", "handed_by"]
    list_filter = ["kind", "recipient"]
    list_select_related = ["handed_by"]
    search_fields = ["pseudonym__startswith"]

    @admin.display(description=_("fields"))
    def shown_fields(self, disclosure: Disclosure) -> str:
        return ", ".join(map(str, disclosure.get_fields_display()))
