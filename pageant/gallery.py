"""The gallery of a pageant: its filters, order and pagination."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.fields import LineField
from core.filtered_list import FilteredList, FilterForm
from core.text import fold
from core.vietnamese import sort_key
from pageant.models import Entry, Hobby, Pageant, Tally
from pageant.models.entry import hobby_key, hobby_spelling, place_key

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
    entries = narrow(Entry.objects.public().filter(pageant=pageant), chosen).with_covers()
    return Gallery(
        form=form,
        page=form.page_of(entries, newest_first=chosen.get("sort") != "oldest"),
        hobbies=in_order(hobbies),
        places=in_order(places),
        chosen=chosen,
    )


def as_offered(tallies: Iterable[Tally], key: str) -> str:
    return next((tally.label for tally in tallies if tally.key == key), "")


def in_order(tallies: Iterable[Tally]) -> list[Tally]:
    """In the order of the Vietnamese alphabet."""
    return sorted(tallies, key=lambda tally: sort_key(tally.label))


def narrow(entries: QuerySet[Entry], chosen: dict[str, str]) -> QuerySet[Entry]:
    if words := chosen.get("q"):
        entries = entries.searched(words)
    if hobby := chosen.get("hobby"):
        # Queried first: PostgreSQL plans well for ids that it knows, and very badly for a hobby that nobody has.
        ids = list(Hobby.objects.filter(hobby_named(hobby)).values_list("pk", flat=True))
        entries = entries.filter(pk__in=Entry.hobbies.through.objects.filter(hobby_id__in=ids).values("entry_id"))
    if place := chosen.get("place"):
        entries = entries.filter(place_key=place_key(place))
    return entries


def hobby_named(name: str) -> Q:
    """With accents, matches just that hobby; without them, every hobby that is the same but for accents."""
    name = name.lower()
    return Q(key=hobby_key(name)) if fold(name) == name else Q(spelling=hobby_spelling(name))
