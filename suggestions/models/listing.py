"""What the directory shows of a website. Read dozens at a time, so not as rows of a model, which take far longer."""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models.query import ValuesListIterable
from django.urls import reverse
from django.utils.translation import get_language

from suggestions.website_url import URLRefused, WebsiteURL, display_host


class ShownWebsite:
    """What a website says of itself, from fields that subclasses have."""

    key: Any
    url: Any
    host: Any
    name: Any
    show_name: Any

    @property
    def link(self) -> str:
        """The URL to send visitors to. Empty if today's rules refuse it, until staff correct it."""
        return link_of(self.url)

    @property
    def shown_host(self) -> str:
        return display_host(self.host).removeprefix("www.")

    @property
    def credit(self) -> str:
        """The name to show in public, empty unless the sender asked to be named."""
        return self.name if self.show_name else ""

    def get_absolute_url(self) -> str:
        return reverse("suggestions:listing", args=[self.key])


class Row(NamedTuple):
    pk: int
    published_at: datetime
    key: str
    language: str  # of the title and description
    title: str
    description: str
    url: str
    host: str  # in ASCII
    site_language: str
    name: str  # of the sender
    show_name: bool
    last_alive_at: datetime | None
    silent_since: datetime | None
    insecure_since: datetime | None
    category_slug: str
    category_name_en: str
    category_name_vi: str


class Listing(ShownWebsite, Row):
    __slots__ = ()

    @property
    def category_name(self) -> str:
        return self.category_name_vi if get_language() == "vi" else self.category_name_en


FIELDS = tuple(name.replace("category_", "category__", 1) for name in Row._fields)


class ListingIterable(ValuesListIterable):
    """Makes listings of the rows of a query."""

    def __iter__(self) -> Iterator[Listing]:
        return map(Listing._make, super().__iter__())


@lru_cache(maxsize=2048)  # the directory shows the same ones on each page
def link_of(url: str) -> str:
    try:
        return WebsiteURL.parse(url).link
    except URLRefused:
        return ""
