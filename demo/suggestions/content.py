"""Loads the demo's websites through the same code paths as real ones."""

from collections.abc import Iterator
from datetime import timedelta

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils import timezone
from post_office.models import Email

from demo.suggestions.websites import REJECTED, WAITING, WEBSITES, Website
from suggestions.models import Category, Report, Suggestion
from suggestions.website_url import WebsiteURL

SENDERS = ("Hạnh", "Bảo", "Linh", "Tuấn", "Mai", "Sơn")
APART = timedelta(hours=9)  # between two approvals


def load(*, staff: AbstractUser) -> Iterator[tuple[int, int]]:
    """Makes the websites that are missing, and yields how many are made, of how many. Safe to repeat, and to kill."""
    known = set(Suggestion.objects.values_list("normal_url", flat=True))
    missing = [
        (number, website)
        for number, website in enumerate((*WEBSITES, *WAITING, *REJECTED))
        if WebsiteURL.parse(website.url).normal not in known
    ]
    added = False
    for made, (number, website) in enumerate(missing, start=1):
        added |= add(number, website, staff=staff)
        yield made, len(missing)
    if added:
        touch_up()


@transaction.atomic
def add(number: int, website: Website, *, staff: AbstractUser) -> bool:
    """Adds a website; False if staff have removed its category."""
    category = Category.objects.filter(slug=website.category).first()
    if category is None:
        return False
    # Scattered, so that neighbours on the page come from different categories.
    accepted = timezone.now() - APART * ((number * 23) % len(WEBSITES) + 1)
    email = f"demo-website-{number + 1}@vietmusic.example"
    suggestion = Suggestion.objects.create(
        name=SENDERS[number % len(SENDERS)],
        email=email,
        show_name=number % 4 == 0,
        language=website.language,
        url=website.url,
        title=website.title,
        description=website.description,
        category=category,
        site_language=website.site,
        created_at=accepted - timedelta(hours=20),
    )
    if website in WEBSITES:
        suggestion.approve(by=staff)
        seen = timezone.now() - timedelta(hours=number % 60)
        Suggestion.objects.filter(pk=suggestion.pk).update(
            decided_at=accepted,
            published_at=accepted,
            last_checked_at=seen,
            last_alive_at=seen,
            # Nothing answers at these names: the worker need not ask them while anybody tries the demo.
            next_check_at=timezone.now() + timedelta(days=365),
        )
    elif website in REJECTED:
        suggestion.reject(by=staff, reason=Suggestion.Reason.ADVERTISING)
    Email.objects.filter(to=email).delete()  # nobody reads mail at these addresses
    return True


def touch_up() -> None:
    """Gives staff something to see: a website that is silent, one that is insecure, one that moved, one reported."""
    silent, moving, reported, insecure = Suggestion.objects.public().order_by("published_at")[:4]
    now = timezone.now()
    Suggestion.objects.filter(pk=silent.pk).update(
        failures=9,
        problem="name",
        first_failure_at=now - timedelta(days=9),
        silent_since=now - timedelta(days=2),
        last_alive_at=now - timedelta(days=10),
    )
    Suggestion.objects.filter(pk=insecure.pk).update(
        failures=8,
        problem="certificate",
        first_failure_at=now - timedelta(days=8),
        insecure_since=now - timedelta(days=1),
        last_alive_at=now - timedelta(days=9),
    )
    Suggestion.objects.filter(pk=moving.pk).update(proposed_url=f"https://new.{moving.host}/")
    Report(suggestion=reported, reason=Report.Reason.CHANGED).send()
