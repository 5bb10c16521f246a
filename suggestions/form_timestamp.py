"""The signed time in a form: machines send at once, or long after they have fetched it. No captcha is needed."""

from datetime import timedelta

from django.core.signing import BadSignature, SignatureExpired, TimestampSigner

SHORTEST = timedelta(seconds=2)
LONGEST = timedelta(days=1)

SALT = "suggestions.timing"  # data, not a module path: never changes
signer = TimestampSigner(salt=SALT)


class TooFast(Exception):
    """Nobody reads and writes that quickly."""


class TooOld(Exception):
    """The form may be one that a machine has kept."""


def stamp() -> str:
    return signer.sign("form")


def is_ours(text: str) -> bool:
    """Whether the time is one that we have signed. Raises TooFast and TooOld for such a one."""
    try:
        signer.unsign(text, max_age=LONGEST)
    except SignatureExpired as error:
        raise TooOld from error
    except (BadSignature, ValueError):
        return False
    try:
        signer.unsign(text, max_age=SHORTEST)
    except SignatureExpired:
        return True
    raise TooFast
