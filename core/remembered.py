"""Remembers HTML that is the same for everybody, and made from our own words and files alone."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial, update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from django.conf import settings
from django.core.signals import setting_changed  # sent by tests
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

FEW, MANY = 256, 2_000  # pieces of HTML for each function
P = ParamSpec("P")
R = TypeVar("R")
SLOT = re.compile(r"<slot (\w+)>")
CLEAR: list[Callable[[], None]] = []


class Remembered(Generic[P, R]):
    """A function that makes its HTML once for each language and its arguments. While templates are being written, each
    time."""

    def __init__(self, make: Callable[P, R], most: int) -> None:
        @lru_cache(maxsize=most)
        def made(_language: str | None, _prefix: str, *args: P.args, **kwargs: P.kwargs) -> R:
            return make(*args, **kwargs)

        CLEAR.append(made.cache_clear)
        self.make, self.made = make, made
        update_wrapper(self, make)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.here()(*args, **kwargs)

    def here(self) -> Callable[P, R]:
        """The function for the active language: to be called many times, which is quicker."""
        return self.make if settings.DEBUG else partial(self.made, get_language(), get_script_prefix())


def remembered(make: Callable[P, R], *, most: int = FEW) -> Remembered[P, R]:
    """Has a function remember its HTML. The arguments must be few: nothing that a visitor sends."""
    return Remembered(make, most)


def remembered_rows(make: Callable[P, str]) -> Remembered[P, str]:
    """The same for the HTML of what many pages show of a row: given as a tuple of all that is shown, so that it is
    never that of other values. What is no longer public stays in memory until others push it out, as kept pages do."""
    return remembered(make, most=MANY)


def fill(template: str, slots: Mapping[str, Any]) -> SafeString:
    """A template that shows nothing but our own words around its `slots`: HTML, or text, which is escaped.

    The words are rendered once for each language. The template can show a slot, but not test it.
    """
    parts = list(words_around(template, *slots))
    parts[1::2] = [conditional_escape(slots[name]) for name in parts[1::2]]
    return mark_safe("".join(parts))  # noqa: S308  escaped, or HTML


@remembered
def words_around(template: str, *slots: str) -> Sequence[str]:
    """The HTML before, between and after slots, with their names in between."""
    marks = {name: mark_safe(f"<slot {name}>") for name in slots}  # noqa: S308  names of ours
    return SLOT.split(render_to_string(template, marks))


def forget(**kwargs: object) -> None:
    for clear in CLEAR:
        clear()


setting_changed.connect(forget, dispatch_uid="core.remembered")
