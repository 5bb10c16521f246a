"""When public pictures are made and unmade: after the transaction that decides it, never before."""

from django.conf import settings
from django.db import transaction

from pageant.models import Entry


def arrange(entry: Entry) -> None:
    """Publishes the entry once its approval is committed: at once with WORK=inline, else the worker finds it."""
    if settings.WORK == "inline":
        # robust: the approval stands even if a disk is full; the chore tries again.
        transaction.on_commit(lambda: publish(entry.pk), robust=True)


def publish(pk: int) -> None:
    entry = Entry.objects.unpublished().filter(pk=pk).first()
    if entry:
        entry.publish()


def take_down(entry: Entry) -> None:
    """Deletes the public files as soon as the entry's new state is committed."""
    pictures = list(entry.photos.all())

    def delete() -> None:
        if not Entry.objects.public().filter(pk=entry.pk).exists():  # approved again meanwhile, by somebody quick
            for photo in pictures:
                photo.delete_renditions()

    transaction.on_commit(delete)
