"""Template tags available on every page."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from html import escape, unescape
from typing import Any, cast
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import Context, RequestContext
from django.template.loader import render_to_string
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from core import translated_fields
from core.kept_pages.making import hole
from core.remembered import fill, remembered
from core.site import HomeBlock

register = template.Library()
register.filter(translated_fields.language_name)


@register.simple_tag(takes_context=True)
def in_language(context: Context, language: str, *, query: bool = False, absolute: bool = False) -> str:
    """The URL of this page in another language."""
    request = context["request"]
    if request.resolver_match is None:  # an error page: its path leads nowhere, and may have been made to mislead
        with override(language):
            return reverse("home")
    path = paths_of(request)[language]
    if query and request.META.get("QUERY_STRING"):
        path = f"{path}?{request.META['QUERY_STRING']}"
    return settings.SITE_URL + path if absolute else path


def paths_of(request: HttpRequest) -> dict[str, str]:
    """The path of this page in each language, found once for each request."""
    known = cast("Any", request)
    if not hasattr(request, "paths"):
        known.paths = {code: path_in(code, request) for code, _name in settings.LANGUAGES}
    return known.paths


def path_in(language: str, request: HttpRequest) -> str:
    match = request.resolver_match
    if match is None or language == get_language():
        return request.path
    with override(language):
        try:
            return reverse(match.view_name, args=match.args, kwargs=match.kwargs)
        except NoReverseMatch:  # one without a name is the same in all languages
            return request.path


@register.simple_tag
def absolute(path: str) -> str:
    """A path as a whole URL, for readers elsewhere. Built from SITE_URL, never from the request."""
    return path if urlsplit(path).scheme else settings.SITE_URL + path


@register.simple_tag(takes_context=True)
def text_of_block(context: Context, name: str) -> str:
    """What the page puts into a block, as text on one line, for another place; empty without such a block."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    return " ".join(unescape(block.render(context)).split()) if block else ""


@register.simple_tag
def fixed(template: str, *args: str) -> SafeString:
    """A template that shows nothing but our own words, rendered once for each language.

    It gets the arguments as `args`: the name of a view, say.
    """
    return mark_safe(render_fixed(template, *args))  # noqa: S308  rendered by a template


@remembered
def render_fixed(template: str, *args: str) -> str:
    return render_to_string(template, {"args": args})


@register.simple_tag(takes_context=True)
def view_name(context: RequestContext) -> str:
    """The name of the view that answers; empty on error pages."""
    match = context.request.resolver_match
    return match.view_name if match else ""


@register.simple_tag(takes_context=True)
def block_for_reader(context: RequestContext, block: HomeBlock) -> SafeString:
    """A block of the home page that is made for each reader."""
    return hole(context.request, render_for_reader, block=block)


def render_for_reader(request: HttpRequest, *, block: HomeBlock) -> str:
    assert block.for_reader is not None
    slots = block.for_reader(request)
    return fill(block.template, slots) if slots else ""


@register.simple_tag
def options(choices: Iterable[tuple[str, Any]], chosen: str | None = None) -> SafeString:
    """The options of a select, from pairs of a value and a label."""
    return mark_safe("".join(option(value, label, chosen) for value, label in choices))  # noqa: S308  escaped there


def option(value: str, label: Any, chosen: str | None = None) -> str:
    """One option of a select. A gallery has a hundred, so it is made without format_html."""
    selected = " selected" if value == chosen else ""
    return f'<option value="{escape(value)}"{selected}>{escape(str(label))}</option>'


@register.simple_tag
def submit_buttons(choices: Iterable[tuple[str, Any]], name: str) -> SafeString:
    """A button for each choice, from pairs of a value and a label."""
    pairs = ((name, value, label) for value, label in choices)
    return format_html_join("", '<button class="tag" type="submit" name="{}" value="{}">{}</button>', pairs)


OUTBOUND = (
    '<a class="outbound" href="{}" rel="external nofollow ugc noopener noreferrer" referrerpolicy="no-referrer">{}'
    '<span class="outbound__mark" aria-hidden="true">↗</span><span class="visually-hidden" lang="{}"> {}</span></a>'
)


@register.simple_tag
def outbound(url: str, text: str) -> SafeString:
    """A link that leaves the site; without a URL, the text alone."""
    if not url:
        return conditional_escape(text)
    return format_html(OUTBOUND, url, text, get_language(), _("(leaves this site)"))


@register.filter
def day(moment: Any) -> str:
    """The day of a moment, in words and in Vietnamese time."""
    return words_of(localtime(moment).date(), get_language())


@lru_cache(maxsize=512)  # a list of websites says two for each, mostly the same
def words_of(day: date, language: str) -> str:
    return date_format(day, "DATE_FORMAT")


@register.filter
def moment(moment: Any) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT")


@register.filter
def is_moment(value: Any) -> bool:
    return isinstance(value, datetime)


@register.filter
def is_list(value: Any) -> bool:
    return isinstance(value, list)
