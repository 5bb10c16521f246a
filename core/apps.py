"""Connects background jobs, roles and the triggers of kept pages when Django starts."""

from django.apps import AppConfig
from django.core.signals import request_finished
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import checks, jobs, role_sync  # noqa: F401, PLC0415  they need the apps to be ready
        from core.kept_pages import versions  # noqa: F401, PLC0415  for its job

        jobs.discover()
        request_finished.connect(jobs.do_in_passing, dispatch_uid="jobs in passing")
        post_migrate.connect(role_sync.sync, dispatch_uid="roles")
        post_migrate.connect(after_migrating, sender=self, dispatch_uid="triggers of kept pages")


def after_migrating(using: str, **kwargs: object) -> None:
    from core.kept_pages import triggers  # noqa: PLC0415  it needs the models
    from core.site import kept_sources  # noqa: PLC0415

    if using == DEFAULT_DB_ALIAS:
        triggers.install(kept_sources(), using)
