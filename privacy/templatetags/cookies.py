"""Template tags for cookies: what depends on the reader in pages that are otherwise the same for all."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.template import RequestContext
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString

from core.http.headers import WITH_TOKEN
from core.kept_pages.making import hole
from core.remembered import remembered
from privacy.cookies import questions
from privacy.cookies.consent import consent_of
from privacy.models import CookieChoice
from privacy.registry.purposes import ASKED, PREFERENCES, PURPOSES, STATISTICS

register = template.Library()

HERE = "#here"  # stands in for the page to come back to: the rest is the same on all pages
ELSEWHERE = (PREFERENCES, STATISTICS)  # of which the foot says more than that they were allowed


@register.simple_tag(takes_context=True)
def remember_this(context: RequestContext) -> SafeString:
    """Asks whether the browser may remember preferences, where they would be of use."""
    return hole(context.request, show_question)


def show_question(request: HttpRequest) -> str:
    consent = consent_of(request)
    page = page_of(request, "remember")
    html = question_of(consent.is_open(PREFERENCES), consent.allows(PREFERENCES), HERE if page else "")
    return html.replace(HERE, escape(page))


@remembered
def question_of(asks: bool, remembers: bool, here: str) -> str:
    words = questions.remembering()
    fields = {"asks": asks, "remembers": remembers, "words": words, "shown": questions.digest(words), "next": here}
    return render_to_string("components/cookie_question.html", fields)


@register.simple_tag(takes_context=True)
def cookie_state(context: RequestContext) -> SafeString:
    """What is the case for the reader now, with a button for each wish."""
    return hole(context.request, show_state)


def show_state(request: HttpRequest) -> str:
    consent = consent_of(request)
    page = page_of(request, "cookie-state")
    html = state_of(
        consent.allows(PREFERENCES),
        consent.is_made,
        consent.signalled,
        not consent.refuses(STATISTICS),
        ", ".join(str(purpose.name) for purpose in consent.allowed if purpose not in ELSEWHERE),
        HERE if page else "",
    )
    return html.replace(HERE, escape(page))


@remembered
def state_of(remembers: bool, is_answered: bool, is_signalled: bool, is_counted: bool, others: str, here: str) -> str:
    counting, forgetting = questions.counting(), questions.forgetting()
    fields = {
        "remembers": remembers,
        "answered": is_answered,
        "signalled": is_signalled,
        "counted": is_counted,
        "others": others,
        "counting": counting,
        "forgetting": forgetting,
        "shown_counting": questions.digest(counting),
        "shown_forgetting": questions.digest(forgetting),
        "next": here,
    }
    return render_to_string("components/cookie_state.html", fields)


@register.inclusion_tag("components/cookie_choices.html", takes_context=True)
def cookie_choices(context: RequestContext) -> dict[str, Any]:
    """The whole form. No box is ticked without a yes."""
    consent = consent_of(context.request)
    return {
        "boxes": [{"purpose": purpose, "ticked": consent.allows(purpose)} for purpose in ASKED],
        "shown": questions.digest(questions.everything()),
    }


def page_of(request: HttpRequest, part: str) -> str:
    """The URL to come back to, at that part of the page; empty for pages with a token, which no form should carry on,
    and for unknown paths."""
    if request.resolver_match is None or WITH_TOKEN.match(request.path_info):
        return ""
    return f"{request.get_full_path()}#{part}"


@register.filter
def answers(record: CookieChoice) -> list[dict[str, Any]]:
    """Each purpose of a record, by its current name and in the form's order, with the answer."""
    known = [{"name": PURPOSES[key].name, "yes": record.answers[key]} for key in PURPOSES if key in record.answers]
    # Then purposes that no longer exist, sorted, since PostgreSQL keeps the answers in an order of its own.
    return known + [{"name": key, "yes": yes} for key, yes in sorted(record.answers.items()) if key not in PURPOSES]
