"""Ports to listen on, each handed out once, and none that the kernel might give to a connection meanwhile."""

import random
import socket
from contextlib import suppress

BELOW_EPHEMERAL = range(12_000, 32_000)
given: set[int] = set()


def free_port() -> int:
    while True:
        port = random.choice(BELOW_EPHEMERAL)
        if port not in given:
            with suppress(OSError), socket.create_server(("127.0.0.1", port)):
                given.add(port)
                return port
