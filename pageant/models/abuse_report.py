from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ReportQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(closed_at=None)


class Report(models.Model):
    """A visitor's word that something is wrong with a public entry. Says nothing about who sent it."""

    class Reason(models.TextChoices):
        MINE = "mine", _("This is my picture, and I did not send it")
        ME = "me", _("I am in this picture, and I do not want that")
        UNSUITABLE = "unsuitable", _("It is not suitable for this site")
        OTHER = "other", _("Something else")

    entry = models.ForeignKey("pageant.Entry", models.CASCADE, related_name="reports", verbose_name=_("entry"))
    reason = models.CharField(_("what is wrong"), max_length=10, choices=Reason)
    note = models.TextField(_("note"), max_length=1000, blank=True)
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

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ("-created_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="pageant_report_closed_by_somebody",
            )
        ]
        indexes = [models.Index(fields=["-created_at"], condition=Q(closed_at=None), name="pageant_report_open")]

    def __str__(self) -> str:
        return self.get_reason_display()

    def close(self, *, by: settings.AUTH_USER_MODEL) -> bool:
        """Puts the report aside; False if somebody else did it before."""
        return bool(Report.objects.filter(pk=self.pk, closed_at=None).update(closed_at=timezone.now(), closed_by=by))
