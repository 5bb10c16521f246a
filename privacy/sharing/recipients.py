"""Lists the recipients of personal data today, for the policy, without knowing the apps.

An app registers the function that lists its recipients in the `ready()` of its configuration.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Recipient:
    """Somebody who receives data of people who agree, described in the active language."""

    name: str
    url: str
    policy: str
    occasion: str
    fields: list[str]
    purpose: str
    until: date
    at_least: int | None  # how many have agreed, rounded down; None: too few to publish


RECIPIENTS: list[Callable[[], Iterable[Recipient]]] = []


def register(recipients: Callable[[], Iterable[Recipient]]) -> None:
    if recipients not in RECIPIENTS:  # `ready()` may run more than once
        RECIPIENTS.append(recipients)


def now() -> list[Recipient]:
    return [recipient for recipients in RECIPIENTS for recipient in recipients()]
