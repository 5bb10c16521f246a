"""Pictures in the database: a row, a private master, and renditions that are public while the picture is."""

import secrets
from datetime import datetime
from typing import Any, BinaryIO, ClassVar, Self, TypeVar, cast

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.db import models, transaction
from django.db.models.signals import class_prepared, post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.pictures import masters, renditions
from core.pictures.masters import Master
from core.remembered import remembered

EXTENSIONS = ("avif", "jpg")


Picture = TypeVar("Picture", bound="StoredPicture")


class StoredPictureQuerySet(models.QuerySet[Picture]):
    """Subclasses have `public()`, the pictures whose renditions everybody may see."""

    def add(self, master: Master, **fields: Any) -> Any:
        """Stores a master and its row. The file comes first: a file without a row is swept, a row needs its file."""
        picture = self.model(
            key=secrets.token_hex(16),
            width=master.width,
            height=master.height,
            colour=master.colour,
            fingerprint=master.fingerprint,
            **fields,
        )
        storages["private"].save(picture.master_name, ContentFile(master.jpeg))
        picture.save()
        return picture

    def public(self) -> Self:
        raise NotImplementedError

    def lost(self) -> Self:
        return self.filter(lost_at__isnull=False)


@remembered  # the storage takes longer than all the rest
def folder_url(folder: str) -> str:
    return default_storage.url(folder)


class PublicPicture:
    """What shows a public picture: its renditions, which are named by `key`, of a master that is `width` × `height`."""

    RENDITIONS: ClassVar[str]  # a folder

    # Subclasses have these, as fields or attributes
    key: Any
    width: Any
    height: Any
    colour: Any
    description: Any

    @property
    def widths(self) -> tuple[int, ...]:
        return renditions.rendition_widths(self.width)

    def rendition_name(self, width: int, extension: str) -> str:
        return f"{self.RENDITIONS}/{self.key[:2]}/{self.key}-{width}.{extension}"

    def rendition_names(self) -> list[str]:
        return [self.rendition_name(width, extension) for width in self.widths for extension in EXTENSIONS]

    def rendition_urls(self) -> dict[str, dict[int, str]]:
        """The URLs of the public files, by extension and width."""
        stem = f"{folder_url(self.RENDITIONS)}/{self.key[:2]}/{self.key}"
        widths = self.widths
        return {kind: {width: f"{stem}-{width}.{kind}" for width in widths} for kind in EXTENSIONS}

    def height_at(self, width: int) -> int:
        return renditions.height_at(width, of_width=self.width, of_height=self.height)


class StoredPicture(PublicPicture, models.Model):
    """A picture that was made safe. Its files are deleted with the row, however that happens."""

    # Like RENDITIONS a folder that no two models share
    MASTERS: ClassVar[str]

    # Subclasses have this field
    description: "models.Field[str, str]"

    key = models.CharField(
        max_length=32, unique=True, editable=False, help_text=_("128 random bits: the name of its files.")
    )
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

    lost_at = models.DateTimeField(
        null=True, editable=False, help_text=_("When its master was found to be missing, which nothing can replace.")
    )

    objects = StoredPictureQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def master_name(self) -> str:
        return f"{self.MASTERS}/{self.key[:2]}/{self.key}.jpg"

    def open_master(self) -> BinaryIO:
        return cast("BinaryIO", storages["private"].open(self.master_name))  # Django's File reads like one

    def is_made_of(self, master: Master) -> bool:
        """Whether the picture has that very master, as when somebody sends the same file twice."""
        if (self.width, self.height, self.fingerprint) != (master.width, master.height, master.fingerprint):
            return False
        try:
            with self.open_master() as stored:
                return stored.read() == master.jpeg
        except FileNotFoundError:
            return False

    def turned(self, quarters: int) -> Master:
        """This picture's master, turned clockwise by one to three quarters. Raises FileNotFoundError if it is gone."""
        with self.open_master() as master:
            return masters.turned(master.read(), quarters)

    def write_renditions(self) -> None:
        """Makes the public files. Safe to repeat. Raises FileNotFoundError if the picture is lost, and marks it so."""
        try:
            with self.open_master() as master:
                for rendition in renditions.make_renditions(master):
                    name = self.rendition_name(rendition.width, rendition.extension)
                    default_storage.save(name, ContentFile(rendition.data))
        except FileNotFoundError:
            self._mark(lost_at=timezone.now())
            raise

    def publish_again(self) -> bool:
        """Makes the public files again, unless the picture isn't public any more. Returns whether they are there."""
        try:
            self.write_renditions()
        except FileNotFoundError:
            return False
        finally:
            # Withdrawn meanwhile, or erased: its files may have been deleted before the last of these was written.
            if not type(self).objects.public().filter(pk=self.pk).exists():
                self.delete_renditions()
        return True

    def mark_if_lost(self) -> bool:
        """Marks the picture as lost if its master is missing. Returns whether it is lost, now or from before."""
        if not self.lost_at and not self._has_master():
            self._mark(lost_at=timezone.now())
        return self.lost_at is not None

    def unmark_if_found(self) -> None:
        """Removes the mark if the master is back, as when its disk was missing."""
        try:
            with self.open_master() as master:
                renditions.decoded(master, self.width)
        except FileNotFoundError:
            return
        self._mark(lost_at=None)

    def _has_master(self) -> bool:
        try:
            return storages["private"].size(self.master_name) > 0
        except FileNotFoundError:
            return False

    def _mark(self, *, lost_at: datetime | None) -> None:
        type(self)._base_manager.filter(pk=self.pk, lost_at__isnull=lost_at is not None).update(lost_at=lost_at)
        self.lost_at = lost_at

    def delete_renditions(self) -> None:
        for name in self.rendition_names():
            default_storage.delete(name)

    def delete_files(self) -> None:
        self.delete_renditions()
        storages["private"].delete(self.master_name)


@receiver(class_prepared)
def watch_deletions(sender: type[models.Model], **kwargs: Any) -> None:
    if issubclass(sender, StoredPicture):  # by class: a receiver for all models would cost each its fast deletes
        post_delete.connect(delete_files_once_committed, sender=sender)


def delete_files_once_committed(instance: StoredPicture, **kwargs: Any) -> None:
    """However the row was deleted: by itself, by a cascade, in the admin, by a purge or an erasure.

    It stays deleted even if the storage is away; the job that sweeps deletes the files then.
    """
    transaction.on_commit(instance.delete_files, robust=True)
