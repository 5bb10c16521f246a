"""Photos of entries: private masters and public renditions."""

import secrets
from typing import Any, BinaryIO, Self

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from core.moderation import Status
from core.pictures import fingerprints, renditions
from core.pictures.masters import Master

EXTENSIONS = ("avif", "jpg")
SIXTEEN_BITS = 0xFFFF
BANDS = (0, 16, 32, 48)  # first bit of each quarter of a fingerprint


def band(shift: int) -> models.expressions.CombinedExpression:
    return F("fingerprint").bitrightshift(shift).bitand(SIXTEEN_BITS)


class PhotoQuerySet(models.QuerySet):
    def public(self) -> Self:
        return self.filter(entry__status=Status.APPROVED, entry__published_at__isnull=False)

    def add(self, master: Master, **fields: Any) -> "Photo":
        """Stores a master and its row. The file comes first: a file without a row is swept, a row needs its file."""
        photo = Photo(
            key=secrets.token_hex(16),
            width=master.width,
            height=master.height,
            colour=master.colour,
            fingerprint=master.fingerprint,
            **fields,
        )
        storages["private"].save(photo.master_name, ContentFile(master.jpeg))
        photo.save()
        return photo

    def resembling(self, photo: "Photo") -> "Photo | None":
        """The oldest photo of another entry that looks the same, also when it was scaled or saved anew.

        Two fingerprints that differ in at most SAME_PICTURE bits mostly share a whole quarter; quarters are indexed.
        """
        if photo.fingerprint is None:
            return None
        near = Q()
        for shift in BANDS:
            near |= Q(**{f"band_{shift}": photo.fingerprint >> shift & SIXTEEN_BITS})
        bands = {f"band_{shift}": band(shift) for shift in BANDS}
        candidates = self.alias(**bands).filter(near, entry__isnull=False).exclude(entry=photo.entry_id)
        # Sorted here: asked for an order, PostgreSQL would walk all rows in it instead of using the four indexes.
        for pk, fingerprint in sorted(candidates.values_list("pk", "fingerprint")):
            if fingerprints.distance(fingerprint, photo.fingerprint) <= fingerprints.SAME_PICTURE:
                return self.get(pk=pk)
        return None


class Photo(models.Model):
    """A picture of an entry, or of a draft that isn't sent yet. Its master is private, its renditions public."""

    key = models.CharField(
        max_length=32, unique=True, editable=False, help_text=_("128 random bits: the name of its files.")
    )
    draft = models.ForeignKey("pageant.Draft", models.CASCADE, related_name="photos", null=True, editable=False)
    entry = models.ForeignKey("pageant.Entry", models.CASCADE, related_name="photos", null=True, editable=False)
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    description = models.CharField(_("description"), max_length=200, blank=True)
    width = models.PositiveIntegerField(_("width"), help_text=_("Of the master, in pixels."))
    height = models.PositiveIntegerField(_("height"), help_text=_("Of the master, in pixels."))
    colour = models.CharField(
        _("colour"), max_length=7, help_text=_("The dominant one, shown until the picture has loaded.")
    )
    fingerprint = models.BigIntegerField(
        _("fingerprint"),
        null=True,
        help_text=_("A perceptual hash of 64 bits; empty for a picture without any structure."),
    )
    resembles = models.ForeignKey(
        "self", models.SET_NULL, verbose_name=_("resembles"), null=True, related_name="+", editable=False
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
        indexes = [models.Index(band(shift), name=f"pageant_photo_band_{shift}") for shift in BANDS]

    def __str__(self) -> str:
        return self.description or f"#{self.position}"

    @property
    def master_name(self) -> str:
        return f"masters/{self.key[:2]}/{self.key}.jpg"

    def open_master(self) -> BinaryIO:
        return storages["private"].open(self.master_name)

    @property
    def widths(self) -> tuple[int, ...]:
        return renditions.rendition_widths(self.width)

    def rendition_name(self, width: int, extension: str) -> str:
        return f"photos/{self.key[:2]}/{self.key}-{width}.{extension}"

    def rendition_names(self) -> list[str]:
        return [self.rendition_name(width, extension) for width in self.widths for extension in EXTENSIONS]

    def height_at(self, width: int) -> int:
        return renditions.height_at(width, of_width=self.width, of_height=self.height)

    def write_renditions(self) -> None:
        """Makes the public files. Writing them again does no harm."""
        with self.open_master() as master:
            for rendition in renditions.make_renditions(master):
                name = self.rendition_name(rendition.width, rendition.extension)
                default_storage.save(name, ContentFile(rendition.data))

    def delete_renditions(self) -> None:
        for name in self.rendition_names():
            default_storage.delete(name)

    def delete_files(self) -> None:
        self.delete_renditions()
        storages["private"].delete(self.master_name)


@receiver(post_delete, sender=Photo)
def delete_files_once_committed(instance: Photo, **kwargs: Any) -> None:
    """However the row went: by itself, with its entry or draft, in the admin, by purging or erasing."""
    transaction.on_commit(instance.delete_files)
