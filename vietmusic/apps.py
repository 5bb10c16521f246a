from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.core.signals import request_finished
from django.utils.translation import gettext_lazy as _


class VietmusicConfig(AppConfig):
    name = "vietmusic"
    verbose_name = _("Vietmusic")

    def ready(self) -> None:
        from vietmusic import accounts, chores  # noqa: F401, PLC0415  both need the apps to be ready

        chores.discover()
        request_finished.connect(chores.do_in_passing, dispatch_uid="chores in passing")


class AdminConfig(DjangoAdminConfig):
    default_site = "vietmusic.admin.StaffSite"
