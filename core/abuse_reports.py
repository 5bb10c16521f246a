"""Reports by visitors: something public is wrong, and staff should look."""

from collections.abc import Callable
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AbuseReportQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(closed_at=None)


class AbuseReport(models.Model):
    """A visitor's report about a public row. It stores nothing about its sender.

    Subclasses have a foreign key to the row, named in `ABOUT`, and a field `reason` with the choices of their `Reason`.
    """

    ABOUT: str
    get_reason_display: Callable[[], str]  # Django's, for the field `reason` of subclasses

    created_at = models.DateTimeField(_("sent"), auto_now_add=True)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("closed by"),
    )

    objects = AbuseReportQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("-created_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="%(app_label)s_%(class)s_closed_by_somebody",
            )
        ]
        indexes = [
            models.Index(fields=["-created_at"], condition=Q(closed_at=None), name="%(app_label)s_%(class)s_open")
        ]

    def __str__(self) -> str:
        return self.get_reason_display()

    def close(self, *, by: AbstractUser) -> bool:
        """Closes the report. Returns False if somebody else on the staff already has."""
        still_open = type(self)._base_manager.filter(pk=self.pk, closed_at=None)
        return bool(still_open.update(closed_at=timezone.now(), closed_by=by))
