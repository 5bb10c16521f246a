"""Categories of the directory."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.remembered import remembered
from core.text import tidy_line
from core.translated_fields import Localized

RESERVED = frozenset({"suggest", "feed", "listings", "reported"})  # paths in suggestions/urls.py


def refuse_reserved(slug: str) -> None:
    if slug in RESERVED:
        raise ValidationError(_("Another page has this address."), code="reserved")


class Category(models.Model):
    """A category of the directory. `websites` counts its public listings."""

    slug = models.SlugField(
        _("address"),
        unique=True,
        validators=[refuse_reserved],
        help_text=_("As in /websites/…/. Please leave it as it is once people have seen it."),
    )
    name_en = models.CharField(_("name in English"), max_length=60)
    name_vi = models.CharField(_("name in Vietnamese"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Lower numbers come first."))
    websites = models.PositiveIntegerField(
        _("websites"), default=0, editable=False, help_text=_("Updated automatically.")
    )

    name = Localized()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs: Any) -> None:
        # Names appear in page titles and subjects of mails, which must be one line.
        self.name_en, self.name_vi = tidy_line(self.name_en), tidy_line(self.name_vi)
        super().save(**kwargs)

    def get_absolute_url(self) -> str:
        return category_url(self.slug)


@remembered  # each page of the directory links to all of them
def category_url(slug: str) -> str:
    return reverse("suggestions:category", args=[slug])
