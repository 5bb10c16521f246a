"""The tour is whole, and each of its stops is what its list says."""

import re
from collections.abc import Iterator

import brotli
import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from tests import tour

STATIC = settings.BASE_DIR / "static"
LIMIT = 15 * 1024  # bytes of style sheets and scripts, compressed


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """All addresses of the site, as they are declared."""
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from routes(pattern, route)


def test_no_address_of_the_site_is_forgotten():
    site = get_resolver("vietmusic.urls")
    paths = [re.sub(r"\?.*", "", stop.path) for stop in tour.STOPS if stop.status in {200, 429}]
    seen = {site.resolve(path).route for path in [*paths, *tour.FEEDS]}
    folders = tuple(route for route in tour.ELSEWHERE if route in {"media/", "admin/"})

    there = {route for route in routes(site) if not route.startswith(folders)}

    assert there - seen == tour.ELSEWHERE.keys() - set(folders)


def test_no_two_stops_are_called_the_same():
    names = [stop.name for stop in tour.STOPS]

    assert [name for name in names if names.count(name) > 1] == []


@pytest.mark.django_db
@pytest.mark.parametrize("language", tour.LANGUAGES)
def test_stops_answer_as_their_list_says(visit, language):
    pages = visit.pages[language]

    assert {stop.name: pages[stop].status_code for stop in tour.STOPS} == {
        stop.name: stop.status for stop in tour.STOPS
    }
    assert [name for name, page in pages.items() if b"<h1" not in page.content] == []
    assert [path for path, feed in visit.feeds.items() if feed.status_code != 200] == []


def files_of(page):
    return re.findall(r'<(?:link rel="stylesheet" href|script[^>]* src)="/static/([^"]+)"', page.content.decode())


@pytest.mark.django_db
def test_style_sheets_and_scripts_of_every_page_are_light(visit):
    sizes = {str(file.relative_to(STATIC)): len(brotli.compress(file.read_bytes())) for file in STATIC.rglob("*.*s")}

    files = {stop.name: files_of(page) for stop, page in visit.pages["en"].items()}

    assert {name: found for name, found in files.items() if sum(sizes[file] for file in found) >= LIMIT} == {}
    assert [name for name, found in files.items() if "css/tokens.css" not in found] == []
    assert "js/entering.js" in files["enter"]
