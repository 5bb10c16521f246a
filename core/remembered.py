"""Remembers HTML that is the same for everybody, and made from our own words and files alone."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec

from django.conf import settings
from django.core.signals import setting_changed  # sent by tests
from django.urls import get_script_prefix
from django.utils.translation import get_language

FEW, MANY = 256, 2_000  # pieces of HTML for each function
P = ParamSpec("P")
CLEAR: list[Callable[[], None]] = []


def remembered(make: Callable[P, str], *, most: int = FEW) -> Callable[P, str]:
    """Has a function make its HTML once for each language and its arguments. While templates are being written, each
    time. The arguments must be few: nothing that a visitor sends."""

    @lru_cache(maxsize=most)
    def made(_language: str | None, _prefix: str, *args: P.args, **kwargs: P.kwargs) -> str:
        return make(*args, **kwargs)

    CLEAR.append(made.cache_clear)

    @wraps(make)
    def get(*args: P.args, **kwargs: P.kwargs) -> str:
        if settings.DEBUG:
            return make(*args, **kwargs)
        return made(get_language(), get_script_prefix(), *args, **kwargs)  # type: ignore[arg-type]  # few and hashable

    return get


def remembered_rows(make: Callable[P, str]) -> Callable[P, str]:
    """The same for the HTML of what many pages show of a row: given as a tuple of all that is shown, so that it is
    never that of other values. What is no longer public stays in memory until others push it out, as kept pages do."""
    return remembered(make, most=MANY)


def forget(**kwargs: object) -> None:
    for clear in CLEAR:
        clear()


setting_changed.connect(forget, dispatch_uid="core.remembered")
