"""Mail to visitors, queued in the transaction that causes it and delivered after the commit.

django-post-office stores the queue and shows it to staff. Delivery is our own, for two reasons: the waits between tries
grow, and several processes may deliver at the same time, since each claims a mail before sending it.
"""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from post_office.models import PRIORITY, STATUS, Email

from core.jobs import job

log = logging.getLogger(__name__)

# Long enough to outlast a mail server that is down overnight.
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720))
LEASE = timedelta(minutes=10)  # after this a mail claimed by a process that was killed is sent again
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
    """Sends a queued mail, unless another process has claimed it. Returns whether it was sent."""
    now = timezone.now()
    waiting = Q(scheduled_time=None) | Q(scheduled_time__lte=now)
    claimable = Email.objects.filter(waiting, pk=email.pk, status__in=(STATUS.queued, STATUS.requeued))
    if not claimable.update(scheduled_time=now + LEASE, last_updated=now):
        return False
    try:
        email.dispatch(commit=False)
    except Exception as error:  # noqa: BLE001  any failure of server or library is retried
        _retry_later(email, error)
        return False
    Email.objects.filter(pk=email.pk).update(status=STATUS.sent, last_updated=timezone.now())
    return True


def _retry_later(email: Email, error: Exception) -> None:
    # The error's message may contain the e-mail address, so only its type is logged.
    log.warning("Mail %s was not sent: %s", email.pk, type(error).__name__)
    tries = email.number_of_retries or 0
    now = timezone.now()
    email.logs.create(status=STATUS.failed, exception_type=type(error).__name__, message=str(error))
    if tries < len(WAITS):
        change = {"status": STATUS.requeued, "number_of_retries": tries + 1, "scheduled_time": now + WAITS[tries]}
    else:
        change = {"status": STATUS.failed}
    Email.objects.filter(pk=email.pk).update(last_updated=now, **change)


@job(every=timedelta(seconds=5))
def deliver_due() -> None:
    now = timezone.now()
    due = Q(scheduled_time=None) | Q(scheduled_time__lte=now)
    for email in Email.objects.filter(due, status__in=(STATUS.queued, STATUS.requeued)).order_by("-priority", "pk")[
        :200
    ]:
        deliver(email)


def keep_for_developer(message: EmailMessage) -> None:
    """Saves a copy of a mail for /dev/mail/, so that a demo needs no mail server. Used with DEBUG only."""
    settings.DEV_MAILBOX.mkdir(parents=True, exist_ok=True)
    name = f"{timezone.now():%Y%m%dT%H%M%S%f}.eml"
    (settings.DEV_MAILBOX / name).write_bytes(message.message().as_bytes())
