"""Entry forms in progress, and the photos in them that were already accepted."""

import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from core.moderation import Outdated
from core.pictures.masters import Master
from pageant.models.pageant import Pageant
from pageant.models.photo import Photo

KEY = re.compile(r"[A-Za-z0-9_-]{22}")  # 128 random bits in base64

SALT = "pageant.models.draft"  # data, not a module path: never changes
NETWORK_SALT = "pageant.drafts.network"  # data as well
MEGABYTE = 10**6


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

    network_digest = models.CharField(
        max_length=64,
        blank=True,
        db_default="",
        help_text=_("A keyed digest of the network that sent the last photos."),
    )
    photo_bytes = models.PositiveBigIntegerField(
        db_default=0, help_text=_("Of all photos that were put into it, also of those that were taken out again.")
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

    def keep(self, masters: Sequence[Master], descriptions: Sequence[str], *, network: str) -> list[Photo]:
        """Keeps photos that were accepted although the form wasn't, as many as the pageant takes.

        Raises NoRoom if drafts of the network, or all of them, would hold too much. Never call it in a transaction.
        """
        self.pk = Draft.objects.get_or_create(key=self.key, defaults={"pageant": self.pageant})[0].pk
        self._state.adding = False
        self.reserve(sum(len(master.jpeg) for master in masters), network_digest(network))
        with transaction.atomic():
            Draft.objects.select_for_update().get(pk=self.pk)
            room = max(0, self.pageant.max_photos - self.photos.count())
            return [
                Photo.objects.add(master, draft=self, description=description)
                for master, description in list(zip(masters, descriptions, strict=True))[:room]
            ]

    def reserve(self, size: int, network_digest: str) -> None:
        """Counts that many bytes for the network. Raises NoRoom if that is too much.

        They are written before they are counted, so that of many posts at once too few may pass, but never too many.
        """
        mine = Draft.objects.filter(pk=self.pk)
        mine.update(photo_bytes=F("photo_bytes") + size, network_digest=network_digest)
        of_network, of_all = Draft.photo_bytes_of(network_digest)
        if of_network > settings.DRAFTS_MB_PER_NETWORK * MEGABYTE or of_all > settings.DRAFTS_MB * MEGABYTE:
            mine.update(photo_bytes=F("photo_bytes") - size)
            raise NoRoom

    @staticmethod
    def photo_bytes_of(network_digest: str) -> tuple[int, int]:
        """The bytes that drafts of the network, and all, were given within a day; those that were sent don't count."""
        young = Draft.objects.filter(sent_at=None, created_at__gt=timezone.now() - Draft.LIFETIME)
        sums = young.aggregate(
            of_network=Sum("photo_bytes", filter=Q(network_digest=network_digest), default=0),
            of_all=Sum("photo_bytes", default=0),
        )
        return sums["of_network"], sums["of_all"]


class NoRoom(Exception):
    """Drafts hold too many photos already."""


def network_digest(network: str) -> str:
    return salted_hmac(NETWORK_SALT, network, algorithm="sha256").hexdigest()


def digest(content: str) -> str:
    return salted_hmac(SALT, content, algorithm="sha256").hexdigest()
