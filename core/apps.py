"""Connects background jobs, roles and the staff's site when Django starts."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.core.signals import request_finished
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import jobs, role_sync  # noqa: PLC0415  they need the apps to be ready
        from core.admin import accounts  # noqa: F401, PLC0415  so does it

        jobs.discover()
        request_finished.connect(jobs.do_in_passing, dispatch_uid="jobs in passing")
        post_migrate.connect(role_sync.sync, dispatch_uid="roles")


class AdminConfig(DjangoAdminConfig):
    default_site = "core.admin.site.StaffSite"
