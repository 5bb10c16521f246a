"""Receipts of erasures, which name nobody."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ErasureReceipt(models.Model):
    """A record that somebody was erased, with the number of rows of each kind. Names nobody."""

    key = models.CharField(_("number"), max_length=32, unique=True, help_text=_("128 random bits."))
    subject_digest = models.CharField(
        _("keyed digest"),
        max_length=64,
        db_index=True,
        help_text=_("Of the address: only somebody who knows the address can recognise it."),
    )
    erased_at = models.DateTimeField(_("erased"), db_index=True)
    kinds = models.JSONField(_("kinds"), help_text=_("How many rows of each model."))
    page_digest = models.CharField(
        max_length=64, blank=True, db_index=True, help_text=_("Leads a second click on the button to this receipt.")
    )
    logged_at = models.DateTimeField(
        null=True, db_index=True, help_text=_("When it was written into the file that outlives backups.")
    )

    class Meta:
        verbose_name = _("erasure receipt")
        verbose_name_plural = _("erasure receipts")
        ordering = ("-erased_at",)

    def __str__(self) -> str:
        return self.key[:8]
