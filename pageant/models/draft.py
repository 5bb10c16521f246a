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
    """A form on its way: the photos of it that were already fine, and whether it has been sent.

    Its key is made with the empty form and posted back; only who has the form knows it. The row appears with the first
    post. Words are not kept here: they go back in the form itself.
    """

    LIFETIME = timedelta(hours=23)  # and purging comes every hour: gone within a day

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
        """The draft with that key, or a new one that isn't saved yet. An odd key, or another form's, is replaced."""
        draft = cls.objects.filter(key=key).first() if KEY.fullmatch(key) else cls(key=cls.new_key())
        if draft and draft.pk and draft.pageant_id != pageant.pk:
            draft = cls(key=cls.new_key())
        draft = draft or cls(key=key)
        draft.pageant = pageant
        return draft

    def was_sent_with(self, content: str) -> bool:
        return self.sent_at is not None and self.content_digest == digest(content)

    def claim(self, content: str) -> bool:
        """Marks the draft as sent with that content; False if it was sent before: twice posted is one form.

        Raises Outdated if it has been swept meanwhile, and the photos in it.
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
        """Keeps photos that were fine while something else in the form was not, as many as the pageant takes."""
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
