"""Reports about listed websites."""

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.abuse_reports import AbuseReport


class Report(AbuseReport):
    """A visitor's report about a listed website, without free text.

    Any number of visitors who report the same make one open report, so that nobody can flood the queue.
    """

    ABOUT = "suggestion"

    class Reason(models.TextChoices):
        DEAD = "dead", _("It does not load")
        MOVED = "moved", _("It has moved")
        CHANGED = "changed", _("It is something else now")
        UNSUITABLE = "unsuitable", _("It is not suitable")

    suggestion = models.ForeignKey(
        "suggestions.Suggestion", models.CASCADE, related_name="reports", verbose_name=_("website")
    )
    reason = models.CharField(_("what is wrong"), max_length=10, choices=Reason)

    class Meta(AbuseReport.Meta):
        verbose_name = _("report about a website")
        verbose_name_plural = _("reports about websites")
        constraints = [
            *AbuseReport.Meta.constraints,
            models.UniqueConstraint(
                fields=["suggestion", "reason"], condition=Q(closed_at=None), name="suggestions_report_open_once"
            ),
        ]

    def send(self) -> None:
        """Puts the report into the queue, unless an open one says the same."""
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError:
            if not Report.objects.open().filter(suggestion=self.suggestion_id, reason=self.reason).exists():
                raise
