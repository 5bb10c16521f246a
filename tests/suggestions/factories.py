"""Websites for tests, made through the same verbs as in real life."""

import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from core.moderation import Status
from suggestions.models import Category, Suggestion
from tests.core.factories import make_staff, numbers


def make_category(**fields: Any) -> Category:
    number = next(numbers)
    defaults = {"slug": f"category-{number}", "name_en": f"Category {number}", "name_vi": f"Mục {number}"}
    return Category.objects.create(**{**defaults, **fields})


def make_website(
    category: Category | None = None, *, status: str = Status.APPROVED, staff: User | None = None, **fields: Any
) -> Suggestion:
    """A suggestion in that state; an approved one is listed."""
    number = next(numbers)
    suggestion = Suggestion(
        category=category or make_category(),
        **{
            "name": f"Người {number}",
            "email": f"finder-{number}@example.com",
            "language": "en",
            "url": f"https://site-{number}.example/",
            "title": f"Site {number}",
            "description": f"About site {number}.",
            **fields,
        },
    )
    if status == Status.UNCONFIRMED:
        suggestion.status = status
    suggestion.save()
    if status == Status.APPROVED:
        suggestion.approve(by=staff or make_staff())
    elif status == Status.REJECTED:
        suggestion.reject(by=staff or make_staff(), reason=Suggestion.Reason.NOT_MUSIC)
    elif status == Status.WITHDRAWN:
        suggestion.withdraw()
    return suggestion


def bulk_websites(category: Category, count: int) -> None:
    """Many listings at once."""
    now = timezone.now()
    staff = make_staff()
    rows = [
        Suggestion(
            key=secrets.token_hex(8),
            category=category,
            title=f"Bulk {number}",
            description="Nhạc",
            language="vi",
            url=f"https://bulk-{secrets.token_hex(6)}.example/",
            status=Status.APPROVED,
            decided_by=staff,
            decided_at=now,
            published_at=now - timedelta(minutes=number),
        )
        for number in range(count)
    ]
    for row in rows:
        row.derive()
    Suggestion.objects.bulk_create(rows)
    Category.objects.filter(pk=category.pk).update(websites=category.websites + count)
