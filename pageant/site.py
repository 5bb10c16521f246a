"""What the pageants bring to the rest of the site."""

from collections.abc import Iterator, Sequence
from functools import partial

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.kept_pages.triggers import Source
from core.site import HomeBlock, PreferenceKind, Queue, Section, Site, SitemapList
from core.templatetags.site import moment
from pageant import public_rows, samples
from pageant.admin.monthly_reports import new_entries
from pageant.models import (
    Agreement,
    Cosponsorship,
    Entry,
    Hobby,
    Pageant,
    Photo,
    PublicHobby,
    Report,
    SponsorReport,
    Tally,
)
from pageant.models.card import Card
from pageant.templatetags.entries import entry_cards
from privacy.cookies.preferences import preferences_of

COMING_OR_PAST_ON_HOME = 3


def home_blocks() -> Iterator[HomeBlock]:
    """The same for all. What somebody likes comes first, and two blocks are theirs alone; nothing is left out."""
    current, upcoming, past = public_rows.all_pageants(most=COMING_OR_PAST_ON_HOME)
    newest = public_rows.newest_cards()
    yield HomeBlock(0, "pageant/home/enter.html", {"pageants": current}, in_hero=True)
    yield HomeBlock(10, "pageant/home/for_you.html", for_reader=for_you)
    yield HomeBlock(20, "pageant/home/since_last_visit.html", for_reader=partial(since_last_visit, newest=newest))
    yield HomeBlock(30, "pageant/home/open.html", {"pageants": current, "upcoming": upcoming})
    yield HomeBlock(40, "pageant/home/newest.html", {"entries": newest})
    yield HomeBlock(60, "pageant/home/upcoming.html", {"pageants": upcoming})
    yield HomeBlock(70, "pageant/home/past.html", {"pageants": past})


def for_you(request: HttpRequest) -> dict[str, str] | None:
    liked = preferences_of(request)
    places, hobbies = liked.of_kind("place"), liked.of_kind("hobby")
    entries = public_rows.newest_fitting(places, hobbies)
    return {"liked": " · ".join(places + hobbies), "cards": entry_cards(entries, level=3)} if entries else None


def since_last_visit(request: HttpRequest, *, newest: Sequence[Card]) -> dict[str, str] | None:
    last_visit = preferences_of(request).before
    entries = [entry for entry in newest if last_visit and entry.published_at > last_visit]
    return {"last_visit": moment(last_visit), "cards": entry_cards(entries, level=3)} if entries else None


def sitemap_paths() -> Iterator[str]:
    yield reverse("pageant:pageants")
    yield reverse("sponsors:all")
    yield from (pageant.get_absolute_url() for pageant in Pageant.objects.all())


def public_entries() -> QuerySet[Entry]:
    return Entry.objects.public()


def entry_path(slug: str, key: str) -> str:
    return reverse("pageant:entry", args=[slug, key])


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

IN_PAGEANT = "SELECT slug FROM pageant_pageant WHERE id = {row}.pageant_id"
OF_PUBLIC_ENTRY = """
    SELECT slug FROM pageant_pageant WHERE id =
    (SELECT pageant_id FROM pageant_entry WHERE id = {row}.entry_id AND published_at IS NOT NULL)
"""

KEPT = [
    Source(Pageant, "pageants", part="{row}.slug"),
    Source(
        Entry,
        "pageants",
        part=IN_PAGEANT,
        when="{row}.published_at IS NOT NULL",
        unseen=("email", "email_digest", "revision", "settles_at", "earlier", "untold_since"),
    ),
    Source(Photo, "pageants", part=OF_PUBLIC_ENTRY, unseen=("resembles_id", "lost_at", "asked_at")),
    Source(Entry.hobbies.through, "pageants", part=OF_PUBLIC_ENTRY),
    Source(PublicHobby, "pageants", events=()),  # triggers write it along with the two before
    Source(Tally, "pageants", part=IN_PAGEANT),
    Source(Cosponsorship, "pageants", part=IN_PAGEANT),
    Source(Hobby, "hobbies", events=("update",)),  # one that no public entry has yet shows nowhere
    Source(Agreement, "sponsors", when="{row}.kind = 'sharing'"),
    Source(SponsorReport, "sponsors"),
]

QUEUES = {
    "entries to decide on": Queue(Entry.objects.waiting, since="moved_at"),
    "entries to publish": Queue(Entry.objects.unpublished, since="decided_at"),
    "reports about entries": Queue(Report.objects.open, since="created_at"),
}

SITE = Site(
    home=home_blocks,
    sitemap=sitemap_paths,
    sitemap_lists={"entries": SitemapList(public_entries, ("pageant__slug", "key"), entry_path)},
    sections={"pageants": Section("pageants", detail="pageant")},
    staff_cards=[new_entries],
    samples=samples.SAMPLES,
    preferences=[PLACE, HOBBY, PAGEANT],
    kept=KEPT,
    queues=QUEUES,
    tour={"pageants": "/pageants/", "sponsors": "/privacy/sponsors/"},
)
