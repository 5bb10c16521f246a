"""Mail servers as they can be, for EMAIL_BACKEND."""

import smtplib
import time
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.locmem import EmailBackend as MemoryBackend


class Refusing(BaseEmailBackend):
    """Refuses every mail for now, with a text that names the address, as real servers do."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        raise smtplib.SMTPRecipientsRefused({email_messages[0].to[0]: (450, b"mailbox busy")})


class Slow(MemoryBackend):
    """Takes its time, so that whoever else wants to send the same mail has come by meanwhile."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        time.sleep(0.2)
        return super().send_messages(email_messages)
