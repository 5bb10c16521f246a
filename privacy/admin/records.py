"""Read-only records in the admin: cookie choices, erasure receipts, the ledger."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin.site import ReadOnlyAdmin
from privacy.models import CookieChoice, Disclosure, ErasureReceipt


@admin.register(CookieChoice)
class CookieChoiceAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "made_at", "answers", "signal", "language", "policy"]
    list_filter = ["language", "signal"]
    list_select_related = ["policy"]
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
