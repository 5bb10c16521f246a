"""The newest photos of each pageant, for its card."""

from collections.abc import Iterable
from itertools import chain

from django.db.models import F, QuerySet

from pageant.models import Entry, Pageant, Photo

FACES = 3  # on each card


def with_faces(*lists: Iterable[Pageant]) -> list[list[Pageant]]:
    """The pageants of each list, each with `faces`: the first photos of its newest public entries.

    One query for all of them.
    """
    found = [list(pageants) for pageants in lists]
    pageants = list(chain(*found))
    faces = [faces_of(pageant) for pageant in pageants]
    rows = sorted(faces[0].union(*faces[1:], all=True), key=lambda row: row.place, reverse=True) if faces else []
    for pageant in pageants:
        pageant.faces = [row for row in rows if row.pageant_id == pageant.pk]
    return found


def faces_of(pageant: Pageant) -> QuerySet[Photo]:
    newest = Entry.objects.public().filter(pageant=pageant).newest_first().values("pk")[:FACES]
    covers = Photo.objects.filter(position=1, entry__in=newest).order_by()  # SQLite sorts no part of a union
    return covers.annotate(pageant_id=F("entry__pageant"), place=F("entry__published_at"))
