"""Loads the registry and installs triggers and the first policy after migrations."""

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = _("Privacy")

    def ready(self) -> None:
        from core import immutable_rows  # noqa: PLC0415  they need the models
        from privacy import checks  # noqa: F401, PLC0415  they need the models
        from privacy.registry import declarations  # noqa: PLC0415  they need the models

        declarations.discover()
        immutable_rows.guard("privacy_policyversion", where="{row}.published_at IS NOT NULL", keys=["id", "number"])
        immutable_rows.guard("privacy_disclosure", keys=["id", "number"])
        post_migrate.connect(after_migrating, sender=self, dispatch_uid="guards and first policy")


def after_migrating(using: str, **kwargs: object) -> None:
    from core import immutable_rows  # noqa: PLC0415  they need the models
    from privacy.models import DigestKey  # noqa: PLC0415  they need the models
    from privacy.policy import initial  # noqa: PLC0415  they need the models
    from privacy.registry import digest_keys  # noqa: PLC0415  they need the models

    if using == DEFAULT_DB_ALIAS:
        immutable_rows.install(using)
        initial.publish(using)
        if DigestKey._meta.db_table in connections[using].introspection.table_names():
            digest_keys.record()
