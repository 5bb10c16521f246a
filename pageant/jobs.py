"""Background jobs: publish approved entries, make monthly reports, sweep unused hobbies and orphaned files."""

import logging
from datetime import timedelta

from django.core.files.storage import Storage, default_storage, storages
from django.utils import timezone

from core.jobs import job
from pageant.models import Entry, Hobby, Photo
from pageant.sponsors import monthly_reports

log = logging.getLogger(__name__)

YOUNG = timedelta(minutes=15)  # a file is written before its row is committed, but not that long before
BATCH = 1000


@job(every=timedelta(seconds=5))
def publish_approved() -> None:
    for entry in Entry.objects.unpublished().order_by("decided_at")[:BATCH]:
        try:
            entry.publish()
        except OSError:  # its master is gone, or the disk is full: the others need not wait for that
            log.exception("Entry %s could not be published", entry.pk)


@job(every=timedelta(hours=1))
def make_reports() -> None:
    """What co-sponsors and everybody may know about the month that is over."""
    monthly_reports.make_due()


@job(every=timedelta(hours=1))
def sweep_hobbies() -> None:
    """Tags that no entry has any more."""
    Hobby.objects.filter(pk__in=Hobby.objects.filter(entries=None).values("pk")[:BATCH]).sweep()


@job(every=timedelta(hours=1))
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
