"""Entry forms in progress, and the photos in them that were already accepted."""

import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Self

from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from core.moderation import Outdated
from core.pictures.masters import Master
from pageant.models.pageant import Pageant
from pageant.models.photo import Photo

KEY = re.compile(r"[A-Za-z0-9_-]{22}")  # 128 random bits in base64

SALT = "pageant.models.draft"  # data, not a module path: never changes


class Draft(models.Model):
    """A form in progress: its photos that were already accepted, and whether it has been sent.

    The key is made with the empty form and posted back, so only those who have the form know it. The row is made by the
    first post that needs it. Words are not kept here: they go back in the form itself.
    """

    LIFETIME = timedelta(hours=23)  # the purge runs every hour, so drafts are gone within a day

    key = models.CharField(max_length=22, unique=True)
    pageant = models.ForeignKey(Pageant, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    sent_at = models.DateTimeField(null=True)
    content_digest = models.CharField(
        max_length=64,
        blank=True,
        help_text=_("Distinguishes a double click from a form that was changed and sent again."),
    )

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
        """The draft with that key, or a new, unsaved one. A malformed key, or one of another pageant, is replaced."""
        draft = cls.objects.filter(key=key).first() if KEY.fullmatch(key) else cls(key=cls.new_key())
        if draft and draft.pk and draft.pageant_id != pageant.pk:
            draft = cls(key=cls.new_key())
        draft = draft or cls(key=key)
        draft.pageant = pageant
        return draft

    def was_sent_with(self, content: str) -> bool:
        return self.sent_at is not None and self.content_digest == digest(content)

    def claim(self, content: str) -> bool:
        """Marks the draft as sent with that content. Returns False if it was sent before, as by a double click.

        Raises Outdated if the draft and its photos have been purged meanwhile.
        """
        if self.pk is None:
            self.pk = Draft.objects.get_or_create(key=self.key, defaults={"pageant": self.pageant})[0].pk
        mine = Draft.objects.filter(pk=self.pk)
        if mine.filter(sent_at=None).update(sent_at=timezone.now(), content_digest=digest(content)):
            return True
        if not mine.exists():
            raise Outdated
        return False

    def keep(self, masters: Sequence[Master], descriptions: Sequence[str]) -> list[Photo]:
        """Keeps photos that were accepted although the form wasn't, as many as the pageant takes."""
        with transaction.atomic():
            self.pk = Draft.objects.get_or_create(key=self.key, defaults={"pageant": self.pageant})[0].pk
            self._state.adding = False
            Draft.objects.select_for_update().get(pk=self.pk)
            room = max(0, self.pageant.max_photos - self.photos.count())
            return [
                Photo.objects.add(master, draft=self, description=description)
                for master, description in list(zip(masters, descriptions, strict=True))[:room]
            ]


def digest(content: str) -> str:
    return salted_hmac(SALT, content, algorithm="sha256").hexdigest()
