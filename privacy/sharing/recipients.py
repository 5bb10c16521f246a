"""Lists the recipients of personal data today, for the policy, without knowing the apps.

An app registers in the `ready()` of its configuration what tells its recipients.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Recipient:
    """Somebody who gets something from people who agree, in the active language."""

    name: str
    address: str
    policy: str
    occasion: str
    fields: list[str]
    purpose: str
    until: date
    at_least: int | None  # how many have agreed, coarsely; None: too few to tell


RECIPIENTS: list[Callable[[], Iterable[Recipient]]] = []


def register(recipients: Callable[[], Iterable[Recipient]]) -> None:
    if recipients not in RECIPIENTS:  # an app may get ready more than once
        RECIPIENTS.append(recipients)


def now() -> list[Recipient]:
    return [recipient for recipients in RECIPIENTS for recipient in recipients()]
