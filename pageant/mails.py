"""Mails about entries, in the entrant's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.moderation import Status
from privacy.account.magic_links import queue_mail
from privacy.models import MailedLink

if TYPE_CHECKING:  # an entry sends mails, so at run time the arrow points this way only
    from pageant.models import Entry


def send_confirmation(entry: Entry) -> MailedLink:
    """Asks the entrant to confirm the e-mail address."""
    return _send("pageant/confirm", entry, purpose=MailedLink.Purpose.CONFIRM)


def send_existing(entry: Entry) -> MailedLink:
    """Says that the e-mail address has an entry in this pageant already, and links to it."""
    unconfirmed = entry.status == Status.UNCONFIRMED
    purpose = MailedLink.Purpose.CONFIRM if unconfirmed else MailedLink.Purpose.OPEN
    return _send("pageant/existing", entry, purpose=purpose)


def send_decision(entry: Entry) -> None:
    _send(f"pageant/{entry.status}", entry, purpose=MailedLink.Purpose.OPEN)


def send_photos_lost(entry: Entry, count: int) -> None:
    """Asks the entrant to send photos again that are lost through a fault of ours."""
    _send("pageant/photos_lost", entry, purpose=MailedLink.Purpose.OPEN, count=count)


def _send(template: str, entry: Entry, *, purpose: MailedLink.Purpose, **context: int) -> MailedLink:
    return queue_mail(
        template,
        {"entry": entry, "pageant": entry.pageant, **context},
        to=entry.email,
        language=entry.language,
        purpose=purpose,
        subject=f"entry:{entry.key}" if purpose == MailedLink.Purpose.CONFIRM else "",
    )
