from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.core.signals import request_finished


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import jobs  # noqa: PLC0415  it needs the apps to be ready
        from core.admin import accounts  # noqa: F401, PLC0415  so does it

        jobs.discover()
        request_finished.connect(jobs.do_in_passing, dispatch_uid="jobs in passing")


class AdminConfig(DjangoAdminConfig):
    default_site = "core.admin.moderation.StaffSite"
