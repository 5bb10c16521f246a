from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PolicyVersion(models.Model):
    """One version of the privacy policy: a draft until it is published, and never changed or deleted afterwards."""

    number = models.PositiveIntegerField(_("number"), unique=True, null=True, editable=False)
    text_en = models.TextField(_("text in English"))
    text_vi = models.TextField(_("text in Vietnamese"))
    summary_en = models.CharField(_("what changes, in English"), max_length=300, blank=True)
    summary_vi = models.CharField(_("what changes, in Vietnamese"), max_length=300, blank=True)
    snapshot = models.JSONField(
        _("registry"), null=True, editable=False, help_text=_("The registry of personal data as it was.")
    )
    is_material = models.BooleanField(
        _("material"), default=False, editable=False, help_text=_("Something more is collected, used, shown or kept.")
    )
    digest = models.CharField(
        _("digest"), max_length=64, blank=True, editable=False, help_text=_("SHA-256 of all that was published.")
    )
    drafted_at = models.DateTimeField(_("drafted"), auto_now_add=True)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("published by"),
        null=True,
        editable=False,
        related_name="+",
        help_text=_("Nobody: it came with the site."),
    )

    class Meta:
        verbose_name = _("version of the policy")
        verbose_name_plural = _("versions of the policy")
        ordering = ("-number",)
        permissions = [("publish_policyversion", _("Can publish the policy"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, number__isnull=True, snapshot__isnull=True)
                | Q(published_at__isnull=False, number__isnull=False, snapshot__isnull=False),
                name="privacy_policyversion_published_is_whole",
            )
        ]

    def __str__(self) -> str:
        return str(_("Version %(number)d") % {"number": self.number}) if self.number else str(_("Draft"))
