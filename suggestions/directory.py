"""The directory's list: its filters and pagination."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import BigIntegerField, CharField, QuerySet
from django.http import QueryDict

from core.fields import LineField
from core.filtered_list import PARTS, SIZE, FilteredList, FilterForm, numbered
from core.pagination import Page, PreparedList
from core.prepared_queries import Parameter, prepared
from core.search import parts_of
from suggestions.models import Category, Suggestion
from suggestions.models.listing import Listing

NEWEST_ON_HOME = 6
SITES_IN = {"vi": ("vi", "both"), "en": ("en", "both"), "both": ("both", "both"), "other": ("other", "other")}


class DirectoryForm(FilterForm):
    """What `?q=`, `?language=`, `?after=` and `?before=` may be."""

    q = LineField(max_length=100, required=False)
    language = forms.ChoiceField(choices=Suggestion.SiteLanguage.choices, required=False)

    FILTERS = ("q", "language")


@dataclass(frozen=True)
class Directory(FilteredList[Listing]):
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
    return Directory(
        form=form,
        page=page_of(chosen, category, **form.cursor),
        categories=categories(),
        category=category,
        chosen=chosen,
    )


def page_of(chosen: Mapping[str, str], category: Category | None, **cursor: str) -> Page[Listing]:
    """Takes one query. Raises pagination.BadCursor."""
    filters: dict[str, Any] = {"category": category.pk} if category else {}
    if languages := SITES_IN.get(chosen.get("language", "")):
        filters |= dict(zip(("language", "or_language"), languages, strict=True))
    return listings.page(**filters, **numbered(parts_of(chosen.get("q", ""))), **cursor)


def narrow(category: Any = None, language: Any = None, or_language: Any = None, **parts: Any) -> dict[str, Any]:
    """What is to be paged through. `parts` are of a search."""
    rows = Suggestion.objects.public().with_parts(parts.values())
    if category is not None:
        rows = rows.filter(category=category)
    if language is not None:
        rows = rows.filter(site_language__in=(language, or_language))
    return {"rows": rows.listings()}


listings: PreparedList[Listing] = PreparedList(
    narrow,
    by="published_at",
    size=SIZE,
    category=BigIntegerField(),
    language=CharField(),
    or_language=CharField(),
    **PARTS,
)


@prepared()
def categories() -> QuerySet[Category]:
    return Category.objects.all()


@prepared()
def newest() -> QuerySet[Suggestion, Listing]:
    return Suggestion.objects.public().newest_first()[:NEWEST_ON_HOME].listings()


@prepared(key=CharField())
def listings_at(key: Parameter) -> QuerySet[Suggestion, Listing]:
    return Suggestion.objects.public().filter(key=key).listings()
