import logging
from contextlib import suppress
from datetime import timedelta

from django.core.files.storage import Storage, default_storage, storages
from django.db import IntegrityError, transaction
from django.utils import timezone

from pageant.models import Draft, Entry, Hobby, Photo
from vietmusic.chores import chore

log = logging.getLogger(__name__)

YOUNG = timedelta(minutes=15)  # a file is written before its row is committed, but not that long before
BATCH = 1000


@chore(every=timedelta(seconds=5))
def publish_approved() -> None:
    for entry in Entry.objects.unpublished().order_by("decided_at")[:BATCH]:
        try:
            entry.publish()
        except OSError:  # its master is gone, or the disk is full: the others need not wait for that
            log.exception("Entry %s could not be published", entry.pk)


@chore(every=timedelta(minutes=10))
def sweep_drafts() -> None:
    """Abandoned forms and their photos; forms that were sent go too, once nobody can still be double-clicking."""
    for pk in Draft.objects.abandoned().order_by("pk").values_list("pk", flat=True)[:BATCH]:
        with transaction.atomic():
            # Locked and asked again: it may be sent this very moment.
            draft = Draft.objects.abandoned().select_for_update().filter(pk=pk).first()
            if draft:
                draft.photos.all().remove()
                draft.delete()


@chore(every=timedelta(minutes=10))
def sweep_unconfirmed() -> None:
    for pk in Entry.objects.expired().order_by("pk").values_list("pk", flat=True)[:BATCH]:
        with transaction.atomic():
            # Locked and asked again: the person may be confirming it this very moment.
            entry = Entry.objects.expired().select_for_update().filter(pk=pk).first()
            if entry:
                entry.photos.all().remove()
                entry.delete()


@chore(every=timedelta(hours=1))
def sweep_hobbies() -> None:
    """Tags that no entry has any more."""
    for hobby in Hobby.objects.filter(entries=None)[:BATCH]:
        with suppress(IntegrityError), transaction.atomic():  # somebody takes it up this very moment
            hobby.delete()


@chore(every=timedelta(hours=1))
def sweep_files() -> None:
    """Files that a killed process left: masters without a row, renditions of what isn't public."""
    sweep(storages["private"], "masters", Photo.objects.all())
    sweep(default_storage, "photos", Photo.objects.public())


def sweep(storage: Storage, folder: str, wanted: "Photo.objects") -> None:
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
