"""Keyed digests of e-mail addresses, which find a person again without keeping the address.

A digest is the id of its key, a full stop and 56 hexadecimal digits: `3f0a92c.9ce1…`. Rows keep that of the day they
were made, so each tells which key it needs. Rows of older versions hold 64 digits, of some key that was in use.
"""

from functools import lru_cache

from django.conf import settings
from django.utils.crypto import salted_hmac

from core.email_address import other_spellings

SALT, KEY_SALT = "privacy.finding", "privacy.key"  # data, not module paths: they never change
ID_DIGITS, DIGITS = 7, 56


@lru_cache(maxsize=32)
def key_id(key: str) -> str:
    """A name for a key, which reveals nothing about it."""
    return salted_hmac(KEY_SALT, "", secret=key, algorithm="sha256").hexdigest()[:ID_DIGITS]


def keys() -> tuple[str, ...]:
    """Those in use, SECRET_KEY first."""
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def email_digest(email: str, *, key: str | None = None) -> str:
    """The digest of an e-mail address whatever its case, 64 characters; `key` is SECRET_KEY unless given."""
    key = key or settings.SECRET_KEY
    return named(unnamed_digest(email, key), key)


def unnamed_digest(email: str, key: str) -> str:
    """The digest as older versions wrote it."""
    return salted_hmac(SALT, normalize_email(email), secret=key, algorithm="sha256").hexdigest()


def named(unnamed: str, key: str) -> str:
    """The digest for one of an older version."""
    return f"{key_id(key)}.{unnamed[:DIGITS]}"


def email_digests(email: str) -> tuple[str, ...]:
    """All that rows about an e-mail address may hold: for each key in use, with and without its id.

    Each spelling of the domain has its own too, since rows may be older than the canonical form of addresses.
    """
    spellings = (email, *sorted(other_spellings(normalize_email(email))))
    unnamed = [(unnamed_digest(spelling, key), key) for spelling in spellings for key in keys()]
    return tuple(named(digest, key) for digest, key in unnamed) + tuple(digest for digest, _key in unnamed)


def normalize_email(email: str) -> str:
    return email.strip().lower()
