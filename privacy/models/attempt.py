"""Attempts that rate limits count."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Attempt(models.Model):
    """One use of something that is limited. Holds no IP or e-mail address, only a keyed digest of it."""

    scope = models.CharField(max_length=30)
    client_digest = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = [models.Index(fields=["scope", "client_digest", "at"], name="privacy_attempt_count")]

    def __str__(self) -> str:
        return f"{self.scope} {self.at:%Y-%m-%d %H:%M}"
