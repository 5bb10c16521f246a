"""How far each spool file has been loaded."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SpoolFile(models.Model):
    """How far a spool file has been loaded. The loading transaction moves it: see privacy/traffic/loader.py."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    offset = models.PositiveBigIntegerField(_("bytes loaded"), default=0)
    moved_at = models.DateTimeField(_("last loaded"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("spool file")
        verbose_name_plural = _("spool files")

    def __str__(self) -> str:
        return self.name
