"""Contents in both languages, in fields `…_en` and `…_vi`."""

from django.conf import settings
from django.db import models
from django.utils.translation import get_language


class Localized:
    """Reads `<name>_vi` or `<name>_en`, as the visitor's language asks."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: models.Model, owner: type) -> str:
        language = "vi" if get_language() == "vi" else "en"
        return getattr(instance, f"{self.name}_{language}")


def language_name(code: str) -> str:
    """As those who speak it call it. Django's own list writes letters and their marks apart."""
    return dict(settings.LANGUAGES).get(code, code)
