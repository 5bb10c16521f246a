"""The person's own page, which gathers what each app holds about an e-mail address.

An app registers a section in the `ready()` of its configuration.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Protocol, cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from privacy.account import magic_links
from privacy.forms import YourLinkForm
from privacy.models import MailedLink


@dataclass(frozen=True)
class Person:
    """Somebody who opened a mailed link: their proven e-mail address, and the token for URLs of their page."""

    email: str
    token: str
    link: MailedLink


# Renders what an app holds about a person, as HTML; empty if there is nothing.
Section = Callable[[HttpRequest, Person], SafeString]

SECTIONS: list[Section] = []


def register(section: Section) -> None:
    if section not in SECTIONS:  # `ready()` may run more than once
        SECTIONS.append(section)


# What the page says first after an action, by the word in its query string
DONE = {
    "confirmed": _("Thank you, your address is confirmed. Below you can see how things stand."),
    "saved": _("Your changes are saved. Our staff will look at them."),
    "withdrawn": _("It is withdrawn, and nobody can see it any more."),
    "unshared": _("It is not shared any more."),
    "asked": _("We have received your request. Our staff will answer by e-mail within 30 days."),
}


def back_to(person: Person, done: str = "", *, fragment: str = "") -> HttpResponseRedirect:
    """Redirects to the person's page, which says what was done: `done` is a key of DONE."""
    query = {"done": done} if done else None
    return redirect(reverse("privacy:page", args=[person.token], query=query, fragment=fragment or None))


View = Callable[..., HttpResponse]


class Exempt(Protocol):
    csrf_exempt: bool
    origin_exempt: bool


def guarded(view: View) -> View:
    """Exempts a view from CSRF checks: the unguessable token in its URL proves that a post comes from its page.

    HeadersMiddleware makes sure that browsers and proxies keep none of these pages, and tell no linked site.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return view(request, *args, **kwargs)

    exempt = cast("Exempt", wrapper)
    exempt.csrf_exempt = True
    exempt.origin_exempt = True
    return wrapper


def person_required(view: View) -> View:
    """Passes a Person to a view as second argument, if the `token` in the URL is that of an open page."""

    @guarded
    @wraps(view)
    def wrapper(request: HttpRequest, token: str, **kwargs: object) -> HttpResponse:
        link = magic_links.find_link(token)
        if link is None:
            return render(request, "privacy/link_unknown.html", {"form": YourLinkForm()}, status=404)
        if link.purpose != MailedLink.Purpose.PAGE:
            return redirect("privacy:page", token)
        if not magic_links.is_live(link):
            return render(request, "privacy/link_over.html", {"link": link, "token": token}, status=410)
        return view(request, Person(link.email, token, link), **kwargs)

    return wrapper
