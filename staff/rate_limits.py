"""How often a password or a code may be wrong.

Counted in the database, so that it holds across processes and machines. Why there are four limits, and why a stranger
can't lock anybody out with them: docs/decisions/sign-ins-are-limited-by-network.md.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from core.http.client_ip import client_network
from privacy.rate_limits import turn, wait_after
from staff.digests import ACCOUNT, NETWORK, digest
from staff.models import KnownNetwork, SignInAttempt

LONGEST = timedelta(hours=6)  # of the limits below; older attempts are purged


@dataclass(frozen=True)
class Limit:
    """At most `most` wrong tries `within` a time, among those that agree in the fields `same`."""

    most: int
    within: timedelta
    same: tuple[str, ...]

    def wait(self, attempt: SignInAttempt) -> int:
        alike = SignInAttempt.objects.filter(**{name: getattr(attempt, name) for name in self.same})
        return wait_after(alike, most=self.most - 1, within=self.within, now=attempt.at)


PAIR = ("account_digest", "network_digest")
SOON = Limit(5, timedelta(minutes=5), PAIR)
LONG = Limit(20, LONGEST, PAIR)
# Tries from networks where the account has never signed in
ACCOUNT_FROM_STRANGE = Limit(30, timedelta(hours=1), ("account_digest", "is_known"))
STRANGE_NETWORK = Limit(60, timedelta(hours=1), ("network_digest", "is_known"))


@dataclass(frozen=True)
class Try:
    """A try that counts as wrong until `succeed`. With `wait`, it isn't allowed for so many seconds."""

    attempt: SignInAttempt
    wait: int

    def succeed(self) -> None:
        self.attempt.delete()


def begin(request: HttpRequest, username: str) -> Try:
    """Counts a try before it is checked, so that of many at once no more pass than are allowed.

    Never call this inside a transaction. A try that must wait doesn't count. A name that nobody has is treated like any
    other.
    """
    network = network_of(request)
    attempt = SignInAttempt(
        account_digest=account_digest(username),
        network_digest=digest(NETWORK, network),
        is_known=KnownNetwork.objects.of(network).filter(user__username=username).exists(),
        at=timezone.now(),
    )
    limits = (SOON, LONG) if attempt.is_known else (SOON, LONG, ACCOUNT_FROM_STRANGE, STRANGE_NETWORK)
    with turn(attempt.account_digest, attempt.network_digest):
        wait = max(limit.wait(attempt) for limit in limits)
        if not wait:
            attempt.save()
    return Try(attempt, wait)


def account_digest(username: str) -> str:
    return digest(ACCOUNT, username.casefold())


def network_of(request: HttpRequest) -> str:
    """The client's network, of the size that one household or office usually gets: /24 for IPv4, /64 for IPv6."""
    return client_network(request, ipv4_prefix=24)
