"""The page after sending: it says where our mail went, and takes another address if that one was wrong.

Public pages set no cookie. So a signed token recognises the browser that sent the form: only the response to its post
carries it, and it is valid for an hour, or until the link in the mail is used. The link that went to the wrong address
becomes invalid.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import translate_url
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from core.email_digest import normalize_email
from core.http.client_ip import client_network
from core.http.errors import too_many_text
from core.moderation import Outdated, Refused
from privacy.account import magic_links
from privacy.forms import AddressForm
from privacy.models import MailedLink
from privacy.rate_limits import CORRECTIONS, LINKS, spend_for_mail

LIFETIME = timedelta(hours=1)
PARAMETER = "mail"  # in the page's query string, which no log keeps

SALT = "privacy.address_correction"  # data, not a module path: never changes


@dataclass(frozen=True)
class SentMail:
    """What somebody sent, named by its key, and the link that was mailed about it."""

    key: str
    link: MailedLink

    @property
    def email(self) -> str:
        """In lower case: the link may go to an address that we hold in another case, which the page must not reveal."""
        return normalize_email(self.link.email)

    def token(self, page: str) -> str:
        return signing.dumps([self.key, self.link.pk], salt=salt_of(page))


# Sends the mail again, to another address. Raises Refused if it is too late for that.
SendTo = Callable[[SentMail, str], SentMail]


def find(token: str, *, page: str) -> SentMail | None:
    """What the token stands for on that page, while its e-mail address can be corrected; else None."""
    try:
        key, pk = signing.loads(token, salt=salt_of(page), max_age=LIFETIME)
    except signing.BadSignature:
        return None
    link = MailedLink.objects.filter(pk=pk).first()
    return SentMail(key, link) if link and magic_links.is_live(link) else None


def salt_of(page: str) -> str:
    """The same for the page in all languages."""
    return f"{SALT}.{translate_url(page, settings.LANGUAGE_CODE)}"


def void(sent: SentMail) -> None:
    """Ends the link that went to the wrong address. Raises Outdated if it was used. Call it inside a transaction."""
    if not magic_links.end(sent.link):
        raise Outdated


def url_after(page: str, sent: SentMail | None) -> str:
    """The URL to go to after a form was sent. Without `sent` (it was posted twice) the page names no address."""
    return f"{page}?{urlencode({PARAMETER: sent.token(page)})}" if sent else page


def show(
    request: HttpRequest, template: str, context: dict[str, Any], *, send_to: SendTo, kept_as: str
) -> HttpResponse:
    """The page after sending, or a redirect to it after a correction. `kept_as` is the field that keeps the address."""
    sent = find(request.GET.get(PARAMETER, ""), page=request.path)
    form = AddressForm(request.POST or None, sent=sent, kept_as=kept_as)
    status, wait = 200, 0
    if request.method == "POST" and sent and form.is_valid():
        try:
            if not (wait := spend(request, sent, form.cleaned_data["email"])):
                return redirect(url_after(request.path, send_to(sent, form.cleaned_data["email"])))
            form.add_error(None, _("That was a few too many tries.") + " " + too_many_text(wait))
            status = 429
        except Refused:
            sent = None
    is_late = request.method == "POST" and sent is None
    context = {**context, "sent": sent, "form": form, "is_late": is_late}
    response = render(request, template, context, status=410 if is_late else status)
    if wait:
        response["Retry-After"] = str(wait)
    if PARAMETER in request.GET:
        response["Referrer-Policy"] = "no-referrer"
        add_never_cache_headers(response)
    return response


def spend(request: HttpRequest, sent: SentMail, email: str) -> int:
    """Counts one correction, one mail requested by the client and one to the e-mail address: all, or none.

    Raises Outdated after the last correction that there may be: the page is gone before there could be another one.
    """
    if CORRECTIONS.spend(sent.key):
        raise Outdated
    wait = spend_for_mail(LINKS, client_network(request), email)
    if wait:
        CORRECTIONS.give_back(sent.key)
    return wait
