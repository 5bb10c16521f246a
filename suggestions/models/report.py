from typing import Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ReportQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(closed_at=None)


class Report(models.Model):
    """A visitor's word that something is wrong with a listing. Says nothing about who sent it, and has no free text.

    Many visitors who say the same make one open report: nobody can flood the queue.
    """

    class Reason(models.TextChoices):
        DEAD = "dead", _("It does not answer")
        MOVED = "moved", _("It has moved")
        CHANGED = "changed", _("It is something else now")
        UNSUITABLE = "unsuitable", _("It is not suitable")

    suggestion = models.ForeignKey(
        "suggestions.Suggestion", models.CASCADE, related_name="reports", verbose_name=_("website")
    )
    reason = models.CharField(_("what is wrong"), max_length=10, choices=Reason)
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
        verbose_name = _("report about a website")
        verbose_name_plural = _("reports about websites")
        ordering = ("-created_at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="suggestions_report_closed_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["suggestion", "reason"], condition=Q(closed_at=None), name="suggestions_report_open_once"
            ),
        ]
        indexes = [models.Index(fields=["-created_at"], condition=Q(closed_at=None), name="suggestions_report_open")]

    def __str__(self) -> str:
        return self.get_reason_display()

    def send(self) -> None:
        """Puts it into the queue, unless the same lies there already."""
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError:
            if not Report.objects.open().filter(suggestion=self.suggestion_id, reason=self.reason).exists():
                raise

    def close(self, *, by: AbstractUser) -> bool:
        """Puts the report aside; False if somebody else did it before."""
        return bool(Report.objects.filter(pk=self.pk, closed_at=None).update(closed_at=timezone.now(), closed_by=by))
