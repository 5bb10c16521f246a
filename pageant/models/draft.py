import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Self

from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from pageant.models.pageant import Pageant
from pageant.models.photo import Photo
from pageant.photos import Master

KEY = re.compile(r"[A-Za-z0-9_-]{22}")  # 128 random bits in base64


class DraftQuerySet(models.QuerySet):
    def abandoned(self) -> Self:
        return self.filter(created_at__lt=timezone.now() - Draft.LIFETIME)


class Draft(models.Model):
    """A form on its way: the photos of it that were already fine, and whether it has been sent.

    Its key is made with the empty form and posted back; only who has the form knows it. The row appears with the first
    post. Words are not kept here: they go back in the form itself.
    """

    LIFETIME = timedelta(hours=23)  # and the chore comes every ten minutes: gone within a day

    key = models.CharField(max_length=22, unique=True)
    pageant = models.ForeignKey(Pageant, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    sent_at = models.DateTimeField(null=True)
    sender_digest = models.CharField(max_length=64, blank=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")

    def __str__(self) -> str:
        return f"#{self.pk}"

    @staticmethod
    def new_key() -> str:
        return secrets.token_urlsafe(16)

    @classmethod
    def of(cls, pageant: Pageant, key: str) -> Self:
        """The draft with that key, or a new one that isn't saved yet if the key isn't known (or isn't one of ours)."""
        if not KEY.fullmatch(key):
            return cls(pageant=pageant, key=cls.new_key())
        return cls.objects.filter(pageant=pageant, key=key).first() or cls(pageant=pageant, key=key)

    def was_sent_by(self, email: str) -> bool:
        return self.sent_at is not None and self.sender_digest == digest(email)

    def claim(self, *, email: str = "") -> bool:
        """Marks the draft as sent, saving it if need be; False if it was sent before: twice posted is one form."""
        if self.pk is None:
            row, _created = Draft.objects.get_or_create(key=self.key, defaults={"pageant": self.pageant})
            self.pk = row.pk
        now = timezone.now()
        return bool(Draft.objects.filter(pk=self.pk, sent_at=None).update(sent_at=now, sender_digest=digest(email)))

    def keep(self, masters: Sequence[Master], descriptions: Sequence[str]) -> None:
        """Keeps photos that were fine while something else in the form was not."""
        with transaction.atomic():
            row, _created = Draft.objects.get_or_create(key=self.key, defaults={"pageant": self.pageant})
            self.pk = row.pk
            self._state.adding = False
            for master, description in zip(masters, descriptions, strict=True):
                Photo.objects.add(master, draft=self, description=description)


def digest(email: str) -> str:
    return salted_hmac("pageant.models.draft", email.strip().casefold(), algorithm="sha256").hexdigest()
