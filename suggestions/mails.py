"""Mails about suggestions, in the sender's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import translation

from privacy.account.magic_links import queue_mail
from privacy.models import MailedLink

if TYPE_CHECKING:  # a suggestion sends mails, so at run time the arrow points this way only
    from suggestions.models import Suggestion


def send_received(suggestion: Suggestion) -> MailedLink:
    """Confirms that the suggestion has arrived, and links to the person's page."""
    return _send("suggestions/received", suggestion)


def send_decision(suggestion: Suggestion) -> None:
    _send(f"suggestions/{suggestion.status}", suggestion)


def _send(template: str, suggestion: Suggestion) -> MailedLink:
    with translation.override(suggestion.language):
        context = {"suggestion": suggestion, "changes": suggestion.changes}
    return queue_mail(
        template, context, to=suggestion.email, language=suggestion.language, purpose=MailedLink.Purpose.OPEN
    )
