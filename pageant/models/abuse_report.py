"""Reports about entries."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.abuse_reports import AbuseReport


class Report(AbuseReport):
    """A visitor's report about a public entry."""

    ABOUT = "entry"

    class Reason(models.TextChoices):
        MINE = "mine", _("This is my picture, and I did not submit it")
        ME = "me", _("I am in this picture, and I do not want it shown")
        UNSUITABLE = "unsuitable", _("It is not suitable for this site")
        OTHER = "other", _("Something else")

    entry = models.ForeignKey("pageant.Entry", models.CASCADE, related_name="reports", verbose_name=_("entry"))
    reason = models.CharField(_("what is wrong"), max_length=10, choices=Reason)
    note = models.TextField(_("note"), max_length=1000, blank=True)

    class Meta(AbuseReport.Meta):
        verbose_name = _("report")
        verbose_name_plural = _("reports")
