"""What each app declares to the rest of the site.

An app that is listed in `SITE_APPS` may have a `site.py`, found by name:

    SITE = Site(
        home=home_blocks,
        sitemap=sitemap_paths,
        sitemap_lists={"entries": SitemapList(public_entries, entry_path)},
        sections={"pageants": Section("pageants", detail="pageant")},
        tour={"pageants": "/pageants/"},
    )

Whatever gathers from all apps (home page, sitemap, counting, the staff's first page, styleguide, test tour) asks here,
so that a new app changes none of it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.signals import setting_changed  # sent by tests
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule

from core.kept_pages.triggers import Source


@dataclass(frozen=True)
class HomeBlock:
    """A part of the home page. Blocks stand in the order of `position`, those of the hero below its title.

    The template gets `context` as the variable `block`, and nothing else. What is made for each reader has a function
    of the request `for_reader` in its place, which returns what fills the slots of the template (`core.remembered`);
    where it returns nothing, there is no block.
    """

    position: int
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    in_hero: bool = False
    for_reader: Callable[[HttpRequest], Mapping[str, Any] | None] | None = None

    @property
    def is_for_reader(self) -> bool:
        """In a template `for_reader` itself would be called."""
        return self.for_reader is not None


@dataclass(frozen=True)
class Section:
    """The name under which the pages below a folder are counted: `pageants`.

    With `detail` the page of a row there is counted as `<detail>:<slug>`.
    """

    name: str
    detail: str = ""


@dataclass(frozen=True)
class Card:
    """A few numbers on the staff's first page: rows of a name and a number in each column."""

    name: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int | str]]]
    url: str = ""  # of the page that tells more


@dataclass(frozen=True)
class Samples:
    """An app's part of the styleguide: a template, and a function that makes the context it gets as `samples`.

    Samples are never saved.
    """

    template: str
    make: Callable[[], Mapping[str, Any]]


@dataclass(frozen=True)
class PreferenceKind:
    """A kind of preference that people may let their own browser remember, such as `hobby:hát`.

    `name` is written into the cookie, so it never changes. The person edits the texts, one on each line, in the form's
    `field`. With `titles` a value is the slug of a page, which the person can only remove; the function maps slugs to
    titles, and leaves out those that it doesn't know.
    """

    name: str
    field: str
    label: str | Promise
    help_text: str | Promise = ""
    max_length: int = 50  # characters
    titles: Callable[[Collection[str]], Mapping[str, str]] | None = None


@dataclass(frozen=True)
class SitemapList:
    """Pages of rows that may be very many. `path` makes one's path of its `values`, of which the last is a `key`."""

    rows: Callable[[], QuerySet[Any]]
    values: Sequence[str]
    path: Callable[..., str]


@dataclass(frozen=True)
class Queue:
    """Rows that wait for somebody or something, which operators watch. `since` is a field: when each began to."""

    rows: Callable[[], QuerySet[Any]]
    since: str


@dataclass(frozen=True)
class Site:
    """What an app brings to the rest of the site. Paths are in English, without the prefix of a language."""

    home: Callable[[], Iterable[HomeBlock]] | None = None
    sitemap: Callable[[], Iterable[str]] | None = None
    # By name, as in /sitemap-entries-1.xml
    sitemap_lists: Mapping[str, SitemapList] = field(default_factory=dict)
    # The first folder of a path -> how pages below it are counted
    sections: Mapping[str, Section] = field(default_factory=dict)
    # Each makes a card, or returns None if the user may not see it
    staff_cards: Sequence[Callable[[HttpRequest], Card | None]] = ()
    samples: Samples | None = None
    preferences: Sequence[PreferenceKind] = ()
    # The tables that public pages are made from
    kept: Sequence[Source] = ()
    # By name, as /metrics has them
    queues: Mapping[str, Queue] = field(default_factory=dict)
    # Name -> path of pages that work with an empty database
    tour: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=1)
def sites() -> tuple[Site, ...]:
    """The declarations of all apps, in the order of `SITE_APPS`."""
    return tuple(_declared())


def _declared() -> Iterator[Site]:
    for label in settings.SITE_APPS:
        config = apps.get_app_config(label)
        if module_has_submodule(config.module, "site"):
            yield import_module(f"{config.name}.site").SITE


def home_blocks() -> list[HomeBlock]:
    blocks = [block for site in sites() if site.home for block in site.home()]
    return sorted(blocks, key=lambda block: block.position)


def sitemap_paths() -> Iterator[str]:
    """Paths of the public pages that search engines should know, in the active language, beside those of lists."""
    for site in sites():
        if site.sitemap:
            yield from site.sitemap()


def sitemap_lists() -> dict[str, SitemapList]:
    return {name: one for site in sites() for name, one in site.sitemap_lists.items()}


@lru_cache(maxsize=1)
def sections() -> dict[str, Section]:
    """The first folder of a path -> how pages below it are counted."""
    return {folder: section for site in sites() for folder, section in site.sections.items()}


@lru_cache(maxsize=1)
def preference_kinds() -> dict[str, PreferenceKind]:
    """All kinds of preferences by name, in the order in which the cookie has them."""
    return {kind.name: kind for site in sites() for kind in site.preferences}


def kept_sources() -> list[Source]:
    return [source for site in sites() for source in site.kept]


@lru_cache(maxsize=1)
def kept_tables() -> dict[str, str]:
    """Table -> the topic whose version moves with it."""
    return {source.table: source.topic for source in kept_sources()}


def queues() -> dict[str, Queue]:
    return {name: queue for site in sites() for name, queue in site.queues.items()}


def staff_cards(request: HttpRequest) -> list[Card]:
    """The cards that the user may see."""
    return [card for site in sites() for make in site.staff_cards if (card := make(request))]


def forget(*, setting: str, **kwargs: object) -> None:
    """Clears the caches when a test changes which apps there are."""
    if setting in {"INSTALLED_APPS", "SITE_APPS"}:
        sites.cache_clear()
        sections.cache_clear()
        preference_kinds.cache_clear()
        kept_tables.cache_clear()


setting_changed.connect(forget, dispatch_uid="core.site")
