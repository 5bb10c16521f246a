"""Rate limits, counted in the database so that they hold across processes and machines.

Limits that several apps share, or that only privacy has, are at the end; others are in `<app>/rate_limits.py`.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core.email_address import mailbox
from privacy.models import Attempt

LONGEST = timedelta(hours=6)  # time of any limit; older attempts are purged

SALT = "privacy.limits"  # data, not a module path: never changes


@dataclass(frozen=True)
class Limit:
    """At most `most` attempts by a client `within` a time. Limits of the same `scope` count together."""

    scope: str
    most: int
    within: timedelta

    def __post_init__(self) -> None:
        if self.within > LONGEST:
            raise ValueError(f"{self.scope}: attempts are forgotten after {LONGEST}")

    def spend(self, client: str) -> int:
        """Counts one attempt. Returns 0 if it is within the limit, else the seconds to wait before the next one.

        Of many requests at once, on however many machines, just as many pass as are allowed. A refused attempt doesn't
        count against later ones. Never call this inside a transaction, which would hold up others until its end.
        """
        with turn(self.digest(client)):
            now = timezone.now()
            wait = wait_after(self.attempts(client), most=self.most - 1, within=self.within, now=now)
            if not wait:
                Attempt.objects.create(scope=self.scope, client_digest=self.digest(client), at=now)
        return wait

    def give_back(self, client: str) -> None:
        """Takes back the last attempt, if something else has refused it."""
        with turn(self.digest(client)):
            last = self.attempts(client).order_by("-at").first()
            if last:
                last.delete()

    def attempts(self, client: str) -> QuerySet[Attempt]:
        return Attempt.objects.filter(scope=self.scope, client_digest=self.digest(client))

    def digest(self, client: str) -> str:
        return salted_hmac(f"{SALT}.{self.scope}", client, algorithm="sha256").hexdigest()


class MailLimit(Limit):
    """Counts by mailbox: else whoever adds `+1`, `+2` … to somebody's address could send mails without end."""

    def digest(self, client: str) -> str:
        return super().digest(mailbox(client))


@contextmanager
def turn(*digests: str) -> Iterator[None]:
    """A transaction in which nobody else counts attempts with these digests. SQLite has one writer anyway."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            # In one order for all, so that two never deadlock.
            keys = [int.from_bytes(bytes.fromhex(digest)[:8], "big", signed=True) for digest in sorted(digests)]
            with connection.cursor() as cursor:
                cursor.execute("SELECT " + ", ".join(["pg_advisory_xact_lock(%s)"] * len(keys)), keys)
        yield


def wait_after(attempts: QuerySet, *, most: int, within: timedelta, now: datetime) -> int:
    """0 if at most `most` attempts are `within` the time before `now`, else the seconds until the oldest is outside."""
    since = attempts.filter(at__gt=now - within)
    times = list(since.order_by("at").values_list("at", flat=True)[: most + 1])
    if len(times) <= most:
        return 0
    oldest = times[0] if times else now  # none where a limit lets nobody through
    return max(1, math.ceil((oldest + within - now).total_seconds()))


def spend_for_mail(limit: Limit, client: str, email: str) -> int:
    """Counts one attempt of the client and one mail to `email`: both, or neither. Returns what `spend` does."""
    wait = limit.spend(client)
    if not wait and (wait := MAILS.spend(email)):
        limit.give_back(client)
    return wait


def give_back_for_mail(limit: Limit, client: str, email: str) -> None:
    limit.give_back(client)
    MAILS.give_back(email)


MAILS = MailLimit("mails", 3, timedelta(hours=6))
LINKS = Limit("links", 60, timedelta(hours=1))
CORRECTIONS = Limit("corrections", 3, timedelta(hours=6))  # of the e-mail address that something was sent with
REPORTS = Limit("reports", 30, timedelta(hours=1))
DOWNLOADS = Limit("downloads", 10, timedelta(hours=1))
QUESTIONS = Limit("questions", 5, timedelta(hours=6))
CHOICES = Limit("choices", 300, timedelta(hours=1))  # about cookies: as many as a school behind one IP address makes
