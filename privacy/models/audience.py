"""Daily hits and estimated visitors."""

from datetime import date
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ALL = "all"  # in place of a section or a language: all of them


class AudienceDayQuerySet(models.QuerySet):
    def total(self, day: date) -> Self:
        return self.filter(day=day, section=ALL, language=ALL)


class AudienceDay(models.Model):
    """Hits and estimated visitors of a day (in Asia/Ho_Chi_Minh): sums only. See privacy/traffic/visitor_counts.py.

    A section is a word like `home`, or `pageant:<slug>`. Visitors can't be added up over sections, languages or days,
    since somebody may be in several; so there are rows for all sections and for all languages too.
    """

    day = models.DateField(_("day"))
    section = models.CharField(_("section"), max_length=80)
    language = models.CharField(_("language"), max_length=5)
    hits = models.PositiveIntegerField(_("hits"), default=0, help_text=_("Pages shown to people."))
    visitors = models.PositiveIntegerField(_("visitors"), default=0, help_text=_("Estimated."))
    robots = models.PositiveIntegerField(_("bots"), default=0, help_text=_("Pages shown to bots."))
    prefetches = models.PositiveIntegerField(
        _("fetched ahead"),
        default=0,
        db_default=0,
        help_text=_("Pages that browsers fetched ahead, in case somebody would want to see them."),
    )
    is_closed = models.BooleanField(
        pgettext_lazy("day", "closed"),
        default=False,
        help_text=_("Whether the day is over, so that visitors can no longer be told apart."),
    )

    objects = AudienceDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("audience of a day")
        verbose_name_plural = _("audience by day")
        ordering = ("-day", "section", "language")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["day", "section", "language"], name="privacy_audienceday_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.section} {self.language}"


class AudienceSeen(models.Model):
    """A visitor who was counted today, as a digest under the key of the day. Deleted when the day is over."""

    day = models.DateField()
    section = models.CharField(max_length=80)
    language = models.CharField(max_length=5)
    visitor = models.CharField(max_length=32)

    class Meta:
        verbose_name = _("counted visitor")
        verbose_name_plural = _("counted visitors")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["day", "section", "language", "visitor"], name="privacy_audienceseen_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.section} {self.language}"
