"""Magic links that were mailed or opened."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class MailedLink(models.Model):
    """A proof of an e-mail address: people who open it have read the mail. See privacy/account/magic_links.py."""

    class Purpose(models.TextChoices):
        CONFIRM = "confirm", _("confirm an address")
        OPEN = "open", _("open a person's page")
        PAGE = "page", _("a person's page, opened")

    purpose = models.CharField(max_length=10, choices=Purpose)
    subject = models.CharField(
        max_length=64, blank=True, help_text=_("What is being confirmed, under the name its app gives it.")
    )
    email = models.EmailField()
    language = models.CharField(max_length=5)
    token_digest = models.CharField(
        max_length=64,
        unique=True,
        null=True,
        help_text=_("SHA-256 of the token in hexadecimal; empty until it is mailed."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("e-mailed link")
        verbose_name_plural = _("e-mailed links")
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(token_digest__isnull=False),
                name="privacy_mailedlink_used_has_token",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} #{self.pk}"


class EarlierToken(models.Model):
    """An earlier token of a link whose mail was sent more than once; the link itself holds the last one."""

    link = models.ForeignKey(MailedLink, models.CASCADE, related_name="earlier_tokens")
    token_digest = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("earlier token of an e-mailed link")
        verbose_name_plural = _("earlier tokens of e-mailed links")

    def __str__(self) -> str:
        return f"#{self.pk}"
