"""Who may have photos decoded now: a few at once on each machine, over all of its processes.

Each place is a lock on a file of the code, which every machine has. The kernel releases it when its process ends,
however that happens.
"""

import fcntl
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from core.pictures.decoding import DECODER

PAUSE = 0.1  # seconds between two looks


def places_for(decoders: int) -> list[Path]:
    modules = sorted(set(Path(__file__).parent.glob("*.py")) - {DECODER})
    return modules[:decoders]


DECODERS = places_for(settings.PHOTO_DECODERS)

# Clients that send very many share one place, so that they use no more than one processor of each machine.
HEAVY_CLIENT = [DECODER]


@contextmanager
def turn(*, is_heavy: bool, patience: float) -> Iterator[bool]:
    """Takes a turn to decode photos for the block. Yields whether it came within `patience` seconds."""
    until = time.monotonic() + patience
    with ExitStack() as turns:
        may_go_on = not is_heavy or turns.enter_context(place(HEAVY_CLIENT, patience=patience))
        yield may_go_on and turns.enter_context(place(DECODERS, patience=until - time.monotonic()))


@contextmanager
def place(places: Sequence[Path], *, patience: float) -> Iterator[bool]:
    """Takes one of the places for the block. Yields whether one was free within `patience` seconds."""
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("rb")) for path in places]
        deadline = time.monotonic() + patience
        while not (is_taken := any(lock(file) for file in files)) and time.monotonic() < deadline:
            time.sleep(PAUSE)
        yield is_taken


def lock(file: BinaryIO) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
