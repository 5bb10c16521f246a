"""Requests from people about their data."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DataRequestQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(done_at=None)


class DataRequest(models.Model):
    """Somebody asks us to do something about their data; we have 30 days."""

    TIME_TO_ANSWER = timedelta(days=30)  # GDPR, article 12(3), says one month

    class Kind(models.TextChoices):
        ACCESS = "access", _("see what is held")
        CORRECT = "correct", _("correct something")
        ERASE = "erase", _("erase")
        OBJECT = "object", _("restrict how data is used")
        OTHER = "other", _("something else")

    kind = models.CharField(_("what they want"), max_length=10, choices=Kind)
    email = models.EmailField(_("e-mail"), max_length=254)
    text = models.TextField(_("in their words"), max_length=2000, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    due_at = models.DateTimeField(_("due"), editable=False, db_index=True)
    done_at = models.DateTimeField(_("done"), null=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("done by"), null=True, editable=False, related_name="+"
    )
    outcome = models.CharField(_("what was done"), max_length=500, blank=True)

    objects = DataRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("data request")
        verbose_name_plural = _("data requests")
        ordering = ("due_at",)
        permissions = [("answer_datarequest", _("Can export and erase a person's data"))]
        indexes = [
            # The next that is due, and the order of the staff's list (PostgreSQL puts nulls first)
            models.Index(fields=["due_at"], condition=Q(done_at__isnull=True), name="privacy_datarequest_next"),
            models.Index(F("done_at").desc(), F("due_at"), F("id").desc(), name="privacy_datarequest_staff"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="privacy_datarequest_done_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    def save(self, **kwargs: Any) -> None:
        self.due_at = self.received_at + self.TIME_TO_ANSWER
        super().save(**kwargs)

    @property
    def days_left(self) -> int:
        """Whole days until it is due; negative once it is overdue."""
        return (self.due_at - timezone.now()).days

    def close(self, *, by: settings.AUTH_USER_MODEL, outcome: str) -> bool:
        """Marks it as done. Returns False if somebody else already has."""
        mine = DataRequest.objects.open().filter(pk=self.pk)
        return bool(mine.update(done_at=timezone.now(), done_by=by, outcome=outcome))
