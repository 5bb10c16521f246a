"""The mail backend that makes the token of a magic link while its mail is sent, so that no queue ever holds one."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from core import mail
from privacy.account.magic_links import HEADER, mint_token


class LinkMintingBackend(BaseEmailBackend):
    """Puts the token into a mail while it is sent, then hands it to the real backend (EMAIL_URL)."""

    def __init__(self, fail_silently: bool = False, **options: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self.real = get_connection(settings.EMAIL_BACKEND, fail_silently=fail_silently, **options)

    def open(self) -> bool | None:
        return self.real.open()

    def close(self) -> None:
        self.real.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            self._mint(message)
            if settings.DEBUG:
                mail.keep_for_developer(message)
        return self.real.send_messages(email_messages) or 0

    def _mint(self, message: EmailMessage) -> None:
        pk, _, place = message.extra_headers.pop(HEADER, "").partition(" ")
        if not place:
            return
        token = mint_token(pk)
        message.body = message.body.replace(place, token)
        message.alternatives = [  # type: ignore[attr-defined]  # a plain text gets an empty list
            type(part)(part.content.replace(place, token), part.mimetype)
            for part in getattr(message, "alternatives", [])
        ]
