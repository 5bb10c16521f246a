"""A signed timestamp in a form, which spots bots without a captcha.

Bots submit a form at once, or replay one that they fetched long ago.
"""

import time
from datetime import timedelta

from django.core.signing import BadSignature, Signer, TimestampSigner, b62_decode

MIN_AGE = timedelta(seconds=2)
MAX_AGE = timedelta(days=1)

SALT = "suggestions.timing"  # part of what is signed: must never change, whatever this module is called
signer = TimestampSigner(salt=SALT)


class TooFast(Exception):
    """The form came back sooner than a person could have filled it in."""


class TooOld(Exception):
    """The form is older than MAX_AGE, so a bot may be replaying it."""


def sign_now() -> str:
    """Returns a signed timestamp of this moment."""
    return signer.sign("form")


def is_genuine(text: str) -> bool:
    """Returns whether the timestamp bears our signature. Raises TooFast or TooOld if it does but its age is wrong."""
    try:
        signed = Signer.unsign(signer, text)
        age = timedelta(seconds=time.time() - b62_decode(signed.rpartition(signer.sep)[2]))
    except (BadSignature, ValueError):
        return False
    if age > MAX_AGE:
        raise TooOld
    if timedelta() <= age < MIN_AGE:  # one from the future is as old as a clock was set back, or more
        raise TooFast
    return True
