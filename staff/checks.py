"""System check: those who can see people's data sign in with a second factor."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as Reminder
from django.db import DEFAULT_DB_ALIAS
from django.db import Error as DatabaseIsAway
from django.db.models import Q

from core.role_sync import PRIVACY_OFFICERS
from staff.second_factor import number_of, with_second_factor


@register(Tags.database, deploy=True)
def check_second_factors(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    try:
        lacking = without_second_factor()
    except DatabaseIsAway:  # no table yet, no server
        return []
    if not lacking:
        return []
    return [
        Reminder(
            f"Superusers and privacy officers without a second factor: {lacking}.",
            hint="Each turns it on in the admin, under “Second factor”. The list of users there shows who has.",
            id="staff.W001",
        )
    ]


def without_second_factor() -> int:
    """How many active superusers and privacy officers have no second factor."""
    may_see_people = Q(is_superuser=True) | Q(groups__name=PRIVACY_OFFICERS)
    users = with_second_factor(User.objects.filter(may_see_people, is_active=True).distinct())
    return sum(number_of(user) is None for user in users)
