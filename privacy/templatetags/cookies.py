"""Template tags for cookies: the notice before a choice and the footer after it."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from core.http.headers import WITH_TOKEN
from core.kept_pages.making import hole
from privacy.cookies.consent import Consent, consent_of, digest, question
from privacy.models import CookieChoice
from privacy.registry.purposes import ASKED, PURPOSES

register = template.Library()

OWN_FORM = "privacy:cookies", "privacy:preferences"  # pages that hold the whole form themselves


@register.simple_tag(takes_context=True)
def cookie_notice(context: Context) -> SafeString:
    return hole(context["request"], show_notice)


def show_notice(request: HttpRequest) -> str:
    consent = consent_of(request)
    if not consent.asks or holds_form(request):
        return ""
    return render_to_string("components/cookie_notice.html", {**fields_of(request, consent), "consent": consent})


@register.simple_tag(takes_context=True)
def cookie_state(context: Context) -> SafeString:
    return hole(context["request"], show_state)


def show_state(request: HttpRequest) -> str:
    consent = consent_of(request)
    changes = consent.is_made and not holds_form(request)
    fields = {**fields_of(request, consent), "consent": consent, "changes": changes}
    return render_to_string("components/cookie_state.html", fields)


@register.inclusion_tag("components/cookie_choices.html", takes_context=True)
def cookie_choices(context: Context) -> dict[str, Any]:
    request = context["request"]
    consent = consent_of(request)
    return {**fields_of(request, consent), "consent": consent}


def fields_of(request: HttpRequest, consent: Consent) -> dict[str, Any]:
    """The context of the forms. No box is ticked without a yes."""
    return {
        "question": question(),
        "boxes": [{"purpose": purpose, "ticked": consent.allows(purpose)} for purpose in ASKED],
        "shown": digest(),
        "next": page_of(request),
    }


def page_of(request: HttpRequest) -> str:
    """The URL to come back to; empty for pages with a token, which no form should carry on, and for unknown paths."""
    if request.resolver_match is None or WITH_TOKEN.match(request.path_info):
        return ""
    return request.get_full_path()


def holds_form(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.view_name in OWN_FORM


@register.filter
def answers(record: CookieChoice) -> list[dict[str, Any]]:
    """Each purpose of a record, by its current name and in the form's order, with the answer."""
    known = [{"name": PURPOSES[key].name, "yes": record.answers[key]} for key in PURPOSES if key in record.answers]
    # Then purposes that no longer exist, sorted, since PostgreSQL keeps the answers in an order of its own.
    return known + [{"name": key, "yes": yes} for key, yes in sorted(record.answers.items()) if key not in PURPOSES]
