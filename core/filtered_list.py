"""Lists that visitors filter and leaf through: the query string, the page that it asks for, and the links to others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic
from urllib.parse import urlencode

from django import forms
from django.db import models

from core import pagination
from core.pagination import Page, Row
from core.text import fold

SIZE = 24  # rows on a page
MOST_PARTS = 50  # of a search, whose words take a hundred characters at most
PARTS = {f"part_{number}": models.CharField() for number in range(MOST_PARTS)}  # filters of a PreparedList


class FilterForm(forms.Form):
    """Validates the query string. An invalid filter is left out, and the form says so."""

    FILTERS: ClassVar[tuple[str, ...]]
    WORDS: ClassVar[tuple[str, ...]] = ("q",)  # filters that are left out if they have no letter or digit
    ORDERS: ClassVar[tuple[str, ...]] = ()  # filters that only arrange the rows

    after = forms.RegexField(pagination.CURSOR, required=False)
    before = forms.RegexField(pagination.CURSOR, required=False)

    def clean(self) -> dict[str, Any]:
        asked = self.cleaned_data
        return {name: "" if name in self.WORDS and not fold(value) else value for name, value in asked.items()}

    @property
    def chosen(self) -> dict[str, str]:
        """The filters in force."""
        return {name: self.cleaned_data[name] for name in self.FILTERS if self.cleaned_data.get(name)}

    @property
    def cursor(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("after", "before") if self.cleaned_data.get(name)}


@dataclass(frozen=True)
class FilteredList(Generic[Row]):
    """One page of a list, and what its filter form shows."""

    form: FilterForm
    page: Page[Row]
    chosen: Mapping[str, str]  # the filters in force

    @property
    def is_filtered(self) -> bool:
        """Whether the page leaves out rows, by a filter or a cursor."""
        return bool(self.form.cursor) or any(name not in self.form.ORDERS for name in self.chosen)

    @property
    def query(self) -> str:
        """The query string of this very page, without parameters that the site doesn't know."""
        return query_string({**self.chosen, **self.form.cursor})

    @property
    def next_query(self) -> str:
        return query_string({**self.chosen, "after": self.page.after}) if self.page.after else ""

    @property
    def previous_query(self) -> str:
        return query_string({**self.chosen, "before": self.page.before}) if self.page.before else ""


def query_string(values: Mapping[str, str]) -> str:
    return "?" + urlencode(values) if values else ""


def numbered(parts: Iterable[str]) -> dict[str, str]:
    """The parts of a search as filters of a PreparedList. Those beyond MOST_PARTS are left out."""
    return dict(zip(PARTS, parts, strict=False))
