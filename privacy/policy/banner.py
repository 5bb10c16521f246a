"""The banner after a material change of the policy. The cache spares most pages the query."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import Error as DatabaseIsAway
from django.db.models import QuerySet
from django.utils import timezone

from core.kept_pages.making import changes_at, is_making
from core.prepared_queries import prepared
from privacy.models import PolicyVersion
from privacy.models.policy_version import NOTICE

MINUTE = 60  # seconds


def current() -> PolicyVersion | None:
    """The newest version with a material change, within its notice period: only its number, date and summary."""
    try:
        fields: Mapping[str, Any] | None = newest() if is_making() else cache.get_or_set(NOTICE, newest, MINUTE)
    except DatabaseIsAway:  # a page that needs no database still works
        return None
    if fields is None:
        return None
    published_at = datetime.fromisoformat(fields["published_at"])
    if is_over(published_at):
        return None
    changes_at(published_at + PolicyVersion.NOTICE_PERIOD)
    return PolicyVersion(**{**fields, "published_at": published_at})


def newest() -> Mapping[str, Any] | None:
    """As JSON has it, which is what a cache may hold."""
    for row in newest_material():
        return {**row, "published_at": row["published_at"].isoformat()}
    return None


@prepared()
def newest_material() -> QuerySet[PolicyVersion, Any]:
    material = PolicyVersion.objects.published().filter(is_material=True)
    return material.values("number", "published_at", "summary_en", "summary_vi")[:1]


def is_over(published_at: datetime) -> bool:
    return timezone.now() >= published_at + PolicyVersion.NOTICE_PERIOD
