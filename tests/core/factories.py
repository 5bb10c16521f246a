"""Rows and pictures for tests of all apps."""

import itertools
from functools import cache
from io import BytesIO
from typing import Any

from django.contrib.auth.models import Group, User

from core.pictures.masters import Master, make_master
from tests.core import pictures

numbers = itertools.count(1)


SMALL = (200, 200)  # pixels: the smallest photo that is taken, of which renditions are made fast


@cache
def a_master(seed: int = 1, size: tuple[int, int] = (600, 400)) -> Master:
    """Decoding takes a process of its own, so tests share what came of it."""
    return make_master(BytesIO(pictures.saved(pictures.photo(seed, size=size), "JPEG")))


def a_photo(seed: int = 1, **options: Any) -> bytes:
    return pictures.saved(pictures.photo(seed), "JPEG", **options)


def make_staff(*, group: str | None = "Moderators", **fields: Any) -> User:
    user = User.objects.create_user(f"staff-{next(numbers)}", is_staff=True, **fields)
    if group:
        user.groups.add(Group.objects.get(name=group))
    return user
