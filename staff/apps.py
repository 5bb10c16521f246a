"""Registers the staff's site with its sign-in, the admin of accounts, and the end of sessions."""

from django.apps import AppConfig
from django.contrib.admin import apps as django_admin
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = _("Staff")

    def ready(self) -> None:
        from staff import checks, sign_in  # noqa: F401, PLC0415  they need the models
        from staff.admin import accounts, mails  # noqa: F401, PLC0415  they need the admin of all packages

        user_logged_in.connect(sign_in.end_within_a_day, dispatch_uid="sessions end")


class AdminConfig(django_admin.AdminConfig):
    default = False  # it is Django's admin, not this app
    default_site = "staff.admin.site.GuardedSite"
