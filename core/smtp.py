"""SMTP that ends in time, and knows whether the server may have taken a mail.

Python's timeout applies to each packet, so a server that sends a byte now and then can hold a client for hours. Here it
applies to each reply, and a conversation has a deadline of its own, except for the answer to a whole mail. Once the
process is told to stop, a few seconds are left.
"""

import math
import smtplib
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.mail.backends import smtp

from core import jobs

END_OF_MAIL = b"\r\n.\r\n"
TICK = 0.5  # seconds after which a client that waits checks whether it is to stop
LAST_WORDS = 4  # seconds to wait for the server once the process is to stop
GOODBYE = 2  # seconds to wait for the answer to QUIT


@dataclass
class Conversation:
    """How long a conversation with the server may last, and whether the mail at hand is in doubt."""

    answer: float = 30  # seconds to wait for the answer to a whole mail: not to know it is costly
    end: float = math.inf  # monotonic seconds
    in_doubt: bool = False  # whether the whole mail was sent, but the server's answer to it isn't known

    def begin(self, seconds: float) -> None:
        """Begins a part that must be over within so many seconds: a greeting, a mail."""
        self.end = time.monotonic() + seconds
        self.in_doubt = False


class Replies:
    """The server's replies, which smtplib reads like a file. Raises TimeoutError at the end of the conversation."""

    def __init__(self, sock: Any, timeout: float, conversation: Conversation) -> None:
        self.sock = sock
        self.timeout = timeout
        self.conversation = conversation
        self.received = b""

    def readline(self, limit: int) -> bytes:
        timeout = self.conversation.answer if self.conversation.in_doubt else self.timeout
        end = min(time.monotonic() + timeout, self.conversation.end)
        while b"\n" not in self.received and len(self.received) < limit:
            chunk = self.receive(end)
            if not chunk:
                break
            self.received += chunk
        size = min(limit, self.received.find(b"\n") + 1 or limit)
        line, self.received = self.received[:size], self.received[size:]
        return line

    def receive(self, end: float) -> bytes:
        told_to_stop = False
        try:
            while True:
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError("no reply in time")
                self.sock.settimeout(min(TICK, left))
                with suppress(TimeoutError):
                    return bytes(self.sock.recv(4096))
                if jobs.stopping.is_set() and not told_to_stop:
                    told_to_stop = True
                    end = min(end, time.monotonic() + LAST_WORDS)
        finally:
            self.sock.settimeout(self.timeout)

    def close(self) -> None:
        """The socket is closed by smtplib."""


class Client(smtplib.SMTP):
    def __init__(self, *args: Any, conversation: Conversation, **kwargs: Any) -> None:
        self.conversation = conversation
        super().__init__(*args, **kwargs)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = Replies(self.sock, self.timeout, self.conversation)
        reply = super().getreply()
        self.conversation.in_doubt = False
        return reply

    def send(self, s: Any) -> None:
        super().send(s)
        # Without these last bytes no server takes a mail, however much of it has come.
        if isinstance(s, bytes) and s.endswith(END_OF_MAIL):
            self.conversation.in_doubt = True
            self.conversation.end = time.monotonic() + self.conversation.answer


class SSLClient(Client, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """Django's, with a conversation that the sender may watch and limit."""

    def __init__(self, *args: Any, conversation: Conversation | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conversation = conversation or Conversation()

    @property
    def connection_class(self) -> Callable[..., smtplib.SMTP]:  # type: ignore[override]
        return partial(SSLClient if self.use_ssl else Client, conversation=self.conversation)

    def close(self) -> None:
        """Says goodbye, briefly. Raises nothing: what was sent was sent."""
        self.conversation.end = min(self.conversation.end, time.monotonic() + GOODBYE)
        with suppress(OSError):
            super().close()


def reply_code(error: Exception) -> int:
    """The code of the reply that an error is about; 0 if there was none."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return min((code for code, _text in error.recipients.values()), default=0)  # our mails have one recipient
    return int(error.smtp_code) if isinstance(error, smtplib.SMTPResponseException) else 0
