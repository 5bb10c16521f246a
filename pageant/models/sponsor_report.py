"""Monthly reports to co-sponsors."""

from datetime import date
from typing import Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pageant.models.pageant import Pageant


class SponsorReportQuerySet(models.QuerySet):
    def of_month(self, slug: str, month: date) -> Self:
        return self.filter(pageant__slug=slug, month=month).select_related("pageant")


class SponsorReport(models.Model):
    """A month of a pageant in numbers, made once when the month is over.

    See pageant/sponsors/monthly_reports.py.
    """

    pageant = models.ForeignKey(Pageant, models.CASCADE, related_name="sponsor_reports", verbose_name=_("pageant"))
    month = models.DateField(_("month"), help_text=_("Its first day."))
    made_at = models.DateTimeField(pgettext_lazy("report", "created"), auto_now_add=True)
    numbers = models.JSONField(_("numbers"), help_text=_("Rounded, and never for fewer than ten people."))

    objects = SponsorReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("sponsors' report")
        verbose_name_plural = _("sponsors' reports")
        ordering = ("-month", "pageant")
        default_permissions = ("view",)
        permissions = [("send_sponsorreport", _("Can send reports to sponsors"))]
        constraints = [models.UniqueConstraint(fields=["pageant", "month"], name="pageant_sponsorreport_once")]

    def __str__(self) -> str:
        return f"{self.pageant} {self.month:%Y-%m}"

    def get_absolute_url(self) -> str:
        return reverse("sponsors:report", args=[self.pageant.slug, f"{self.month:%Y-%m}"])
