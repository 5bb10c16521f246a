"""What is kept to be shown, and changed by nobody."""

from django.contrib import admin

from privacy.models import CookieChoice, ErasureReceipt
from vietmusic.admin import ReadOnlyAdmin


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
