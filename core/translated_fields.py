"""Content in two languages, stored in the fields `<name>_en` and `<name>_vi`."""

from django.conf import settings
from django.db import models
from django.utils.translation import get_language


class Localized:
    """A read-only attribute that returns `<name>_vi` or `<name>_en`, depending on the active language."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: models.Model, owner: type) -> str:
        language = "vi" if get_language() == "vi" else "en"
        return getattr(instance, f"{self.name}_{language}")


def language_name(code: str) -> str:
    """Returns a language's own name for itself, from settings.LANGUAGES.

    Django's `language_name_local` is unsuitable, since it spells "Tiếng Việt" with decomposed accents.
    """
    return dict(settings.LANGUAGES).get(code, code)
