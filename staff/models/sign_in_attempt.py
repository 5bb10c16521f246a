"""Wrong passwords and codes, as long as they count."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SignInAttempt(models.Model):
    """A password or code that is being tried, or was wrong. Holds no name and no IP address, only keyed digests."""

    account_digest = models.CharField(max_length=64, help_text="Of the user name as it was typed, an account's or not.")
    network_digest = models.CharField(max_length=64)
    is_known = models.BooleanField(help_text="Whether the account had signed in from this network before.")
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("sign-in attempt")
        verbose_name_plural = _("sign-in attempts")
        indexes = [
            models.Index(fields=["account_digest", "at"], name="staff_attempt_account"),
            models.Index(fields=["network_digest", "at"], name="staff_attempt_network"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
