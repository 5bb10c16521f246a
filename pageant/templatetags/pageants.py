"""Template tags for pageants: their cards, and how far they have come."""

from datetime import datetime
from typing import NamedTuple, Self

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from core.remembered import remembered_rows
from pageant.models import Pageant
from pageant.models.card import ShownCover

register = template.Library()


class ShownPageant(NamedTuple):
    """All that is shown of a pageant at this moment, in the language of the page."""

    slug: str
    url: str
    title: str
    description: str
    opens_at: datetime
    closes_at: datetime
    is_upcoming: bool
    is_open: bool
    days_left: int
    day: int
    days: int
    entry_count: int
    faces: tuple[ShownCover, ...]

    @classmethod
    def of(cls, pageant: Pageant) -> Self:
        is_open = pageant.is_open
        return cls(
            slug=pageant.slug,
            url=pageant.get_absolute_url(),
            title=pageant.title,
            description=pageant.description,
            opens_at=pageant.opens_at,
            closes_at=pageant.closes_at,
            is_upcoming=pageant.is_upcoming,
            is_open=is_open,
            days_left=pageant.days_left if is_open else 0,
            day=pageant.day if is_open else 0,
            days=pageant.days,
            entry_count=pageant.entry_count,
            faces=tuple(getattr(pageant, "faces", ())),
        )


@register.simple_tag
def pageant_card(pageant: Pageant, *, level: int) -> SafeString:
    """A pageant in a list, with its `faces` where it has some. `level` is that of its heading: 2 or 3."""
    return mark_safe(make_pageant_card(ShownPageant.of(pageant), level))  # noqa: S308  rendered below


@remembered_rows
def make_pageant_card(pageant: ShownPageant, level: int) -> str:
    return render_to_string("components/pageant_card.html", {"pageant": pageant, "level": level})


@register.simple_tag
def pageant_state(pageant: Pageant) -> SafeString:
    """How far a pageant has come: its days and its entries."""
    return mark_safe(make_pageant_state(ShownPageant.of(pageant)))  # noqa: S308  rendered below


@remembered_rows
def make_pageant_state(pageant: ShownPageant) -> str:
    return render_to_string("components/pageant_state.html", {"pageant": pageant})
