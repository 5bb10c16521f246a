"""The tour is whole; test_html.py looks at it."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from tests import tour


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
