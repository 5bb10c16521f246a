"""Delivers queued mails, by any number of processes at once.

    claimed    before it is sent: a row that is SENDING until `scheduled_time`, which nobody else takes
    sent       the server has answered that it takes the mail
    requeued   the server refuses it for now: tried again after growing waits
    failed     the server refuses the recipient or the mail for good, or the waits are over: staff see it, and why

What is not the mail's fault (no connection, no sign-in, a refused sender) doesn't count as a try: it waits with all
others until the server has answered again (core/mail_server.py). A mail on which the server breaks off twice while it
takes others is at fault itself.

One case stays unclear: the whole mail was sent, but whether the server took it isn't known, since the connection broke
or the process was killed before it recorded the answer. Such a mail is in doubt: it is counted, and sent once more with
the same Message-ID. If that ends in doubt too, it has failed.
"""

import logging
import math
import smtplib
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.db import Error, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from post_office.models import STATUS, Email
from post_office.settings import get_backend

from core import jobs, mail_server
from core.smtp import Conversation, reply_code

log = logging.getLogger(__name__)

# Long enough to outlast a mailbox that is full overnight.
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720))
SENDING = None  # the status of a mail that is being sent
LEASE = timedelta(minutes=1)  # how long it may be: after this, its process must have been killed
MAILS_PER_CONNECTION = 50  # servers allow a hundred or so
RECORD_PAUSES = (0.2, 0.5, 1, 2, 4)  # seconds between tries to record an outcome while the database restarts

IN_DOUBT = "InDoubt"  # in the log of a mail, in the place of an error's type
IN_DOUBT_BECAUSE = "It was sent, but the mail server's answer is not known. It may arrive twice."

SIGN_IN = frozenset({530, 534, 535, 538})  # codes of replies that ask us to sign in (RFC 4954)
CLOSING = 421


@dataclass(frozen=True)
class Timeouts:
    """How many seconds each part may take in all. A mail and its answer together take less than LEASE."""

    connect: float  # with encryption and sign-in
    mail: float  # up to its end
    answer: float


WORKING = Timeouts(connect=45, mail=25, answer=30)
WAITED_FOR = Timeouts(connect=5, mail=5, answer=10)  # while somebody waits for a page


class Outcome(Enum):
    SENT = auto()
    NOT_SENT = auto()
    NOTHING_DUE = auto()
    SERVER_FAILED = auto()


class Blame(Enum):
    SERVER = auto()  # or whoever set it up
    MAIL_FOR_NOW = auto()
    MAIL_FOR_GOOD = auto()


@dataclass(frozen=True)
class Claim:
    """A mail that only this process may send, until then."""

    email: Any  # as it was before it was claimed
    until: datetime


def deliver(pk: int | None = None, *, is_waited_for: bool = False) -> int:
    """Sends all mails that are due, or only the given one if it is due. Returns how many were sent.

    While somebody waits for it, it gives up sooner and doesn't try a server that fails.
    """
    sent = 0
    if due(pk).exists() and mail_server.may_try(even_if_failing=not is_waited_for):
        is_brief = is_waited_for or jobs.seconds_left() < math.inf  # in a web process, after a response
        server = ServerConnection(WAITED_FOR if is_brief else WORKING)
        try:
            goes_on = True
            while goes_on:
                outcome = server.send_next(pk)
                sent += outcome is Outcome.SENT
                answered = outcome in {Outcome.SENT, Outcome.NOT_SENT}
                goes_on = answered and pk is None and jobs.seconds_left() > 0
        finally:
            server.close()
    return sent


def due(pk: int | None = None) -> "QuerySet[Email]":
    """New mails first, then those that have waited longest, lest a server be tried only with a mail it fails on."""
    is_due = Q(scheduled_time=None) | Q(scheduled_time__lte=timezone.now())
    emails = Email.objects.filter(is_due, status__in=(STATUS.queued, STATUS.requeued))
    return (emails if pk is None else emails.filter(pk=pk)).order_by(
        "-priority", F("scheduled_time").asc(nulls_first=True), "pk"
    )


def unsent() -> "QuerySet[Email]":
    """Mails that will be tried, now or later, or are being sent."""
    return Email.objects.filter(Q(status=SENDING) | Q(status__in=(STATUS.queued, STATUS.requeued)))


def claim_next(pk: int | None = None) -> Claim | None:
    with transaction.atomic():
        email = due(pk).select_for_update(skip_locked=True).first()
        if email is None:
            return None
        now = database_now()
        claim = Claim(email, until=now + LEASE)
        Email.objects.filter(pk=email.pk).update(status=SENDING, scheduled_time=claim.until, last_updated=now)
    return claim


def database_now() -> datetime:
    """The one clock by which all machines tell whether a claim is over: theirs may be wrong."""
    if connection.vendor != "postgresql":  # there is one machine
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


class ServerConnection:
    """A connection to the mail server, which is opened before a mail is claimed and renewed now and then."""

    def __init__(self, timeouts: Timeouts) -> None:
        self.timeouts = timeouts
        self.conversation = Conversation(answer=timeouts.answer)
        self.backend: Any = None
        self.mails = 0  # that went over the open connection
        self.cut_off: set[int] = set()  # mails on which the server broke off after it had taken others

    def send_next(self, pk: int | None) -> Outcome:
        try:
            self.open()
        except Exception as error:  # noqa: BLE001  whatever a backend or a library raises
            self.hang_up()
            if not jobs.stopping.is_set():
                mail_server.failed(error)
            return Outcome.SERVER_FAILED
        claim = claim_next(pk)
        return self.send(claim) if claim else Outcome.NOTHING_DUE

    def open(self) -> None:
        if self.backend and self.mails < MAILS_PER_CONNECTION:
            return
        self.close()
        self.conversation.begin(self.timeouts.connect)
        timeout = min(settings.EMAIL_TIMEOUT, self.timeouts.connect)
        self.backend = get_connection(get_backend("default"), timeout=timeout, conversation=self.conversation)
        self.backend.open()

    def close(self) -> None:
        if self.backend:
            self.backend.close()
        self.backend, self.mails = None, 0

    def hang_up(self) -> None:
        """Closes the connection without a word, as nobody may be listening."""
        self.conversation.begin(0)
        self.close()

    def send(self, claim: Claim) -> Outcome:
        self.conversation.begin(self.timeouts.mail)
        try:
            claim.email.dispatch(commit=False, disconnect_after_delivery=False, connection=self.backend)
        except Error:  # of the database, before anything was sent
            put_back(claim)
            raise
        except Exception as error:  # noqa: BLE001  any failure of server or library
            return self.not_sent(claim, error)
        record(claim, status=STATUS.sent)
        self.count()
        return Outcome.SENT

    def count(self) -> None:
        if not self.mails:
            mail_server.answered()
        self.mails += 1

    def not_sent(self, claim: Claim, error: Exception) -> Outcome:
        blame = blame_for(error)
        if claim.email.pk in self.cut_off and not self.conversation.in_doubt:  # a second time: the others went through
            refuse(claim, error, for_good=False)
            self.hang_up()
            return Outcome.NOT_SENT
        if blame is not Blame.SERVER:
            refuse(claim, error, for_good=blame is Blame.MAIL_FOR_GOOD)
            self.count()
            return Outcome.NOT_SENT
        if self.conversation.in_doubt:
            doubt(claim)
        else:
            put_back(claim)
        had_enough = self.mails and not self.conversation.in_doubt  # servers may limit the mails of a connection
        self.hang_up()
        if had_enough:
            self.cut_off.add(claim.email.pk)
        if had_enough or jobs.stopping.is_set():
            return Outcome.NOT_SENT
        mail_server.failed(error)
        return Outcome.SERVER_FAILED


def blame_for(error: Exception) -> Blame:
    """Whose fault it is that a mail was not sent."""
    code = reply_code(error)
    of_server = (
        smtplib.SMTPSenderRefused,
        smtplib.SMTPAuthenticationError,
        smtplib.SMTPHeloError,
        smtplib.SMTPConnectError,
        smtplib.SMTPServerDisconnected,
    )
    if isinstance(error, of_server) or code in SIGN_IN or code == CLOSING:
        return Blame.SERVER
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return Blame.SERVER
    return Blame.MAIL_FOR_GOOD if 500 <= code < 600 else Blame.MAIL_FOR_NOW


# Outcomes


def refuse(claim: Claim, error: Exception, *, for_good: bool) -> None:
    # The error's message may contain the e-mail address, so only its type is logged.
    log.warning("Mail %s was not sent: %s", claim.email.pk, type(error).__name__)
    tries = claim.email.number_of_retries or 0
    reason = {"exception_type": type(error).__name__, "message": str(error)}
    if for_good or tries >= len(WAITS):
        record(claim, reason, status=STATUS.failed)
    else:
        again = timezone.now() + WAITS[tries]
        record(claim, reason, status=STATUS.requeued, number_of_retries=tries + 1, scheduled_time=again)


def doubt(claim: Claim) -> None:
    """Counts a mail in doubt, and queues it once more."""
    log.warning("Mail %s was sent, but perhaps not taken", claim.email.pk)
    again = not claim.email.logs.filter(exception_type=IN_DOUBT).exists()
    status = STATUS.requeued if again else STATUS.failed
    reason = {"exception_type": IN_DOUBT, "message": IN_DOUBT_BECAUSE}
    if record(claim, reason, status=status, scheduled_time=timezone.now()) and again:
        mail_server.count_doubt()


def put_back(claim: Claim) -> None:
    """Queues a mail again that was certainly not sent, behind those that weren't tried."""
    record(claim, status=claim.email.status, scheduled_time=timezone.now())


def record(claim: Claim, reason: dict[str, str] | None = None, **outcome: Any) -> bool:
    """Ends a claim, with a log for staff. Returns False if the claim has run out or the mail is gone.

    Keeps trying for a while: else a mail that was sent while the database restarts would be sent again.
    """
    for pause in (*RECORD_PAUSES, None):
        try:
            return _record(claim, reason, outcome)
        except (OperationalError, InterfaceError):
            if pause is None or connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(pause)
    raise AssertionError


@transaction.atomic
def _record(claim: Claim, reason: dict[str, str] | None, outcome: dict[str, Any]) -> bool:
    claimed = Email.objects.filter(pk=claim.email.pk, status=SENDING, scheduled_time=claim.until)
    if not claimed.update(last_updated=timezone.now(), **outcome):
        return False
    if reason:
        claim.email.logs.create(status=STATUS.failed, **reason)
    return True


def take_over() -> None:
    """Queues mails that killed processes were sending."""
    left = Email.objects.filter(status=SENDING, scheduled_time__lte=database_now())
    for pk in list(left.values_list("pk", flat=True)):
        with transaction.atomic():
            email = left.select_for_update(skip_locked=True).filter(pk=pk).first()
            if email:
                doubt(Claim(email, until=email.scheduled_time))


def send_again(emails: "QuerySet[Email]") -> int:
    """Queues mails again that were sent or have failed, when staff ask for it. Returns how many."""
    return emails.filter(status__in=(STATUS.sent, STATUS.failed)).update(
        status=STATUS.queued, scheduled_time=None, number_of_retries=0
    )
