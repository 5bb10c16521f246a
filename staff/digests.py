"""Keyed digests, kept instead of networks, user names and recovery codes."""

from django.conf import settings
from django.utils.crypto import salted_hmac

# Data, not module paths: they never change.
NETWORK, ACCOUNT, CODE = "staff.network", "staff.account", "staff.code"


def digests(salt: str, value: str) -> tuple[str, ...]:
    """64 hexadecimal digits for each key in use, SECRET_KEY's first: rows keep the digest of the day they were made."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return tuple(salted_hmac(salt, value, secret=key, algorithm="sha256").hexdigest() for key in keys)


def digest(salt: str, value: str) -> str:
    return digests(salt, value)[0]
