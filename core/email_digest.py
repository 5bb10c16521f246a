"""Keyed digests of e-mail addresses, which find a person again without keeping the address."""

from django.conf import settings
from django.utils.crypto import salted_hmac

SALT = "privacy.finding"  # data, not a module path: never changes


def email_digest(email: str, *, key: str | None = None) -> str:
    """The digest of an address in whatever case, 64 hexadecimal digits; `key` is SECRET_KEY unless given."""
    return salted_hmac(SALT, normalize_email(email), secret=key, algorithm="sha256").hexdigest()


def email_digests(email: str) -> tuple[str, ...]:
    """One digest for each key in use (SECRET_KEY and SECRET_KEY_FALLBACKS): rows keep that of the key of their day."""
    return tuple(email_digest(email, key=key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def normalize_email(email: str) -> str:
    return email.strip().lower()
