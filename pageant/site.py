"""What the pageants bring to the rest of the site."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.site import HomeBlock, PreferenceKind, Section, Site
from pageant import samples
from pageant.admin.monthly_reports import new_entries
from pageant.models import Entry, Pageant
from pageant.photos.card_photos import with_faces
from privacy.cookies.preferences import preferences_of

NEWEST_ON_HOME = 8
COMING_OR_PAST_ON_HOME = 3
NEWEST_IN_SITEMAP = 1_000  # older entries are found from the galleries


def home_blocks(request: HttpRequest) -> Iterator[HomeBlock]:
    """The same for all who allow no preferences. For others, what suits them comes first; nothing is left out."""
    liked = preferences_of(request)
    newest = Entry.objects.public().with_covers().newest_first()
    current = sorted(
        with_faces(Pageant.objects.open()), key=lambda pageant: pageant.slug not in liked.of_kind("pageant")
    )
    upcoming = Pageant.objects.upcoming()[:COMING_OR_PAST_ON_HOME]
    yield HomeBlock(0, "pageant/home/enter.html", {"pageants": current[:1]}, in_hero=True)
    places, hobbies = liked.of_kind("place"), liked.of_kind("hobby")
    if places or hobbies:
        fitting = newest.fitting(places, hobbies)[:NEWEST_ON_HOME]
        yield HomeBlock(10, "pageant/home/for_you.html", {"entries": fitting, "liked": liked})
    if liked.before:
        new = newest.published_after(liked.before)[:NEWEST_ON_HOME]
        yield HomeBlock(20, "pageant/home/since_last_visit.html", {"entries": new, "liked": liked})
    yield HomeBlock(30, "pageant/home/open.html", {"pageants": current, "upcoming": upcoming})
    yield HomeBlock(40, "pageant/home/newest.html", {"entries": newest[:NEWEST_ON_HOME]})
    yield HomeBlock(60, "pageant/home/upcoming.html", {"pageants": upcoming})
    past = with_faces(Pageant.objects.past()[:COMING_OR_PAST_ON_HOME])
    yield HomeBlock(70, "pageant/home/past.html", {"pageants": past})


def sitemap_paths() -> Iterator[str]:
    yield reverse("pageant:pageants")
    yield reverse("sponsors:all")
    yield from (pageant.get_absolute_url() for pageant in Pageant.objects.all())
    newest = Entry.objects.public().newest_first().select_related("pageant")[:NEWEST_IN_SITEMAP]
    yield from (entry.get_absolute_url() for entry in newest)


PLACE = PreferenceKind(
    "place",
    field="places",
    label=_("Places"),
    help_text=_("One per line. People from these places come first."),
    max_length=80,
)
HOBBY = PreferenceKind(
    "hobby",
    field="hobbies",
    label=_("Hobbies"),
    help_text=_("One per line. People who share these hobbies come first."),
    max_length=40,
)
PAGEANT = PreferenceKind(
    "pageant", field="forget", label=_("Pageants that you looked at"), titles=Pageant.objects.titles
)

SITE = Site(
    home=home_blocks,
    sitemap=sitemap_paths,
    sections={"pageants": Section("pageants", detail="pageant")},
    staff_cards=[new_entries],
    samples=samples.SAMPLES,
    preferences=[PLACE, HOBBY, PAGEANT],
    tour={"pageants": "/pageants/", "sponsors": "/privacy/sponsors/"},
)
