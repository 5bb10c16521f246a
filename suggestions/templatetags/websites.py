"""Template tag for a website of the directory."""

from collections.abc import Iterable

from django import template
from django.urls import reverse
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.remembered import remembered, remembered_rows
from core.templatetags.site import day, outbound, submit_buttons
from suggestions.models import Report, Suggestion
from suggestions.models.listing import Listing

register = template.Library()

LISTING = """
<article class="listing">
  <h{level} class="listing__title" lang="{language}">{link}</h{level}>
  <p class="listing__host">{host}{warning}</p>
  <div class="listing__words" lang="{language}">{words}</div>
  <p class="listing__kind">{category} · {site_language}</p>
  <ul class="listing__facts plain-list">
    <li>{added}{credit}</li>
    {alive}
  </ul>
  {report}
</article>
"""
WARNING = ' <span class="listing__warning">{}</span>'
REPORT = """
<details class="listing__report">
  <summary>{word}<span class="visually-hidden">: {title}</span></summary>
  {form}
</details>
"""
FORM = '<form class="report-buttons" method="post" action="{}">{}</form>'
SITE_LANGUAGES = dict(Suggestion.SiteLanguage.choices)


@register.simple_tag
def listing(website: Listing, *, level: int, can_be_reported: bool = False) -> SafeString:
    """A website. `level` is that of its heading."""
    return mark_safe(make_listing(website, level, can_be_reported))  # noqa: S308  made below


@register.simple_tag
def listings(websites: Iterable[Listing], *, level: int, can_be_reported: bool = False) -> SafeString:
    """The items of a list of websites."""
    make = make_listing.here()
    items = [f"<li>{make(website, level, can_be_reported)}</li>" for website in websites]
    return mark_safe("".join(items))  # noqa: S308  made below


@remembered_rows
def make_listing(website: Listing, level: int, can_be_reported: bool) -> str:
    return format_html(
        LISTING,
        level=level,
        language=website.language,
        link=outbound(website.link, website.title),
        host=website.shown_host,
        warning=warning(website),
        words=mark_safe(linebreaks(website.description, autoescape=True)),  # noqa: S308  it escapes
        category=link_to_category(website.category_slug, website.category_name),
        site_language=_("in %(language)s")
        % {"language": SITE_LANGUAGES.get(website.site_language, website.site_language)},
        added=_("Added on %(day)s") % {"day": day(website.published_at)},
        credit=format_html(" · {}", _("found by %(name)s") % {"name": website.credit}) if website.credit else "",
        alive=format_html("<li>{}</li>", _("Last seen alive on %(day)s") % {"day": day(website.last_alive_at)})
        if website.last_alive_at
        else "",
        report=format_html(REPORT, word=_("Report"), title=website.title, form=report_buttons(website))
        if can_be_reported
        else "",
    )


def warning(website: Listing) -> str:
    if website.silent_since:
        return format_html(WARNING, _("has not answered lately"))
    if website.insecure_since:
        return format_html(WARNING, _("certificate or encryption not valid: your browser may warn you"))
    return ""


@register.simple_tag
def report_buttons(website: Listing) -> SafeString:
    """What is wrong with a website, in one step."""
    return format_html(FORM, website.get_absolute_url(), mark_safe(buttons()))  # noqa: S308  made below


@remembered
def buttons() -> str:
    return submit_buttons(Report.Reason.choices, "reason")


def link_to_category(slug: str, name: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("suggestions:category", args=[slug]), name)
