"""Connects background jobs and roles when Django starts."""

from django.apps import AppConfig
from django.core.signals import request_finished
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import jobs, role_sync  # noqa: PLC0415  they need the apps to be ready

        jobs.discover()
        request_finished.connect(jobs.do_in_passing, dispatch_uid="jobs in passing")
        post_migrate.connect(role_sync.sync, dispatch_uid="roles")
