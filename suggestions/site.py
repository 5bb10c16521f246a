"""What the directory of websites brings to the rest of the site."""

from collections.abc import Iterator

from django.urls import reverse

from core.kept_pages.triggers import Source
from core.site import HomeBlock, Section, Site
from suggestions import samples
from suggestions.models import Category, Suggestion

NEWEST_ON_HOME = 6
NEWEST_IN_SITEMAP = 1_000  # older ones are found from their categories


def home_blocks() -> Iterator[HomeBlock]:
    newest = Suggestion.objects.public().select_related("category").newest_first()[:NEWEST_ON_HOME]
    yield HomeBlock(50, "suggestions/home/newest.html", {"websites": newest})


def sitemap_paths() -> Iterator[str]:
    yield reverse("suggestions:websites")
    yield from (category.get_absolute_url() for category in Category.objects.all())
    newest = Suggestion.objects.public().newest_first()[:NEWEST_IN_SITEMAP]
    yield from (website.get_absolute_url() for website in newest)


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

SITE = Site(
    home=home_blocks,
    sitemap=sitemap_paths,
    sections={"websites": Section("websites")},
    samples=samples.SAMPLES,
    kept=KEPT,
    tour={"websites": "/websites/", "suggest": "/websites/suggest/"},
)
