"""The mail server, and what has come into each mailbox."""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from tests.core import mail_sink
from tests.core.mail_sink import Sink
from tests.faults.ports import free_port


class Post(Sink):
    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()
        self.mails: dict[str, list[str]] = defaultdict(list)  # their texts, by mailbox
        self.tries: Counter[str] = Counter()  # to send something to a mailbox

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802  aiosmtpd's name
        self.tries[address] += 1
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain",))
        assert body
        answer = await super().handle_DATA(server, session, envelope)
        if answer.startswith("250"):
            with self.lock:
                self.mails[envelope.rcpt_tos[0]].append(body.get_content().replace("\r\n", "\n"))
        return answer

    def to(self, address: str) -> list[str]:
        with self.lock:
            return list(self.mails[address])

    @contextmanager
    def listening(self) -> Iterator["Post"]:
        with mail_sink.listening(self, port=free_port()):
            yield self

    def doubled(self) -> int:
        """How many mails have come more than once."""
        return sum(times - 1 for times in Counter(self.taken).values())
