"""The directory's list: its filters and pagination."""

from dataclasses import dataclass

from django import forms
from django.http import QueryDict

from core.fields import LineField
from core.filtered_list import FilteredList, FilterForm
from suggestions.models import Category, Suggestion


class DirectoryForm(FilterForm):
    """What `?q=`, `?language=`, `?after=` and `?before=` may be."""

    q = LineField(max_length=100, required=False)
    language = forms.ChoiceField(choices=Suggestion.SiteLanguage.choices, required=False)

    FILTERS = ("q", "language")


@dataclass(frozen=True)
class Directory(FilteredList[Suggestion]):
    """One page of the directory or of a category, and what its filter form shows."""

    categories: list[Category]
    category: Category | None

    @property
    def websites(self) -> int:
        """How many listings the directory has in all."""
        return sum(category.websites for category in self.categories)


def show(query: QueryDict, *, category: Category | None = None) -> Directory:
    """The page that `query` asks for. Raises pagination.BadCursor."""
    form = DirectoryForm(query)
    form.is_valid()
    chosen = form.chosen
    listings = Suggestion.objects.public().select_related("category")
    if category:
        listings = listings.filter(category=category)
    if words := chosen.get("q"):
        listings = listings.searched(words)
    if language := chosen.get("language"):
        listings = listings.in_language(language)
    return Directory(
        form=form,
        page=form.page_of(listings),
        categories=list(Category.objects.all()),
        category=category,
        chosen=chosen,
    )
