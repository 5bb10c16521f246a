"""Pageants and the counts shown with their filters."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.kept_pages.making import changes_at
from core.text import tidy_line
from core.translated_fields import Localized

MOST_PHOTOS = 5


class PageantQuerySet(models.QuerySet):
    # `now` may be a parameter of a prepared query

    def open(self, now: Any = None) -> Self:
        now = timezone.now() if now is None else now
        return self.filter(opens_at__lte=now, closes_at__gt=now).order_by("closes_at")

    def upcoming(self, now: Any = None) -> Self:
        return self.filter(opens_at__gt=timezone.now() if now is None else now).order_by("opens_at")

    def past(self, now: Any = None) -> Self:
        return self.filter(closes_at__lte=timezone.now() if now is None else now).order_by("-closes_at")

    def titles(self, slugs: Collection[str]) -> dict[str, str]:
        """The titles of those pageants by slug, in the visitor's language."""
        return {pageant.slug: pageant.title for pageant in self.filter(slug__in=slugs)}


class Pageant(models.Model):
    slug = models.SlugField(
        _("address"), unique=True, help_text=_("As in /pageants/…/. Please leave it as it is once people have seen it.")
    )
    title_en = models.CharField(_("title in English"), max_length=100)
    title_vi = models.CharField(_("title in Vietnamese"), max_length=100)
    description_en = models.TextField(_("description in English"))
    description_vi = models.TextField(_("description in Vietnamese"))
    rules_en = models.TextField(_("rules in English"))
    rules_vi = models.TextField(_("rules in Vietnamese"))
    opens_at = models.DateTimeField(_("opens"), help_text=_("Vietnamese time."))
    closes_at = models.DateTimeField(_("closes"), help_text=_("Vietnamese time."))
    max_photos = models.PositiveSmallIntegerField(
        _("maximum photos per entry"),
        default=MOST_PHOTOS,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PHOTOS)],
    )
    entry_count = models.PositiveIntegerField(
        _("public entries"),
        default=0,
        editable=False,
        help_text=_("Updated automatically."),
    )

    title = Localized()
    description = Localized()
    rules = Localized()

    objects = PageantQuerySet.as_manager()

    class Meta:
        verbose_name = _("pageant")
        verbose_name_plural = _("pageants")
        ordering = ("-opens_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="pageant_pageant_closes_after_opening",
                violation_error_message=_("It must close after it opens."),
            ),
            models.CheckConstraint(
                condition=Q(max_photos__gte=1, max_photos__lte=MOST_PHOTOS),
                name="pageant_pageant_photos_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, **kwargs: Any) -> None:
        # Titles stand in the subjects of mails: always one line.
        self.title_en, self.title_vi = tidy_line(self.title_en), tidy_line(self.title_vi)
        super().save(**kwargs)

    def get_absolute_url(self) -> str:
        return reverse("pageant:pageant", args=[self.slug])

    @property
    def is_open(self) -> bool:
        changes_at(self.opens_at, self.closes_at)
        return self.opens_at <= timezone.now() < self.closes_at

    @property
    def is_upcoming(self) -> bool:
        changes_at(self.opens_at)
        return timezone.now() < self.opens_at

    @property
    def days_left(self) -> int:
        """Whole days until it closes; 0 on the last one."""
        days = max(timedelta(), self.closes_at - timezone.now()).days
        changes_at(self.closes_at - timedelta(days=days) + timedelta.resolution)
        return days

    @property
    def days(self) -> int:
        return max(1, (self.closes_at - self.opens_at).days)

    @property
    def day(self) -> int:
        """The day of the pageant, 1 to `days`; 0 before it opens."""
        days = (timezone.now() - self.opens_at).days + 1
        changes_at(self.opens_at + timedelta(days=days))
        return max(0, min(self.days, days))


class TallyQuerySet(models.QuerySet):
    def most(self, kind: str) -> Self:
        """The most frequent first; equals in the order they came, since databases differ in how they sort words."""
        return self.filter(kind=kind, entries__gt=0).order_by("-entries", "pk")


class Tally(models.Model):
    """How many public entries of a pageant share a hobby or a place."""

    class Kind(models.TextChoices):
        HOBBY = "hobby", _("hobby")
        PLACE = "place", _("place")

    pageant = models.ForeignKey(Pageant, models.CASCADE, related_name="tallies")
    kind = models.CharField(max_length=5, choices=Kind)
    key = models.CharField(max_length=100)
    label = models.CharField(max_length=100)
    entries = models.IntegerField(default=0)

    objects = TallyQuerySet.as_manager()

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        constraints = [models.UniqueConstraint(fields=["pageant", "kind", "key"], name="pageant_tally_once")]
        indexes = [models.Index(fields=["pageant", "kind", "-entries"], name="pageant_tally_most")]

    def __str__(self) -> str:
        return f"{self.label}: {self.entries}"
