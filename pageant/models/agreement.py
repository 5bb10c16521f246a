from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AgreementQuerySet(models.QuerySet):
    def in_force(self) -> Self:
        return self.filter(withdrawn_at=None)


class Agreement(models.Model):
    """What an entrant agreed to, in the words that were shown. Withdrawn, it stays: what was must be shown."""

    class Kind(models.TextChoices):
        SHOWING = "showing", _("Showing your entry to everybody")

    entry = models.ForeignKey("pageant.Entry", models.CASCADE, related_name="agreements", verbose_name=_("entry"))
    kind = models.CharField(_("to what"), max_length=10, choices=Kind)
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

    def __str__(self) -> str:
        return self.get_kind_display()
