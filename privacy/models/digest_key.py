"""The keys that digests of e-mail addresses are made with."""

from django.db import models
from django.utils import timezone


class DigestKey(models.Model):
    """A key by its id, which tells nothing of the key: so that the site knows which ones its rows need."""

    key_id = models.CharField(max_length=7, unique=True)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "key of digests"
        verbose_name_plural = "keys of digests"

    def __str__(self) -> str:
        return self.key_id
