"""The visit log: requests, and their hourly sums."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Visit(models.Model):
    """One request, as staff may see it. See privacy/traffic/visit_log.py."""

    PATH_LENGTH = 500

    at = models.DateTimeField(_("time"))
    address = models.GenericIPAddressField(pgettext_lazy("visit", "address"))
    method = models.CharField(_("method"), max_length=16)
    path = models.CharField(_("path"), max_length=PATH_LENGTH, help_text=_("Without the query string or tokens."))
    status = models.PositiveSmallIntegerField(_("status"))
    status_class = models.PositiveSmallIntegerField(_("status class"), help_text=_("The first digit of the status."))
    milliseconds = models.PositiveIntegerField(_("duration"))
    referrer = models.CharField(_("referring host"), max_length=255, blank=True)
    browser = models.CharField(_("browser"), max_length=20)
    is_prefetch = models.BooleanField(
        _("fetched ahead"),
        default=False,
        db_default=False,
        help_text=_("Whether a browser fetched the page ahead, in case somebody would want to see it."),
    )

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ("-at", "-pk")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["at"], name="privacy_visit_at"),
            models.Index(fields=["status_class", "at"], name="privacy_visit_status"),
            models.Index(fields=["address", "at"], name="privacy_visit_address"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class VisitHour(models.Model):
    """An hour's number of requests: sums that outlast the visits, updated in the transaction that loads them."""

    hour = models.DateTimeField(_("hour"), unique=True)
    requests = models.PositiveIntegerField(_("requests"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0, help_text=_("Answered with a status of 4xx."))
    failed = models.PositiveIntegerField(_("failed"), default=0, help_text=_("Answered with a status of 5xx."))
    prefetches = models.PositiveIntegerField(
        _("fetched ahead"), default=0, db_default=0, help_text=_("Answered, and perhaps never seen by anybody.")
    )

    class Meta:
        verbose_name = _("visits of an hour")
        verbose_name_plural = _("visits by hour")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H:%M}"
