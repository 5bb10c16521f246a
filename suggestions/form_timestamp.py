"""A signed timestamp in a form, which spots bots without a captcha.

Bots submit a form at once, or replay one that they fetched long ago.
"""

from datetime import timedelta

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner

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
        signer.unsign(text, max_age=MAX_AGE)
    except SignatureExpired as error:
        raise TooOld from error
    except (BadSignature, ValueError):
        return False
    try:
        signer.unsign(text, max_age=MIN_AGE)
    except SignatureExpired:
        return True
    raise TooFast
