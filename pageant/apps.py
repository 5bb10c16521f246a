from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PageantConfig(AppConfig):
    name = "pageant"
    verbose_name = _("Pageant")

    def ready(self) -> None:
        from pageant import person, recalls, recipients  # noqa: PLC0415  it needs the models
        from pageant.models import Pageant  # noqa: PLC0415
        from privacy import erasure, links, sharing  # noqa: PLC0415
        from privacy.person import register  # noqa: PLC0415
        from privacy.preferences import register_titles  # noqa: PLC0415

        links.register("entry", person.EntryConfirmation())
        register(person.entries_section)
        register_titles(Pageant.objects.titles)
        erasure.before(recalls.recall_all)
        sharing.register(recipients.of_today)
