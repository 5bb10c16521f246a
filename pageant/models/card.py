"""What a gallery shows of an entry. Read dozens at a time, so not as rows of a model, which take ten times as long."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models.query import ValuesListIterable
from django.urls import reverse

from core.pictures.stored_picture import PublicPicture
from core.remembered import remembered
from pageant.models.photo import Photo

KEY = "key"


class Cover(NamedTuple):
    """The first photo of an entry."""

    key: str
    width: int
    height: int
    colour: str
    description: str


class ShownCover(PublicPicture, Cover):
    __slots__ = ()
    RENDITIONS = Photo.RENDITIONS


class Card(NamedTuple):
    pk: int
    published_at: datetime
    slug: str  # of its pageant
    key: str
    language: str
    display_name: str
    lives_in: str
    cover: ShownCover | None

    def get_absolute_url(self) -> str:
        return entry_url(self.slug, self.key)


# In the order of Card and of Cover; `first_photo` is a relation that the query set adds
FIELDS = ("pk", "published_at", "pageant__slug", "key", "language", "display_name", "lives_in")
COVER_FIELDS = tuple(f"first_photo__{name}" for name in Cover._fields)


class CardIterable(ValuesListIterable):
    """Makes cards of the rows of a query."""

    def __iter__(self) -> Iterator[Card]:
        size = len(FIELDS)
        for row in super().__iter__():
            cover = row[size:]
            yield Card(*row[:size], ShownCover(*cover) if cover[0] else None)


def entry_url(slug: str, key: str) -> str:
    """The address of an entry. `reverse` takes longer than the rest of its card."""
    before, _mark, after = url_pattern(slug).rpartition(KEY)
    return f"{before}{key}{after}"


@remembered
def url_pattern(slug: str) -> str:
    return reverse("pageant:entry", args=[slug, KEY])
