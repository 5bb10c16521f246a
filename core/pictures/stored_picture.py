"""Pictures in the database: a row, a private master, and renditions that are public while the picture is."""

import secrets
from datetime import timedelta
from typing import Any, BinaryIO, ClassVar, Self, TypeVar, cast

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage, storages
from django.db import models, transaction
from django.db.models.signals import class_prepared, post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.pictures import masters, renditions
from core.pictures.masters import Master
from core.remembered import remembered

EXTENSIONS = ("avif", "jpg")
YOUNG = timedelta(minutes=15)  # a file is written before its row is committed, but not that long before


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

    def sweep_files(self) -> None:
        """Deletes files that a killed process left: masters without a row, renditions of what isn't public."""
        sweep(storages["private"], self.model.MASTERS, self)
        sweep(default_storage, self.model.RENDITIONS, self.public())


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
        """Makes the public files. Safe to repeat."""
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


@receiver(class_prepared)
def watch_deletions(sender: type[models.Model], **kwargs: Any) -> None:
    if issubclass(sender, StoredPicture):  # by class: a receiver for all models would cost each its fast deletes
        post_delete.connect(delete_files_once_committed, sender=sender)


def delete_files_once_committed(instance: StoredPicture, **kwargs: Any) -> None:
    """However the row was deleted: by itself, by a cascade, in the admin, by a purge or an erasure."""
    transaction.on_commit(instance.delete_files)


def sweep(storage: Storage, folder: str, wanted: StoredPictureQuerySet) -> None:
    for shard in subfolders(storage, folder):
        names = storage.listdir(f"{folder}/{shard}")[1]
        keys = set(wanted.filter(key__startswith=shard).values_list("key", flat=True))
        for name in names:
            if name[:32] not in keys and is_old(storage, f"{folder}/{shard}/{name}"):
                storage.delete(f"{folder}/{shard}/{name}")


def subfolders(storage: Storage, folder: str) -> list[str]:
    return storage.listdir(folder)[0] if storage.exists(folder) else []


def is_old(storage: Storage, name: str) -> bool:
    try:
        return storage.get_modified_time(name) < timezone.now() - YOUNG
    except FileNotFoundError:  # somebody else deleted it
        return False
