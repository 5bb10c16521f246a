"""Registers the directory's section of the person's page and its initial categories."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SuggestionsConfig(AppConfig):
    name = "suggestions"
    verbose_name = _("Websites")

    def ready(self) -> None:
        from privacy.account.person_page import register  # noqa: PLC0415  it needs the models
        from suggestions import account, initial_categories  # noqa: PLC0415

        register(account.websites_section)
        post_migrate.connect(initial_categories.make_categories, sender=self, dispatch_uid="first categories")
