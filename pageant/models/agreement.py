"""What an entrant agreed to, in the words that were shown."""

from datetime import datetime
from typing import Self

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pageant.sponsors import recalls
from privacy.registry.declarations import Text, in_words


class AgreementQuerySet(models.QuerySet):
    def in_force(self) -> Self:
        """Filters for a yes that was not withdrawn."""
        return self.filter(agreed=True, withdrawn_at=None)

    def sharing(self) -> Self:
        return self.filter(kind=Agreement.Kind.SHARING)


class Agreement(models.Model):
    """What an entrant was asked, in the words that were shown, and the answer.

    It stays once it is withdrawn, since we must be able to show what was agreed (GDPR, article 7(1)).
    """

    class Kind(models.TextChoices):
        SHOWING = "showing", _("Showing your entry to everybody")
        SHARING = "sharing", _("Sharing with a co-sponsor")

    entry = models.ForeignKey("pageant.Entry", models.CASCADE, related_name="agreements", verbose_name=_("entry"))
    kind = models.CharField(_("agreed to"), max_length=10, choices=Kind)
    cosponsorship = models.ForeignKey(
        "pageant.Cosponsorship",
        models.PROTECT,
        related_name="agreements",
        verbose_name=_("co-sponsorship"),
        null=True,
    )
    notice_version = models.PositiveIntegerField(
        _("version of the notice"), null=True, help_text=_("The version of the co-sponsorship.")
    )
    fields = models.JSONField(_("fields"), default=list, help_text=_("Those that the notice named."))
    agreed = models.BooleanField(_("agreed"), default=True)
    text = models.TextField(_("text"), help_text=_("The words beside the boxes that were ticked."))
    language = models.CharField(_("language"), max_length=5)
    policy_number = models.PositiveIntegerField(_("policy"), null=True, help_text=_("The version in force that day."))
    given_at = models.DateTimeField(_("given"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ("given_at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="showing", cosponsorship__isnull=True, notice_version__isnull=True, agreed=True)
                | Q(kind="sharing", cosponsorship__isnull=False, notice_version__isnull=False),
                name="pageant_agreement_sharing_has_cosponsor",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(agreed=True),
                name="pageant_agreement_only_a_yes_is_withdrawn",
            ),
            models.UniqueConstraint(fields=["entry", "cosponsorship"], name="pageant_agreement_once"),
        ]
        indexes = [
            models.Index(
                fields=["cosponsorship", "entry"],
                condition=Q(kind="sharing", agreed=True, withdrawn_at=None),
                name="pageant_agreement_sharing",
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    def get_fields_display(self) -> list[Text]:
        return in_words(f"pageant.Entry.{name}" for name in self.fields)

    def withdraw(self, *, at: datetime | None = None) -> bool:
        """Withdraws a yes, and recalls what was handed over because of it. Returns False if none is in force.

        Waits for a hand-over that is being made, and then finds it on the ledger.
        """
        at = at or timezone.now()
        with transaction.atomic():
            if not Agreement.objects.in_force().filter(pk=self.pk).update(withdrawn_at=at):
                return False
            self.withdrawn_at = at
            if self.cosponsorship:
                recalls.recall(self.cosponsorship, self.entry.email_digest)
        return True
