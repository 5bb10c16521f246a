"""The gallery of a pageant: its filters, order and pagination."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core import pagination
from core.fields import LineField
from core.text import fold
from pageant.models import Entry, Hobby, Pageant, Tally
from pageant.models.entry import hobby_key, place_key
from privacy.cookies.preferences import Preferences

SIZE = 24  # entries on a page
MOST_CHOICES = 50  # hobbies and places offered


class GalleryForm(forms.Form):
    """What `?q=`, `?hobby=`, `?place=`, `?sort=`, `?after=` and `?before=` may be."""

    q = LineField(max_length=100, required=False)
    hobby = LineField(max_length=40, required=False)
    place = LineField(max_length=80, required=False)
    sort = forms.ChoiceField(choices=[("newest", _("Newest first")), ("oldest", _("Oldest first"))], required=False)
    after = forms.RegexField(pagination.CURSOR, required=False)
    before = forms.RegexField(pagination.CURSOR, required=False)

    FILTERS = ("q", "hobby", "place", "sort")

    def clean(self) -> dict[str, str]:
        """What has no letter or digit asks for nothing."""
        asked = self.cleaned_data
        return {name: text if name not in {"q", "hobby", "place"} or fold(text) else "" for name, text in asked.items()}


@dataclass(frozen=True)
class Gallery:
    """One page of a gallery, and what its filter form shows."""

    form: GalleryForm
    page: pagination.Page[Entry]
    hobbies: list[Tally]
    places: list[Tally]
    chosen: dict[str, str]  # the filters in force

    @property
    def is_filtered(self) -> bool:
        """Whether it shows less than all."""
        cursor = self.form.cleaned_data.get("after") or self.form.cleaned_data.get("before")
        return bool(cursor) or any(name != "sort" for name in self.chosen)

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
    def query(self) -> str:
        """Leads to this very page, without what the site doesn't know."""
        asked = self.form.cleaned_data
        cursor = {name: asked[name] for name in ("after", "before") if asked.get(name)}
        return "?" + urlencode({**self.chosen, **cursor}) if self.chosen or cursor else ""

    @property
    def next_query(self) -> str:
        return self._query("after", self.page.after)

    @property
    def previous_query(self) -> str:
        return self._query("before", self.page.before)

    def _query(self, name: str, cursor: str | None) -> str:
        return "?" + urlencode({**self.chosen, name: cursor}) if cursor else ""


def show(pageant: Pageant, query: QueryDict, liked: Preferences) -> Gallery:
    """The page that `query` asks for. A filter that makes no sense is left out, and the form says so.

    What somebody looked for before is offered first.
    """
    form = GalleryForm(query)
    form.is_valid()
    asked = form.cleaned_data
    chosen = {name: asked[name] for name in GalleryForm.FILTERS if asked.get(name)}
    places = list(pageant.tallies.most(Tally.Kind.PLACE)[:MOST_CHOICES])
    if "place" in chosen:  # written as it is offered, whatever the accents
        labels = {tally.key: tally.label for tally in places}
        chosen["place"] = labels.get(place_key(chosen["place"]), chosen["place"])
    if "hobby" in chosen:
        chosen["hobby"] = chosen["hobby"].lower()
    return Gallery(
        form=form,
        page=paginate(narrow(Entry.objects.public().filter(pageant=pageant), chosen), asked),
        hobbies=liked_first(pageant.tallies.most(Tally.Kind.HOBBY)[:MOST_CHOICES], liked.hobbies),
        places=liked_first(places, liked.places),
        chosen=chosen,
    )


def liked_first(tallies: Iterable[Tally], liked: Sequence[str]) -> list[Tally]:
    keys = {fold(label) for label in liked}
    return sorted(tallies, key=lambda tally: fold(tally.label) not in keys)


def narrow(entries: QuerySet[Entry], chosen: dict[str, str]) -> QuerySet[Entry]:
    if words := chosen.get("q"):
        entries = entries.searched(words)
    if hobby := chosen.get("hobby"):
        # Asked for first: PostgreSQL plans well for hobbies that it knows, and very badly for one that nobody has.
        ids = list(Hobby.objects.filter(hobby_named(hobby)).values_list("pk", flat=True))
        entries = entries.filter(pk__in=Entry.hobbies.through.objects.filter(hobby_id__in=ids).values("entry_id"))
    if place := chosen.get("place"):
        entries = entries.filter(place_key=place_key(place))
    return entries


def hobby_named(name: str) -> Q:
    """With accents just that hobby; without them, all that are written so."""
    name = name.lower()
    return Q(key=hobby_key(name)) if fold(name) == name else Q(name=name)


def paginate(entries: QuerySet[Entry], asked: dict[str, str]) -> pagination.Page[Entry]:
    newest_first = asked.get("sort") != "oldest"
    after, before = asked.get("after", ""), asked.get("before", "")
    return pagination.paginate(
        entries.with_covers(),
        by="published_at",
        size=SIZE,
        newest_first=newest_first,
        after=after,
        before=before,
    )
