"""Listings of the directory, and a few suggestions that still wait."""

import random
import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.utils import timezone

from core.email_digest import email_digest
from core.moderation import Status
from suggestions.models import Category, Suggestion
from tools.bench.seeding import vocabulary

BATCH = 1_000
WAITING = 0.01  # beside each listing
SILENT = 0.01  # of the listings
YEARS = timedelta(days=1_000)


def add_listings(count: int, staff: User, dice: random.Random) -> None:
    categories = list(Category.objects.all())
    popular = vocabulary.falling(len(categories))
    now = timezone.now()
    for first in range(0, count, BATCH):
        rows = []
        for number in range(first, min(first + BATCH, count)):
            category = dice.choices(categories, cum_weights=popular)[0]
            at = now - YEARS * (count - number) / count
            decided = {"decided_by": staff, "decided_at": at, "moved_at": at, "published_at": at}
            silent = {"failures": 3, "first_failure_at": now, "silent_since": now} if dice.random() < SILENT else {}
            rows.append(suggestion(number, category, dice, status=Status.APPROVED, created_at=at, **decided, **silent))
        Suggestion.objects.bulk_create(rows)
    waiting = range(count, count + max(1, round(count * WAITING)))
    Suggestion.objects.bulk_create(suggestion(number, dice.choice(categories), dice) for number in waiting)
    public = Count("suggestions", filter=Q(suggestions__status=Status.APPROVED))
    for category in Category.objects.annotate(public=public):
        Category.objects.filter(pk=category.pk).update(websites=category.public)


def suggestion(number: int, category: Category, dice: random.Random, **fields: Any) -> Suggestion:
    words = dice.sample(vocabulary.SITE_WORDS, 3)
    email = f"site.{number}@example.org"
    row = Suggestion(
        key=secrets.token_hex(8),
        name=f"{dice.choice(vocabulary.GIVEN)} {number}",
        email=email,
        email_digest=email_digest(email),
        show_name=dice.random() < 0.3,
        language="vi",
        url=f"https://site-{number}.example.org/{number % 7 or ''}",
        title=" ".join(words).capitalize(),
        description=" ".join(dice.choices(vocabulary.SENTENCES, k=3)),
        category=category,
        site_language=dice.choices(Suggestion.SiteLanguage.values, (6, 2, 2, 1))[0],
        next_check_at=timezone.now() + dice.random() * timedelta(days=7),
        **fields,
    )
    row.derive()
    return row
