"""What the directory of websites brings to the rest of the site."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from core.kept_pages.triggers import Source
from core.site import HomeBlock, Queue, Section, Site, SitemapList
from suggestions import directory, samples
from suggestions.models import Category, Report, Suggestion


def home_blocks() -> Iterator[HomeBlock]:
    yield HomeBlock(50, "suggestions/home/newest.html", {"websites": directory.newest()})


def sitemap_paths() -> Iterator[str]:
    yield reverse("suggestions:websites")
    yield from (category.get_absolute_url() for category in Category.objects.all())


def public_websites() -> QuerySet[Suggestion]:
    return Suggestion.objects.public()


def website_path(key: str) -> str:
    return reverse("suggestions:listing", args=[key])


CHECKS = ("next_check_at", "last_checked_at", "failures", "first_failure_at", "problem", "proposed_url", "declined_url")

KEPT = [
    Source(Category, "websites"),
    Source(
        Suggestion,
        "websites",
        when="{row}.published_at IS NOT NULL",
        unseen=("email", "email_digest", "revision", "settles_at", "earlier", "as_sent", *CHECKS),
    ),
]

QUEUES = {
    "websites to decide on": Queue(Suggestion.objects.waiting, since="moved_at"),
    "links to check": Queue(lambda: Suggestion.objects.due(timezone.now()), since="next_check_at"),
    "reports about websites": Queue(Report.objects.open, since="created_at"),
}

SITE = Site(
    home=home_blocks,
    sitemap=sitemap_paths,
    sitemap_lists={"websites": SitemapList(public_websites, ("key",), website_path)},
    sections={"websites": Section("websites")},
    samples=samples.SAMPLES,
    kept=KEPT,
    queues=QUEUES,
    tour={"websites": "/websites/", "suggest": "/websites/suggest/"},
)
