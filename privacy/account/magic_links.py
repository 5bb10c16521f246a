"""Magic links: prove an e-mail address without a password.

    queued     a row without a token, in the transaction that tells the person something
    mailed     the token is made while the mail is sent, so that the queue never holds it; the row keeps its SHA-256.
               A mail that goes out twice has two tokens of one link
    used       once, by a button; opening the link changes nothing, since mail scanners open links
    page       the button leads to the person's page, whose own token lives for an hour and is in no mail

URLs are built from SITE_URL and never from a request.
"""

import base64
import hashlib
import secrets
from datetime import timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString

from core import mail
from privacy.models import MailedLink

LIFETIME = {
    MailedLink.Purpose.CONFIRM: timedelta(hours=72),
    MailedLink.Purpose.OPEN: timedelta(hours=72),
    MailedLink.Purpose.PAGE: timedelta(hours=1),
}
DOUBLE_CLICK = timedelta(minutes=1)  # a second press within it leads to the same page as the first
KEEP = timedelta(days=7)  # an expired link still offers to send a new one

PAGE_SALT = "privacy.links.page"  # data, not a module path: never changes

HEADER = "X-Vietmusic-Link"  # in the queue only: which link the mail carries, and the word where its token goes


class Confirmation(Protocol):
    """What a link of purpose CONFIRM is about. An app registers one for its kind of subject (`<kind>:<key>`)."""

    def describe(self, link: MailedLink, request: HttpRequest) -> SafeString:
        """HTML above the button: what pressing it confirms."""

    def confirm(self, link: MailedLink) -> None:
        """Called once, in the transaction that uses the link up."""


CONFIRMATIONS: dict[str, Confirmation] = {}


def register(kind: str, confirmation: Confirmation) -> None:
    CONFIRMATIONS[kind] = confirmation


def queue_mail(
    template: str, context: dict[str, Any], *, to: str, language: str, purpose: MailedLink.Purpose, subject: str = ""
) -> MailedLink:
    """Queues a mail with `{{ link }}`, a new link for the address `to`, and `{{ ask }}`, where to request another."""
    link = MailedLink.objects.create(
        purpose=purpose, subject=subject, email=to, language=language, expires_at=timezone.now() + LIFETIME[purpose]
    )
    # A placeholder that nobody can guess: with a known one, a name with a URL in it could send the token there.
    place = f"link-{secrets.token_hex(16)}"
    context = {**context, "link": settings.SITE_URL + path_of(place, language=language), "ask": ask_url(language)}
    mail.queue(template, context, to=to, language=language, headers={HEADER: f"{link.pk} {place}"})
    return link


def ask_url(language: str) -> str:
    """The URL of the page on which to request a link."""
    with translation.override(language):
        return settings.SITE_URL + reverse("privacy:ask")


def mint_token(pk: str) -> str:
    """Makes the token of a queued link while `mail_backend` sends its mail; the row keeps the token's digest.

    The link may be gone: expired and purged, or its person erased. Then the token opens nothing. A mail that is sent
    again, since nobody knows whether it arrived, carries a new token; the earlier one leads to the same link.
    """
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        link = MailedLink.objects.select_for_update().filter(pk=pk).first()
        if link:
            if link.token_digest:
                link.earlier_tokens.create(token_digest=link.token_digest)
            MailedLink.objects.filter(pk=pk).update(token_digest=token_digest(token))
    return token


def path_of(token: str, *, language: str) -> str:
    with translation.override(language):
        return reverse("privacy:page", args=[token])


def find_link(token: str) -> MailedLink | None:
    digest = token_digest(token)
    links = MailedLink.objects
    return links.filter(token_digest=digest).first() or links.filter(earlier_tokens__token_digest=digest).first()


def is_live(link: MailedLink) -> bool:
    return link.used_at is None and link.expires_at > timezone.now()


def about(link: MailedLink, request: HttpRequest) -> SafeString | str:
    return _confirmation(link).describe(link, request) if link.purpose == MailedLink.Purpose.CONFIRM else ""


def _confirmation(link: MailedLink) -> Confirmation:
    return CONFIRMATIONS[link.subject.partition(":")[0]]


def use_link(link: MailedLink, token: str) -> str | None:
    """Uses up a mailed link and does what it is for. Returns the token of the person's page; None if it is over.

    That token is derived from the mailed one, so that both clicks of a double click lead to one page.
    """
    mac = salted_hmac(PAGE_SALT, token, algorithm="sha256").digest()
    page_token = base64.urlsafe_b64encode(mac).decode().rstrip("=")
    with transaction.atomic():
        live = MailedLink.objects.filter(pk=link.pk, used_at=None)
        live.select_for_update().first()
        now = timezone.now()  # read once the row is locked: a link that was ended while we waited has expired
        if not live.filter(expires_at__gt=now).update(used_at=now):
            link.refresh_from_db()
            again = link.used_at and now - link.used_at < DOUBLE_CLICK
            # The token in another copy of the mail leads to no page, but to an explanation.
            return page_token if again and find_link(page_token) else None
        if link.purpose == MailedLink.Purpose.CONFIRM:
            _confirmation(link).confirm(link)
        MailedLink.objects.create(
            purpose=MailedLink.Purpose.PAGE,
            email=link.email,
            language=link.language,
            token_digest=token_digest(page_token),
            expires_at=now + LIFETIME[MailedLink.Purpose.PAGE],
        )
    return page_token


def end(link: MailedLink) -> bool:
    """Invalidates a mailed link, even in a mail that is still queued. Returns False if it was used or has expired."""
    now = timezone.now()
    return bool(MailedLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now).update(expires_at=now))


def close(link: MailedLink) -> None:
    """Ends a person's page before its hour is over."""
    MailedLink.objects.filter(pk=link.pk).update(expires_at=timezone.now())


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
