"""The gallery of a pageant: its filters, order and pagination."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django import forms
from django.db.models import BigIntegerField, BooleanField, CharField, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.formats import localize
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.fields import LineField
from core.filtered_list import PARTS, SIZE, FilteredList, FilterForm, numbered
from core.pagination import EPOCH, Page, PreparedList
from core.prepared_queries import Parameter, prepared
from core.search import parts_of
from core.text import fold
from core.vietnamese import sort_key
from pageant.models import Entry, Pageant, PublicHobby, Tally
from pageant.models.card import Card
from pageant.models.entry import hobby_key, hobby_spelling, place_key

MOST_CHOICES = 50  # hobbies and places offered
SAMPLE = 2000  # entries in which words of a search are counted first
FREQUENT = 4  # of them: then the 25 of a page are among 12,500 or so, and else some 2,000 of a million have the words

Options = tuple[tuple[str, str], ...]


class GalleryForm(FilterForm):
    """What `?q=`, `?hobby=`, `?place=`, `?sort=`, `?after=` and `?before=` may be."""

    q = LineField(max_length=100, required=False)
    hobby = LineField(max_length=40, required=False)
    place = LineField(max_length=80, required=False)
    sort = forms.ChoiceField(choices=[("newest", _("Newest first")), ("oldest", _("Oldest first"))], required=False)

    FILTERS = ("q", "hobby", "place", "sort")
    WORDS = ("q", "hobby", "place")
    ORDERS = ("sort",)


class Choice(NamedTuple):
    """A hobby or place that a filter offers."""

    key: str
    label: str
    entries: int


@dataclass(frozen=True)
class Gallery(FilteredList[Card]):
    """One page of a gallery, and what its filter form shows."""

    hobbies: tuple[Choice, ...]
    places: tuple[Choice, ...]

    @property
    def hobby_options(self) -> Options:
        return options_of(self.hobbies, get_language())

    @property
    def place_options(self) -> Options:
        return options_of(self.places, get_language())

    @property
    def other_hobby(self) -> str:
        """The hobby in force, if it is none of those offered."""
        hobby = self.chosen.get("hobby", "")
        return "" if hobby in {choice.label for choice in self.hobbies} else hobby

    @property
    def other_place(self) -> str:
        place = self.chosen.get("place", "")
        return "" if place in {choice.label for choice in self.places} else place

    @property
    def is_worth_remembering(self) -> bool:
        """Whether somebody looked for a hobby or place, and found it."""
        return bool(self.page.rows) and ("hobby" in self.chosen or "place" in self.chosen)


def show(pageant: Pageant, query: QueryDict) -> Gallery:
    """The page that `query` asks for. Raises pagination.BadCursor."""
    form = GalleryForm(query)
    form.is_valid()
    chosen = form.chosen
    hobbies, places = (
        tuple(Choice(*row) for row in choices(kind, pageant=pageant.pk))
        for kind in (Tally.Kind.HOBBY, Tally.Kind.PLACE)
    )
    if "place" in chosen:  # spelled as it is offered, whatever the accents
        chosen["place"] = as_offered(places, place_key(chosen["place"])) or chosen["place"]
    if "hobby" in chosen:  # spelled as it is offered, whatever the style of tone marks
        chosen["hobby"] = as_offered(hobbies, hobby_spelling(chosen["hobby"])) or chosen["hobby"].lower()
    page = page_of(pageant, chosen, newest_first=chosen.get("sort") != "oldest", **form.cursor)
    return Gallery(form=form, page=page, hobbies=in_order(hobbies), places=in_order(places), chosen=chosen)


@prepared(pageant=BigIntegerField())
def choices(kind: str, pageant: Parameter) -> QuerySet[Tally, Any]:
    return Tally.objects.filter(pageant=pageant).most(kind).values_list("key", "label", "entries")[:MOST_CHOICES]


@lru_cache(maxsize=256)
def options_of(offered: tuple[Choice, ...], language: str) -> Options:
    """Values and labels for a select, in the active language."""
    return tuple((choice.label, f"{choice.label} ({localize(choice.entries)})") for choice in offered)


def as_offered(offered: Iterable[Choice], key: str) -> str:
    return next((choice.label for choice in offered if choice.key == key), "")


@lru_cache(maxsize=256)  # most pages of a gallery offer the same
def in_order(offered: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """In the order of the Vietnamese alphabet."""
    return tuple(sorted(offered, key=lambda choice: sort_key(choice.label)))


def page_of(pageant: Pageant, chosen: Mapping[str, str], **how: Any) -> Page[Card]:
    """The cards of one page. Takes one query, and one more for a search. Raises pagination.BadCursor."""
    filters: dict[str, Any] = {"pageant": pageant.pk, **numbered(parts_of(chosen.get("q", "")))}
    if place := chosen.get("place"):
        filters["place"] = place_key(place)
    if hobby := chosen.get("hobby"):
        filters["hobby"] = hobby_word(hobby)
    if chosen.get("q") and not (place or hobby) and len(sample(*sorted(filters), **filters)) == FREQUENT:
        filters["frequent"] = True
    return entries.page(**filters, **how)


@prepared(pageant=BigIntegerField(), **PARTS)
def sample(*filters: str, pageant: Parameter, **parts: Parameter) -> QuerySet[Entry, Any]:
    """Up to FREQUENT of the newest entries that have the words of a search."""
    public = Entry.objects.public().filter(pageant=pageant)
    edge = public.order_by("-published_at", "-pk").values("published_at")[SAMPLE : SAMPLE + 1]
    newest = public.filter(published_at__gt=Coalesce(Subquery(edge), Value(EPOCH)))
    found = newest.with_frequent_parts(part for name, part in parts.items() if name in filters)
    return found.order_by("-published_at", "-pk").values_list("pk")[:FREQUENT]


def narrow(pageant: Any, place: Any = None, hobby: Any = None, frequent: Any = None, **parts: Any) -> dict[str, Any]:
    """What is to be paged through; by way of the rows of a hobby, which have the order. `parts` are of a search.

    PostgreSQL takes it that each word is found independently of the others, and is wrong by a factor of fifty for a
    place or a hobby of two words. So where a sample shows that many entries have them, it is not left the choice to
    find all of these before it sorts them.
    """
    public = Entry.objects.public()
    rows = public.filter(pageant=pageant) if hobby is None else PublicHobby.objects.filter(pageant=pageant, word=hobby)
    if place is not None:
        rows = rows.filter(place_key=place)
    if hobby is None and not parts:
        return {"rows": rows.cards()}
    # What cards show is read once it is known which: PostgreSQL may find thousands before it sorts them.
    if frequent is not None:
        return {"rows": public.cards(), "among": rows.with_frequent_parts(parts.values())}
    if hobby is None:
        return {"rows": public.cards(), "among": rows.with_parts(parts.values())}
    if parts:
        rows = rows.filter(entry__in=public.with_parts(parts.values()))
    return {"rows": public.cards(), "among": rows, "among_pk": "entry"}


entries: PreparedList[Card] = PreparedList(
    narrow,
    by="published_at",
    size=SIZE,
    pageant=BigIntegerField(),
    place=CharField(),
    hobby=CharField(),
    frequent=BooleanField(),
    **PARTS,
)


def hobby_word(name: str) -> str:
    """With accents, just that hobby; without them, every hobby that is the same but for accents."""
    name = name.lower()
    return hobby_key(name) if fold(name) == name else hobby_spelling(name)
