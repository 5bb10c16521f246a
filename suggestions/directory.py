"""The directory's list: its filters and pagination."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from core import pagination
from core.fields import LineField
from core.text import fold
from suggestions.models import Category, Suggestion

SIZE = 24  # websites on a page


class DirectoryForm(forms.Form):
    """What `?q=`, `?language=`, `?after=` and `?before=` may be."""

    q = LineField(max_length=100, required=False)
    language = forms.ChoiceField(choices=Suggestion.SiteLanguage.choices, required=False)
    after = forms.RegexField(pagination.CURSOR, required=False)
    before = forms.RegexField(pagination.CURSOR, required=False)

    FILTERS = ("q", "language")

    def clean_q(self) -> str:
        """What has no letter or digit asks for nothing."""
        words = self.cleaned_data["q"]
        return words if fold(words) else ""


@dataclass(frozen=True)
class Directory:
    """One page of the directory or of a category, and what its filter form shows."""

    form: DirectoryForm
    page: pagination.Page[Suggestion]
    categories: list[Category]
    category: Category | None
    chosen: dict[str, str]  # the filters in force

    @property
    def is_filtered(self) -> bool:
        """Whether it shows less than all."""
        asked = self.form.cleaned_data
        return bool(self.chosen or asked.get("after") or asked.get("before"))

    @property
    def websites(self) -> int:
        """How many there are in all."""
        return sum(category.websites for category in self.categories)

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


def show(query: QueryDict, *, category: Category | None = None) -> Directory:
    """The page that `query` asks for. A filter that makes no sense is left out, and the form says so.

    Raises pagination.BadCursor.
    """
    form = DirectoryForm(query)
    form.is_valid()
    asked = form.cleaned_data
    chosen = {name: asked[name] for name in DirectoryForm.FILTERS if asked.get(name)}
    listings = Suggestion.objects.public().select_related("category")
    if category:
        listings = listings.filter(category=category)
    if words := chosen.get("q"):
        listings = listings.searched(words)
    if language := chosen.get("language"):
        listings = listings.in_language(language)
    cursors = {name: asked.get(name, "") for name in ("after", "before")}
    return Directory(
        form=form,
        page=pagination.paginate(listings, by="published_at", size=SIZE, **cursors),
        categories=list(Category.objects.all()),
        category=category,
        chosen=chosen,
    )
