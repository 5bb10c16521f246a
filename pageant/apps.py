"""Registers the pageant's section of the person's page, its magic links, recalls and recipients."""

from django.apps import AppConfig
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
