"""Turns and reorders the photos of an entry, on the person's own page."""

from typing import Any

from django.db import transaction

from core.moderation import Outdated
from pageant.models import Entry, Photo


@transaction.atomic
def turn(entry: Entry, photo: Photo) -> Photo:
    """Turns a photo clockwise by a quarter; what is public stays so. Raises Outdated if either has changed since."""
    entry.touch()
    turned = replace_by_turned(
        photo, 1, entry=entry, description=photo.description, position=photo.position, resembles=photo.resembles
    )
    if entry.is_public:
        turned.write_renditions()
    return turned


@transaction.atomic
def move_forward(entry: Entry, photo: Photo) -> None:
    """Moves a photo by one place; the first one is the cover. Raises Outdated if the entry has changed since."""
    entry.touch()
    photos = list(entry.photos.all())
    place = photos.index(photo)
    photos.insert(max(0, place - 1), photos.pop(place))
    for position, other in enumerate(photos, start=1):
        Photo.objects.filter(pk=other.pk).update(position=position)


def replace_by_turned(photo: Photo, quarters: int, **fields: Any) -> Photo:
    """Returns the turned photo, which has a new key, since browsers keep what they have seen under the old one.

    Raises Outdated if the old photo is gone.
    """
    try:
        master = photo.turned(quarters)
    except FileNotFoundError:
        raise Outdated from None
    turned: Photo = Photo.objects.add(master, **fields)
    Photo.objects.filter(resembles=photo).update(resembles=turned)
    photo.delete()
    return turned
