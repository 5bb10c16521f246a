"""Fills a database as if a site had had many visitors for years."""

import random

from django.contrib.auth.models import User
from django.db import transaction

from pageant.models import Pageant
from tools.bench.seeding import bulk
from tools.bench.seeding.entries import Entries, open_pageant, past_pageant
from tools.bench.seeding.listings import add_listings

STAFF = "bench"  # who has decided on everything


def fill(*, entries: int, past: int = 1_000, listings: int = 20_000) -> None:
    """The same rows each time, but for their times. Does nothing where there is a pageant already."""
    if Pageant.objects.exists():
        return
    dice = random.Random(entries)  # noqa: S311  the same dice each time
    staff, _created = User.objects.get_or_create(
        username=STAFF, defaults={"email": "bench@example.org", "is_staff": True, "is_superuser": True}
    )
    with transaction.atomic(), bulk.without_indexes(*Entries.MODELS):
        Entries(past_pageant(), staff, dice).write(past)
        Entries(open_pageant(), staff, dice).write(entries)
        bulk.set_sequences(*Entries.MODELS)
    add_listings(listings, staff, dice)
    bulk.analyze()
