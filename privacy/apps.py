from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = _("Privacy")

    def ready(self) -> None:
        from privacy import checks, guards, registry  # noqa: F401, PLC0415  they need the models

        registry.discover()
        guards.guard("privacy_policyversion", where="{row}.published_at IS NOT NULL", keys=["id", "number"])
        guards.guard("privacy_disclosure", keys=["id", "number"])
        post_migrate.connect(after_migrating, sender=self, dispatch_uid="guards and first policy")


def after_migrating(using: str, **kwargs: object) -> None:
    from privacy import first, guards  # noqa: PLC0415  they need the models

    if using == DEFAULT_DB_ALIAS:
        guards.install(using)
        first.publish(using)
