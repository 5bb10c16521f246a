"""Template tags for what a reader's browser remembers: the order of lists, and the language."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Node, NodeList, RequestContext, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core.kept_pages.making import hole
from core.templatetags.site import option
from core.text import fold
from privacy.cookies.preferences import preferences_of

register = template.Library()

Part = tuple[str, str]  # what it is liked by, and its HTML
fold_label = lru_cache(maxsize=4096)(fold)  # of what is offered to all, never of what a reader likes


@register.tag
def liked_first(parser: Parser, token: Token) -> Node:
    """Repeats its content for each item; what the reader likes comes first.

        {% liked_first "hobby" tallies as tally by="label" %}…{{ tally.label }}…{% endliked_first %}

    An item is liked if its attribute `by` is among the reader's preferences of that kind, accents ignored. With `only`
    that many are shown.
    """
    try:
        _name, kind, items, _as, variable, *options = token.split_contents()
    except ValueError as error:
        raise TemplateSyntaxError('Write {% liked_first "kind" items as item by="attribute" %}.') from error
    content = parser.parse(("endliked_first",))
    parser.delete_first_token()
    return LikedFirst(
        parser.compile_filter(kind), parser.compile_filter(items), variable, content, token_kwargs(options, parser)
    )


class LikedFirst(Node):
    def __init__(
        self,
        kind: FilterExpression,
        items: FilterExpression,
        variable: str,
        content: NodeList,
        options: dict[str, FilterExpression],
    ) -> None:
        self.kind, self.items, self.variable, self.content, self.options = kind, items, variable, content, options

    def render(self, context: RequestContext) -> SafeString:
        options = {name: value.resolve(context) for name, value in self.options.items()}
        parts = [
            (fold_label(getattr(item, options["by"])), self.render_one(context, item))
            for item in self.items.resolve(context) or []
        ]
        kind, only = self.kind.resolve(context), options.get("only")
        return hole(context.request, in_order_of, kind=kind, parts=parts, only=only)

    def render_one(self, context: RequestContext, item: Any) -> str:
        with context.push(**{self.variable: item}):
            return self.content.render(context)


def in_order_of(request: HttpRequest, *, kind: str, parts: Sequence[Part], only: int | None) -> str:
    liked = {fold(value) for value in preferences_of(request).of_kind(kind)}
    ordered = sorted(parts, key=lambda part: part[0] not in liked) if liked else parts
    return "".join([html for _liked_by, html in ordered[:only]])


@register.simple_tag(takes_context=True)
def options_liked_first(
    context: RequestContext, kind: str, choices: tuple[tuple[str, str], ...], chosen: str | None = None
) -> SafeString:
    """The options of a select, from pairs of a value and a label, with what the reader likes first."""
    return hole(context.request, in_order_of, kind=kind, parts=parts_of(choices, chosen), only=None)


@lru_cache(maxsize=256)  # most pages of a list offer the same
def parts_of(choices: tuple[tuple[str, str], ...], chosen: str | None) -> list[Part]:
    return [(fold_label(value), option(value, label, chosen)) for value, label in choices]


@register.simple_tag(takes_context=True)
def other_language(context: RequestContext) -> SafeString:
    """A link to the page in the language that its reader read last, if that is another one."""
    return hole(context.request, offer_language)


def offer_language(request: HttpRequest) -> str:
    language = preferences_of(request).language
    if not language or language == get_language():
        return ""
    return render_to_string("components/other_language.html", {"language": language})
