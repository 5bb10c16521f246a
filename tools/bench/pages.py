"""The pages of the site that are measured, on a database that was filled for it."""

from dataclasses import dataclass

from django.conf import settings
from django.test import RequestFactory
from django.utils import timezone

from core import pagination
from pageant.models import Entry, Pageant
from privacy.cookies.preferences import Preferences, preferences_of
from privacy.registry.purposes import ASKED
from tools.bench.seeding import vocabulary


@dataclass(frozen=True)
class Page:
    """A page as a visitor asks for it; `cookie` is that of somebody with preferences."""

    name: str
    path: str
    cookie: str = ""


def pages() -> list[Page]:
    pageant = Pageant.objects.open().get()
    gallery = f"/pageants/{pageant.slug}/"
    middle = in_the_middle(pageant)
    personal = cookie()
    return [
        Page("home", "/"),
        Page("pageants", "/pageants/"),
        Page("gallery", gallery),
        Page("gallery, in the middle", f"{gallery}?after={pagination._to_cursor(middle, 'published_at')}"),
        Page("gallery, hobby of a third", f"{gallery}?hobby={vocabulary.COMMON_HOBBY}"),
        Page("gallery, hobby of few", f"{gallery}?hobby={vocabulary.SCARCE_HOBBY}"),
        Page("gallery, hobby of hardly any", f"{gallery}?hobby={vocabulary.RAREST_HOBBY}"),
        Page("gallery, place", f"{gallery}?place={vocabulary.PLACES[0]}"),
        Page("gallery, search", f"{gallery}?q={middle.display_name}"),
        Page("gallery, search for a third", f"{gallery}?q=nguyen"),
        Page("entry", middle.get_absolute_url()),
        Page("directory", "/websites/"),
        Page("policy", "/privacy/"),
        Page("form", f"{gallery}enter/"),
        Page("healthz", "/healthz"),
        Page("home with preferences", "/", personal),
        Page("gallery with preferences", gallery, personal),
    ]


def in_the_middle(pageant: Pageant) -> Entry:
    entries = Entry.objects.public().filter(pageant=pageant).select_related("pageant").newest_first()
    return entries[pageant.entry_count // 2]


def cookie() -> str:
    """What the browser of somebody sends who has agreed to everything and likes something."""
    now = timezone.now()
    choice = ":".join(["1", "0" * 32, str(int(now.timestamp())), *(f"+{purpose.key}" for purpose in ASKED)])
    likes = {"place": tuple(vocabulary.PLACES[3:5]), "hobby": tuple(vocabulary.HOBBIES[5:7])}
    preferences = Preferences(language="en", kept=likes).visited(now)
    names = settings.CHOICE_COOKIE_NAME, settings.PREFERENCES_COOKIE_NAME
    cookie = f"{names[0]}={choice}; {names[1]}={preferences.write()}"
    # Else it would be the page of a stranger that is measured.
    assert preferences_of(RequestFactory().get("/", HTTP_COOKIE=cookie)).kept == likes
    return cookie
