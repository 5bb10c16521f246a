"""Whether the mail server takes mail: a circuit breaker that all processes share.

After a failure of the server itself, rather than a refused recipient, mails wait. One process at a time then tries it
with one mail, after pauses that grow. As soon as the server has answered, all mails go out.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.models import MailServer
from core.smtp import reply_code

log = logging.getLogger(__name__)

PAUSES = tuple(timedelta(seconds=s) for s in (5, 10, 20, 40, 60))  # after the first failure in a row, the second, …
TURN = timedelta(minutes=2)  # for one try; the next process may have it if this one was killed
THE_ONE = 1  # the primary key of the only row


def state() -> MailServer:
    """The state of the server now. Not to be saved."""
    return MailServer.objects.filter(pk=THE_ONE).first() or MailServer(pk=THE_ONE)


def may_try(*, even_if_failing: bool) -> bool:
    """Whether this process may send mail now. With `even_if_failing=False`, not while the server fails."""
    if not state().failures:
        return True
    now = timezone.now()
    turn = MailServer.objects.filter(pk=THE_ONE, failures__gt=0, next_try_at__lte=now)
    return even_if_failing and bool(turn.update(next_try_at=now + TURN))


def answered() -> None:
    MailServer.objects.filter(pk=THE_ONE, failures__gt=0).update(
        failures=0, failing_since=None, next_try_at=None, problem=""
    )


def failed(error: Exception) -> None:
    problem = describe(error)
    with transaction.atomic():
        server = locked_row()
        pause = PAUSES[min(server.failures, len(PAUSES) - 1)]
        now = timezone.now()
        server.failures += 1
        server.failing_since = server.failing_since or now
        server.next_try_at = now + pause
        server.problem = problem
        server.save(update_fields=["failures", "failing_since", "next_try_at", "problem"])
    log.warning("The mail server takes no mail: %s; it is tried again in %d s", problem, pause.total_seconds())


def count_doubt() -> None:
    """Counts a mail that may arrive twice."""
    with transaction.atomic():
        MailServer.objects.filter(pk=locked_row().pk).update(doubts=F("doubts") + 1)


def locked_row() -> MailServer:
    """The row, locked in the current transaction."""
    MailServer.objects.get_or_create(pk=THE_ONE)
    return MailServer.objects.select_for_update().get(pk=THE_ONE)


def describe(error: Exception) -> str:
    """The type of an error and the code of a reply. Its text could name a recipient."""
    return f"{type(error).__name__} {reply_code(error) or ''}".strip()
