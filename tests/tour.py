"""A tour of the site: every page that is not the staff's, in each state worth looking at.

`furnish` fills the database with what the stops need, through the same verbs as in real life and with fixed keys, so
that the stops are a plain list: tests of HTML, of accessibility and of layout walk it, and whoever takes pictures does.
The people, texts and pictures are those of the demo, but fewer. Each app has its part in tests/<app>/tour.py. Pages of
errors need ROOT_URLCONF = URLCONF. test_tour.py sees that no address is forgotten.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from post_office.models import Email

from core.site import sites
from tests.core.factories import make_staff
from tests.stops import COOKIES, LANGUAGES, OWN, Leg, Stop

URLCONF = "tests.core.broken_urls"


def stops_of_apps() -> list[Stop]:
    """The pages that apps declare in their `site.py`."""
    return [Stop(name, path) for site in sites() for name, path in site.tour.items()]


LEGS: list[Leg] = [import_module(f"tests.{app}.tour").LEG for app in settings.SITE_APPS]

STOPS = [
    Stop("home", "/"),
    Stop("home, with all refused", "/", choice="none"),
    Stop("home, with Global Privacy Control", "/", headers={"Sec-GPC": "1"}),
    *stops_of_apps(),
    *(stop for leg in LEGS for stop in leg.stops),
    Stop("error 400", "/pageants/?q=%00", 400),
    Stop("error 403", "/forbidden/", 403),
    Stop("error 404", "/nothing/", 404),
    Stop("error 500", "/broken/", 500),
]

FEEDS = [feed for leg in LEGS for feed in leg.feeds]

# Addresses that are no pages of their own, and why.
ELSEWHERE = {
    "healthz": "for machines",
    "readyz": "for machines",
    "robots.txt": "for machines",
    "sitemap.xml": "for machines",
    "sitemap-pages.xml": "for machines",
    "sitemap-<slug:name>-<int:number>.xml": "for machines",
    "favicon.ico": "a picture",
    ".well-known/security.txt": "for machines",
    ".well-known/gpc.json": "for machines",
    "media/": "pictures",
    "admin/": "the staff's",
    **{address: why for leg in LEGS for address, why in leg.elsewhere.items()},
}


def walk(language: str) -> dict[Stop, HttpResponse]:
    """The answer at each stop, for a visitor who comes there first."""
    return {stop: ask(stop, language) for stop in STOPS}


def ask(stop: Stop, language: str) -> HttpResponse:
    client = Client(raise_request_exception=False)
    if stop.choice:
        client.post(COOKIES, {"choice": stop.choice})
    for path in stop.visited:
        client.get(path)
    path = stop.path_in(language)
    if stop.post is None:
        return client.get(path, headers=stop.headers)
    return client.post(path, stop.post, headers=stop.headers)


# What the stops show


def furnish() -> None:
    """Fills an empty database with what the stops show."""
    staff = make_staff()
    for leg in LEGS:
        leg.furnish(staff)


# One visit for all tests


@dataclass(frozen=True)
class Visit:
    """All that leaves the site on one tour."""

    pages: Mapping[str, Mapping[Stop, HttpResponse]]  # by language
    mails: Sequence[Email]
    exports: Mapping[str, str]  # by language, the page that explains the data
    feeds: Mapping[str, HttpResponse]  # by path, with a text that looks like HTML in it
    texts: Mapping[str, Sequence[str]]  # by language, what people wrote, the first line of each


STRANGE = "a <b>bold</b> & <img src=x onerror=alert(1)> word or not?\n\nYes."


@cache
def visit() -> Visit:
    """Takes the tour in both languages, once in each process, in an empty database."""
    furnish()
    pages = {language: walk(language) for language in LANGUAGES}
    for leg in LEGS:
        leg.send_mails()
    exports = {language: export_in(language) for language in LANGUAGES}
    texts = {language: written_in(language) for language in LANGUAGES}
    for leg in LEGS:
        leg.write(STRANGE)
    feeds = {path: Client().get(path) for path in FEEDS}
    return Visit(pages, list(Email.objects.all()), exports, feeds, texts)


def export_in(language: str) -> str:
    path = f"{OWN}download/"
    response = Client().get(path if language == "en" else f"/{language}{path}")
    return zipfile.ZipFile(io.BytesIO(response.getvalue())).read("index.html").decode()


def written_in(language: str) -> list[str]:
    texts = [text for leg in LEGS for one, text in leg.texts() if one == language]
    return [text.split("\n")[0] for text in texts if text]
