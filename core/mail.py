"""Mail to visitors, queued in the transaction that causes it and delivered after the commit.

django-post-office stores the queue and shows it to staff. Delivery is our own (core/mail_delivery.py): the waits
between tries grow, a broken server is told apart from a refused recipient, and several processes may deliver at once.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from post_office.models import PRIORITY, STATUS, Email

from core import mail_delivery
from core.jobs import job

KEEP_SENT = timedelta(days=1)  # applied in vietmusic/personal_data.py, like KEEP_FAILED
KEEP_FAILED = timedelta(days=30)


def queue(
    template: str, context: dict[str, Any], *, to: str, language: str, headers: dict[str, str] | None = None
) -> Email:
    """Queues a mail rendered from `mail/<template>.txt`, which is a subject, an empty line, and paragraphs.

    The template knows whether `replies_are_read`, so that no mail asks for an answer that nobody would see.

    With WORK=inline it is sent when the transaction commits, otherwise by the worker.
    """
    with translation.override(language):
        shared = {"site": settings.SITE_URL, "replies_are_read": bool(settings.REPLY_TO_EMAIL)}
        text = render_to_string(f"mail/{template}.txt", {**context, **shared})
        subject, _, body = text.strip().partition("\n\n")
        subject = " ".join(subject.split())
        paragraphs = [paragraph.strip() for paragraph in body.split("\n\n")]
        html = render_to_string(
            "mail/letter.html", {"subject": subject, "paragraphs": paragraphs, "language": language}
        )
    email = Email.objects.create(
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[to],
        subject=subject,
        message="\n\n".join(paragraphs) + "\n",
        html_message=html,
        message_id=f"<{uuid4().hex}@{urlsplit(settings.SITE_URL).hostname}>",  # the same for a second copy
        headers={**automatic_headers(), **(headers or {})},
        status=STATUS.queued,
        priority=PRIORITY.medium,
    )
    if settings.WORK == "inline":
        transaction.on_commit(lambda: deliver(email), robust=True)
    return email


def automatic_headers() -> dict[str, str]:
    """Headers that keep autoresponders quiet (RFC 3834), and send replies to where they are read."""
    headers = {"Auto-Submitted": "auto-generated"}
    if settings.REPLY_TO_EMAIL:
        headers["Reply-To"] = settings.REPLY_TO_EMAIL
    return headers


def deliver(email: Email) -> bool:
    """Sends a mail now, if it is due and the server answers. Returns whether it was sent."""
    return bool(mail_delivery.deliver(email.pk, is_waited_for=True))


@job(every=timedelta(seconds=5), alone=False, last=True)
def deliver_due() -> None:
    mail_delivery.take_over()
    mail_delivery.deliver()


def keep_for_developer(message: EmailMessage) -> None:
    """Saves a copy of a mail for /dev/mail/, so that a demo needs no mail server. Used with DEBUG only."""
    settings.DEV_MAILBOX.mkdir(parents=True, exist_ok=True)
    name = f"{timezone.now():%Y%m%dT%H%M%S%f}.eml"
    (settings.DEV_MAILBOX / name).write_bytes(message.message().as_bytes())
