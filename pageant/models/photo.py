"""Photos of entries: private masters and public renditions."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.moderation import Status
from core.pictures import fingerprints
from core.pictures.stored_picture import StoredPicture, StoredPictureQuerySet

SIXTEEN_BITS = 0xFFFF
BANDS = (0, 16, 32, 48)  # the lowest bit of each quarter of a fingerprint


def band(shift: int) -> models.expressions.CombinedExpression:
    return F("fingerprint").bitrightshift(shift).bitand(SIXTEEN_BITS)


class PhotoQuerySet(StoredPictureQuerySet):
    def entries(self) -> "models.QuerySet[Photo, dict[str, int]]":
        """The keys of their entries, for a query."""
        return self.filter(entry__isnull=False).values("entry")

    def to_ask_for(self) -> Self:
        """Those that are lost, and that their people have not been asked for since."""
        return self.lost().filter(Q(asked_at=None) | Q(asked_at__lt=F("lost_at")))

    def public(self) -> Self:
        return self.filter(entry__status=Status.APPROVED, entry__published_at__isnull=False)

    def resembling(self, photo: "Photo") -> "Photo | None":
        """The oldest photo of another entry that looks the same, even if it was scaled or saved again; or None.

        Entries that nobody has confirmed don't count: anybody could send a copy, and be there first.

        Two fingerprints that differ in at most SAME_PICTURE bits mostly share a whole quarter; quarters are indexed.
        """
        if photo.fingerprint is None:
            return None
        near = Q()
        for shift in BANDS:
            near |= Q(**{f"band_{shift}": photo.fingerprint >> shift & SIXTEEN_BITS})
        bands = {f"band_{shift}": band(shift) for shift in BANDS}
        candidates = self.alias(**bands).filter(near, entry__isnull=False).exclude(entry=photo.entry_id)
        candidates = candidates.exclude(entry__status=Status.UNCONFIRMED)
        # Sorted here: with ORDER BY, PostgreSQL would walk all rows in that order instead of using the four indexes.
        for pk, fingerprint in sorted(candidates.values_list("pk", "fingerprint")):
            if fingerprints.distance(fingerprint, photo.fingerprint) <= fingerprints.SAME_PICTURE:
                return self.get(pk=pk)
        return None


class Photo(StoredPicture):
    """A picture of an entry, or of a draft that isn't sent yet. Public while its entry is."""

    MASTERS = "masters"
    RENDITIONS = "photos"

    draft = models.ForeignKey("pageant.Draft", models.CASCADE, related_name="photos", null=True, editable=False)
    entry = models.ForeignKey("pageant.Entry", models.CASCADE, related_name="photos", null=True, editable=False)
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    description = models.CharField(_("description"), max_length=200, blank=True)
    resembles = models.ForeignKey(
        "self", models.SET_NULL, verbose_name=_("resembles"), null=True, related_name="+", editable=False
    )
    asked_at = models.DateTimeField(
        null=True, editable=False, help_text=_("When its person was asked to send it again, since it is lost.")
    )

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ("position", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(draft__isnull=True, entry__isnull=False) | Q(draft__isnull=False, entry__isnull=True),
                name="pageant_photo_of_one_owner",
            )
        ]
        indexes = [
            *(models.Index(band(shift), name=f"pageant_photo_band_{shift}") for shift in BANDS),
            models.Index(fields=["entry"], condition=Q(resembles__isnull=False), name="pageant_photo_resembling"),
            models.Index(fields=["entry"], condition=Q(lost_at__isnull=False), name="pageant_photo_lost"),
        ]

    def __str__(self) -> str:
        return self.description or f"#{self.position}"
