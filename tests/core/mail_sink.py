"""A mail server on loopback that behaves as a test wants, well or badly."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

SILENCE = "silence"  # in the place of a reply: none, as long as the client waits
GONE = "gone"  # the connection breaks

# What it says at EHLO, MAIL, RCPT or DATA (once it has the mail) to an address; None: that it takes it
Behaviour = Callable[[str, str], str | None]


def well(step: str, address: str) -> None:
    pass


def at(step: str, reply: str) -> Behaviour:
    """A server that says so at that step."""
    return lambda now, _address: reply if now == step else None


class Sink:
    def __init__(self, behaviour: Behaviour = well) -> None:
        self.behaviour = behaviour
        self.taken: list[tuple[str, str]] = []  # recipients and Message-IDs, of all that it has got as a whole
        self.connections = 0
        self.steps: list[str] = []
        self.port = 0

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]) -> Any:  # noqa: N802  aiosmtpd's name
        self.connections += 1
        session.host_name = hostname
        reply = await self.say(server, "EHLO", "")
        return responses if reply is None else [reply]

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802  aiosmtpd's name
        envelope.mail_from = address
        return await self.say(server, "MAIL", address) or "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802  aiosmtpd's name
        envelope.rcpt_tos.append(address)
        return await self.say(server, "RCPT", address) or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        (address,) = envelope.rcpt_tos
        self.taken.append((address, message_from_bytes(envelope.content)["Message-ID"]))
        return await self.say(server, "DATA", address) or "250 OK"

    async def say(self, server: Any, step: str, address: str) -> str | None:
        self.steps.append(step)
        reply = self.behaviour(step, address)
        if reply == SILENCE:
            await asyncio.sleep(3600)
        if reply == GONE:
            server.transport.abort()
        return reply

    @property
    def recipients(self) -> list[str]:
        return [address for address, _message in self.taken]


@contextmanager
def listening(sink: Sink, *, port: int = 0, **options: Any) -> Iterator[Sink]:
    """The server while it runs."""
    controller = Controller(sink, hostname="127.0.0.1", port=port or free_port(), ready_timeout=30, **options)
    sink.port = controller.port
    controller.start()
    sink.connections = 0
    try:
        yield sink
    finally:
        controller.stop(no_assert=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def refuse_sign_in(server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=False, handled=False)


@contextmanager
def dripping(letters: bytes, seconds: float) -> Iterator[int]:
    """The port of a server that sends one letter after another, and never the end of a line."""
    over = threading.Event()

    def drip() -> None:
        call, _address = server.accept()
        with call:
            for letter in letters:
                if over.wait(seconds):
                    break
                call.send(bytes([letter]))

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip)
        thread.start()
        yield server.getsockname()[1]
        over.set()
        thread.join()
