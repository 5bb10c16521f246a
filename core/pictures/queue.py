"""A queue for the pictures of clients that send very many: they wait for each other instead of being refused.

Nobody else waits for them, and they use no more than one processor of each machine. The locks are on files of the code,
which every machine has; the kernel releases a lock when its process ends, however that happens.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from core.pictures.masters import DECODER

# The files that are locked by the process whose turn it is, and by the one that waits
IN_TURN, WAITING = DECODER, Path(__file__)

LONGEST_WAIT = 15  # seconds
PAUSE = 0.05  # seconds between two looks


class QueueFull(Exception):
    """Another process waits already, or the wait took too long. Try again in a moment."""


@contextmanager
def turn_in_queue() -> Iterator[None]:
    """Waits for a turn and holds it within the block. One may wait: more would hold up the server. Raises QueueFull."""
    with IN_TURN.open("rb") as first, WAITING.open("rb") as second:
        if not lock(first):
            if not lock(second):
                raise QueueFull
            wait_for(first)
            fcntl.flock(second, fcntl.LOCK_UN)
        yield


def wait_for(place: BinaryIO) -> None:
    deadline = time.monotonic() + LONGEST_WAIT
    while not lock(place):
        if time.monotonic() > deadline:
            raise QueueFull
        time.sleep(PAUSE)


def lock(place: BinaryIO) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
