"""Template tag for the card of an entry."""

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from core.remembered import remembered_rows
from core.templatetags.pictures import photo
from core.templatetags.site import fixed
from pageant.models.card import Card

register = template.Library()

SIZES = "(min-width: 72rem) 16rem, (min-width: 40rem) 23vw, (min-width: 30rem) 30vw, calc(50vw - 1.5rem)"


@register.simple_tag
def entry_card(entry: Card, *, level: int) -> SafeString:
    """An entry in a gallery. `level` is that of its heading."""
    return mark_safe(make_card(entry, level))  # noqa: S308  made below


@register.simple_tag
def entry_cards(entries: Iterable[Card], *, level: int) -> SafeString:
    """The items of a list of entries."""
    make = make_card.here()
    return mark_safe("".join([f"<li>{make(entry, level)}</li>" for entry in entries]))  # noqa: S308  made below


@remembered_rows
def make_card(entry: Card, level: int) -> str:
    language = escape(entry.language)
    place = f'<p class="entry-card__place" lang="{language}">{escape(entry.lives_in)}</p>' if entry.lives_in else ""
    # Not a template: a gallery shows two dozen of them
    return f"""
<article class="entry-card">
  <a class="entry-card__link" href="{escape(entry.get_absolute_url())}">
    <span class="entry-card__photo" lang="{language}">
      {photo(entry.cover, sizes=SIZES) if entry.cover else fixed("components/mark.svg")}
    </span>
    <h{level} class="entry-card__name" lang="{language}">{escape(entry.display_name)}</h{level}>
  </a>
  {place}
</article>
"""
