"""Template tag for the card of an entry."""

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.templatetags.pictures import photo
from pageant.models import Entry

register = template.Library()

# Not a template: a gallery shows two dozen of them.
CARD = """
<article class="entry-card">
  <a class="entry-card__link" href="{url}">
    <span class="entry-card__photo" lang="{language}">
      {photo}
    </span>
    <h{level} class="entry-card__name" lang="{language}">{name}</h{level}>
  </a>
  {place}
</article>
"""
PLACE = '<p class="entry-card__place" lang="{}">{}</p>'
SIZES = "(min-width: 72rem) 16rem, (min-width: 40rem) 23vw, (min-width: 30rem) 30vw, calc(50vw - 1.5rem)"


@register.simple_tag
def entry_card(entry: Entry, *, level: int) -> SafeString:
    """An entry (with covers) in a gallery. `level` is that of its heading."""
    cover = entry.cover
    return format_html(
        CARD,
        url=entry.get_absolute_url(),
        language=entry.language,
        photo=photo(cover, sizes=SIZES) if cover else render_to_string("components/mark.svg"),
        level=level,
        name=entry.display_name,
        place=format_html(PLACE, entry.language, entry.lives_in) if entry.lives_in else "",
    )
