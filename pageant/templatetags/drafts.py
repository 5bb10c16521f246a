"""Template tag for the draft behind a form for photos."""

from django import template

from core.kept_pages.making import is_making, unique
from pageant.models import Draft

register = template.Library()


@register.simple_tag
def draft_key(draft: Draft) -> str:
    """The key of the draft that the form is about. A form that is kept begins a new one each time."""
    return unique(Draft.new_key) if is_making() else draft.key
