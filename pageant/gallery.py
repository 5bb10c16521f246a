"""The gallery of a pageant: its filters, order and pagination."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.fields import LineField
from core.filtered_list import FilteredList, FilterForm
from core.text import fold
from core.vietnamese import sort_key
from pageant.models import Entry, Pageant, PublicHobby, Tally
from pageant.models.entry import EntryQuerySet, hobby_key, hobby_spelling, place_key

MOST_CHOICES = 50  # hobbies and places offered


class GalleryForm(FilterForm):
    """What `?q=`, `?hobby=`, `?place=`, `?sort=`, `?after=` and `?before=` may be."""

    q = LineField(max_length=100, required=False)
    hobby = LineField(max_length=40, required=False)
    place = LineField(max_length=80, required=False)
    sort = forms.ChoiceField(choices=[("newest", _("Newest first")), ("oldest", _("Oldest first"))], required=False)

    FILTERS = ("q", "hobby", "place", "sort")
    WORDS = ("q", "hobby", "place")
    ORDERS = ("sort",)


@dataclass(frozen=True)
class Gallery(FilteredList[Entry]):
    """One page of a gallery, and what its filter form shows."""

    hobbies: list[Tally]
    places: list[Tally]

    @property
    def hobby_choices(self) -> list[tuple[str, str]]:
        return [(tally.label, tally.choice) for tally in self.hobbies]

    @property
    def place_choices(self) -> list[tuple[str, str]]:
        return [(tally.label, tally.choice) for tally in self.places]

    @property
    def other_hobby(self) -> str:
        """The hobby in force, if it is none of those offered."""
        hobby = self.chosen.get("hobby", "")
        return "" if hobby in {tally.label for tally in self.hobbies} else hobby

    @property
    def other_place(self) -> str:
        place = self.chosen.get("place", "")
        return "" if place in {tally.label for tally in self.places} else place

    @property
    def is_worth_remembering(self) -> bool:
        """Whether somebody looked for a hobby or place, and found it."""
        return bool(self.page.rows) and ("hobby" in self.chosen or "place" in self.chosen)


def show(pageant: Pageant, query: QueryDict) -> Gallery:
    """The page that `query` asks for. Raises pagination.BadCursor."""
    form = GalleryForm(query)
    form.is_valid()
    chosen = form.chosen
    hobbies, places = (list(pageant.tallies.most(kind)[:MOST_CHOICES]) for kind in (Tally.Kind.HOBBY, Tally.Kind.PLACE))
    if "place" in chosen:  # spelled as it is offered, whatever the accents
        chosen["place"] = as_offered(places, place_key(chosen["place"])) or chosen["place"]
    if "hobby" in chosen:  # spelled as it is offered, whatever the style of tone marks
        chosen["hobby"] = as_offered(hobbies, hobby_spelling(chosen["hobby"])) or chosen["hobby"].lower()
    narrowed = narrow_by_hobby if "hobby" in chosen else narrow
    return Gallery(
        form=form,
        page=form.page_of(newest_first=chosen.get("sort") != "oldest", **narrowed(pageant, chosen)),
        hobbies=in_order(hobbies),
        places=in_order(places),
        chosen=chosen,
    )


def as_offered(tallies: Iterable[Tally], key: str) -> str:
    return next((tally.label for tally in tallies if tally.key == key), "")


def in_order(tallies: Iterable[Tally]) -> list[Tally]:
    """In the order of the Vietnamese alphabet."""
    return sorted(tallies, key=lambda tally: sort_key(tally.label))


def narrow(pageant: Pageant, chosen: dict[str, str]) -> dict[str, Any]:
    """What is to be paged through."""
    entries = Entry.objects.public().filter(pageant=pageant).searched(chosen.get("q", ""))
    if place := chosen.get("place"):
        entries = entries.filter(place_key=place_key(place))
    return {"rows": entries.with_covers()}


def narrow_by_hobby(pageant: Pageant, chosen: dict[str, str]) -> dict[str, Any]:
    """The same by way of the hobby's rows, which have the order."""
    shared = PublicHobby.objects.filter(pageant=pageant, word=hobby_word(chosen["hobby"]))
    if place := chosen.get("place"):
        shared = shared.filter(place_key=place_key(place))
    if words := chosen.get("q"):
        shared = shared.filter(entry__in=Entry.objects.public().searched(words))
    return {"rows": Entry.objects.public().with_covers(), "among": shared, "among_pk": "entry"}


def hobby_word(name: str) -> str:
    """With accents, just that hobby; without them, every hobby that is the same but for accents."""
    name = name.lower()
    return hobby_key(name) if fold(name) == name else hobby_spelling(name)


def newest_fitting(places: Iterable[str], hobbies: Iterable[str], *, most: int) -> EntryQuerySet:
    """The newest public entries of people who live in one of the places or have one of the hobbies, accents ignored.

    The newest of each place and hobby are sought by themselves: sorting all would take long.
    """
    public = Entry.objects.public()
    lists = [public.filter(place_key=key).newest_first().values("pk") for key in keys_of(places, place_key)]
    lists += [
        PublicHobby.objects.filter(word=key).order_by("-published_at", "-entry").values("entry")
        for key in keys_of(hobbies, hobby_key)
    ]
    # SQLite limits no part of a union, but what a part selects from.
    found = [Entry.objects.filter(pk__in=rows[:most]).values("pk") for rows in lists]
    fitting = public.filter(pk__in=found[0].union(*found[1:])) if found else public.none()
    return fitting.newest_first()[:most]


def keys_of(texts: Iterable[str], key_of: Callable[[str], str]) -> set[str]:
    return set(filter(None, map(key_of, texts)))
