"""The rows that public pages show, got by prepared queries."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, CharField, DateField, DateTimeField, QuerySet
from django.http import Http404
from django.utils import timezone

from core.kept_pages.making import changes_at
from core.prepared_queries import Parameter, PreparedQuery, prepared
from core.vietnamese import sort_key
from pageant.models import Cosponsorship, Entry, Hobby, Pageant, Photo, PublicHobby
from pageant.models.card import Card, Cover, ShownCover
from pageant.models.cosponsorship import today
from pageant.models.entry import hobby_key, place_key

MOST = 8  # entries on the home page, in each of its parts
FACES = 3  # photos on the card of a pageant


def pageant_or_404(slug: str) -> Pageant:
    for pageant in pageants_at(slug=slug):
        return pageant
    raise Http404


@prepared(slug=CharField())
def pageants_at(slug: Parameter) -> QuerySet[Pageant]:
    return Pageant.objects.filter(slug=slug)


def entry_or_404(slug: str, key: str) -> Entry:
    for entry in entries_at(slug=slug, key=key):
        return entry
    raise Http404


@prepared(slug=CharField(), key=CharField())
def entries_at(slug: Parameter, key: Parameter) -> QuerySet[Entry]:
    return Entry.objects.public().select_related("pageant").filter(pageant__slug=slug, key=key)


@prepared(entry=BigIntegerField())
def photos_of(entry: Parameter) -> QuerySet[Photo]:
    return Photo.objects.filter(entry=entry).order_by("position", "pk")


def hobbies_of(entry: Entry) -> list[str]:
    """In the order of the Vietnamese alphabet."""
    return sorted((name for (name,) in hobby_names(entry=entry.pk)), key=sort_key)


@prepared(entry=BigIntegerField())
def hobby_names(entry: Parameter) -> QuerySet[Hobby, Any]:
    return Hobby.objects.filter(entries=entry).values_list("name").order_by()


@prepared()
def newest_cards() -> QuerySet[Entry, Card]:
    return Entry.objects.public().newest_first()[:MOST].cards()


def newest_fitting(places: Iterable[str], hobbies: Iterable[str]) -> list[Card]:
    """The newest public entries of people who live in one of the places or have one of the hobbies, accents ignored."""
    keys = {f"place_{n}": key for n, key in enumerate(keys_of(places, place_key))}
    keys |= {f"hobby_{n}": key for n, key in enumerate(keys_of(hobbies, hobby_key))}
    return fitting(tuple(keys))(**keys) if keys else []


def keys_of(texts: Iterable[str], key_of: Callable[[str], str]) -> set[str]:
    return set(filter(None, map(key_of, texts)))


@lru_cache(maxsize=64)
def fitting(names: tuple[str, ...]) -> PreparedQuery[Card]:
    """The newest of each place and hobby are sought by themselves: sorting all would take long."""

    def make(**keys: Parameter) -> QuerySet[Entry, Card]:
        public = Entry.objects.public()
        lists = [
            public.filter(place_key=key).newest_first().values("pk")
            if name.startswith("place")
            else PublicHobby.objects.filter(word=key).order_by("-published_at", "-entry").values("entry")
            for name, key in keys.items()
        ]
        # SQLite limits no part of a union, but what a part selects from.
        found = [Entry.objects.filter(pk__in=rows[:MOST]).values("pk") for rows in lists]
        return public.filter(pk__in=found[0].union(*found[1:])).newest_first()[:MOST].cards()

    return PreparedQuery(make, dict.fromkeys(names, CharField()))


def cosponsors(pageant: Pageant) -> list[Cosponsorship]:
    return cosponsors_on(pageant=pageant.pk, day=today())


@prepared(pageant=BigIntegerField(), day=DateField())
def cosponsors_on(pageant: Parameter, day: Parameter) -> QuerySet[Cosponsorship]:
    return Cosponsorship.objects.filter(pageant=pageant).in_force(day).only("sponsor_name", "sponsor_url")


class Pageants(NamedTuple):
    """Those that are on or over have `faces`."""

    current: list[Pageant]
    upcoming: list[Pageant]
    past: list[Pageant]


def all_pageants(most: int | None = None) -> Pageants:
    """The pageants by what is happening, `most` of those to come and those that are over."""
    now = timezone.now()
    pageants = Pageants(current_at(now=now), upcoming_at(most, now=now), past_at(most, now=now))
    add_faces([*pageants.current, *pageants.past])
    changes_at(*(one.closes_at for one in pageants.current), *(one.opens_at for one in pageants.upcoming))
    return pageants


@prepared(now=DateTimeField())
def current_at(now: Parameter) -> QuerySet[Pageant]:
    return Pageant.objects.open(now)


@prepared(now=DateTimeField())
def upcoming_at(most: int | None, now: Parameter) -> QuerySet[Pageant]:
    return Pageant.objects.upcoming(now)[:most]


@prepared(now=DateTimeField())
def past_at(most: int | None, now: Parameter) -> QuerySet[Pageant]:
    return Pageant.objects.past(now)[:most]


def add_faces(pageants: list[Pageant]) -> None:
    """Gives each pageant `faces`: the first photos of its newest public entries. Takes one query for all of them."""
    names = [f"pageant_{number}" for number in range(len(pageants))]
    values = dict(zip(names, (pageant.pk for pageant in pageants), strict=True))
    rows = faces_of(len(pageants))(**values) if pageants else []
    rows.sort(key=lambda row: row[1], reverse=True)
    for pageant in pageants:
        pageant.faces = [ShownCover(*row[2:]) for row in rows if row[0] == pageant.pk]


@lru_cache(maxsize=64)
def faces_of(count: int) -> PreparedQuery[tuple[Any, ...]]:
    """The photos for that many pageants, each with its pageant and the time of its entry."""

    def make(**pageants: Parameter) -> QuerySet[Photo, Any]:
        faces = [newest_faces(pageant) for pageant in pageants.values()]
        return faces[0].union(*faces[1:], all=True)

    return PreparedQuery(make, {f"pageant_{number}": BigIntegerField() for number in range(count)})


def newest_faces(pageant: Parameter) -> QuerySet[Photo, Any]:
    newest = Entry.objects.public().filter(pageant=pageant).newest_first().values("pk")[:FACES]
    covers = Photo.objects.filter(position=1, entry__in=newest).order_by()  # SQLite sorts no part of a union
    return covers.values_list("entry__pageant", "entry__published_at", *Cover._fields)
