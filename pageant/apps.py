"""Registers the pageant's section of the person's page, its magic links, recalls and recipients, and its triggers."""

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class PageantConfig(AppConfig):
    name = "pageant"
    verbose_name = _("Pageant")

    def ready(self) -> None:
        from pageant import account  # noqa: PLC0415  it needs the models
        from pageant.sponsors import recalls, recipients  # noqa: PLC0415  it needs the models
        from privacy.account import magic_links  # noqa: PLC0415
        from privacy.account.person_page import register  # noqa: PLC0415
        from privacy.rights import erasure  # noqa: PLC0415
        from privacy.sharing import recipients as sharing_recipients  # noqa: PLC0415

        magic_links.register("entry", account.EntryConfirmation())
        register(account.entries_section)
        erasure.before(recalls.recall_all)
        sharing_recipients.register(recipients.of_today)
        pre_migrate.connect(before_migrating, sender=self, dispatch_uid="triggers of public hobbies")
        post_migrate.connect(after_migrating, sender=self, dispatch_uid="triggers of public hobbies")


def before_migrating(using: str, plan: list[object], **kwargs: object) -> None:
    from pageant import public_hobbies  # noqa: PLC0415  it needs the models

    if using == DEFAULT_DB_ALIAS and plan:
        public_hobbies.remove_on_sqlite(using)


def after_migrating(using: str, **kwargs: object) -> None:
    from pageant import public_hobbies  # noqa: PLC0415  it needs the models

    if using == DEFAULT_DB_ALIAS:
        public_hobbies.install(using)
