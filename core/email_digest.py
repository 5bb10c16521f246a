"""Keyed digests of e-mail addresses, which find a person again without keeping the address."""

from django.conf import settings
from django.utils.crypto import salted_hmac

from core.email_address import other_spellings

SALT = "privacy.finding"  # data, not a module path: never changes


def email_digest(email: str, *, key: str | None = None) -> str:
    """The digest of an e-mail address whatever its case, 64 hexadecimal digits; `key` is SECRET_KEY unless given."""
    return salted_hmac(SALT, normalize_email(email), secret=key, algorithm="sha256").hexdigest()


def email_digests(email: str) -> tuple[str, ...]:
    """One digest for each key in use (SECRET_KEY and SECRET_KEY_FALLBACKS): rows keep that of the day they were made.

    Each spelling of the domain has its own too, since rows may be older than the canonical form of addresses.
    """
    spellings = (email, *sorted(other_spellings(normalize_email(email))))
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return tuple(email_digest(spelling, key=key) for spelling in spellings for key in keys)


def normalize_email(email: str) -> str:
    return email.strip().lower()
