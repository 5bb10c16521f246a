"""Anonymous records of answers about cookies."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from privacy.models.policy_version import PolicyVersion


class CookieChoice(models.Model):
    """What somebody answered about cookies. Holds nothing about the person: neither IP address nor browser."""

    key = models.CharField(
        _("number"), max_length=32, unique=True, help_text=_("128 random bits, in the visitor's cookie too.")
    )
    made_at = models.DateTimeField(_("made"), default=timezone.now, db_index=True)
    answers = models.JSONField(_("answers"), help_text=_("Each purpose that was asked about, and yes or no."))
    signal = models.BooleanField(_("Global Privacy Control"), default=False)
    language = models.CharField(_("language"), max_length=5)
    text_digest = models.CharField(
        _("digest of the text"), max_length=64, help_text=_("SHA-256 of the words that were shown.")
    )
    policy = models.ForeignKey(PolicyVersion, models.PROTECT, verbose_name=_("policy"), null=True, related_name="+")

    class Meta:
        verbose_name = _("cookie choice")
        verbose_name_plural = _("cookie choices")
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return self.key[:8]
