"""What privacy brings to the rest of the site."""

from collections.abc import Iterator

from django.urls import reverse

from core.kept_pages.triggers import Source
from core.site import HomeBlock, Section, Site
from privacy import samples
from privacy.admin.purging import next_purge
from privacy.admin.visits import machines_card, visitors_card, visits_card
from privacy.models import PolicyVersion


def home_blocks() -> Iterator[HomeBlock]:
    yield HomeBlock(45, "privacy/home/remember.html")
    yield HomeBlock(80, "privacy/home/policy.html", {"policy": PolicyVersion.objects.current()})


def sitemap_paths() -> Iterator[str]:
    yield reverse("privacy:policy")


KEPT = [Source(PolicyVersion, "policy", when="{row}.published_at IS NOT NULL")]

SITE = Site(
    home=home_blocks,
    sitemap=sitemap_paths,
    sections={"privacy": Section("privacy")},
    staff_cards=[visits_card, visitors_card, machines_card, next_purge],
    samples=samples.SAMPLES,
    kept=KEPT,
    tour={"policy": "/privacy/", "cookies": "/privacy/cookies/", "your link": "/privacy/you/"},
)
