"""The project's own app, which declares what packages store about people."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VietmusicConfig(AppConfig):
    name = "vietmusic"
    verbose_name = _("Vietmusic")
