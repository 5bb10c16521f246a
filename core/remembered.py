"""Remembers HTML that is the same for everybody, and made from our own words and files alone."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Protocol

from django.conf import settings
from django.core.signals import setting_changed  # sent by tests
from django.urls import get_script_prefix
from django.utils.translation import get_language

MOST = 256  # for each function


class Make(Protocol):
    """Makes HTML from a few arguments, of which there are not many different ones: nothing that a visitor sends."""

    def __call__(self, *args: str | bool) -> str: ...


def remembered(make: Make) -> Make:
    """Has it make HTML once for each language and its arguments. While templates are being written, each time."""

    @lru_cache(maxsize=MOST)
    def made(_language: str | None, _prefix: str, *args: str | bool) -> str:
        return make(*args)

    FORGET.append(made.cache_clear)

    @wraps(make)
    def get(*args: str | bool) -> str:
        return make(*args) if settings.DEBUG else made(get_language(), get_script_prefix(), *args)

    return get


FORGET: list[Callable[[], None]] = []


def forget(**kwargs: object) -> None:
    for clear in FORGET:
        clear()


setting_changed.connect(forget, dispatch_uid="core.remembered")
