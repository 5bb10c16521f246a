"""A clock that can be turned while a process runs: CLOCK names a file with the seconds by which it is wrong.

Python imports this by itself in each process whose PYTHONPATH names this folder.
"""

import os
import threading
import time
from pathlib import Path

FILE = Path(os.environ["CLOCK"])
LOOK = 0.2  # seconds


def follow() -> None:
    offset = 0.0
    while True:
        wanted = float(FILE.read_text() or 0)
        if wanted != offset:
            turn(wanted)
            offset = wanted
        time.sleep(LOOK)


def turn(offset: float) -> None:
    import time_machine  # noqa: PLC0415  it imports much, and few processes live through this

    while time_machine.traveller_stack:  # perhaps from before a fork
        time_machine.travel(0).stop()
    if offset:
        time_machine.travel(time.time() + offset, tick=True).start()


def begin() -> None:
    threading.Thread(target=follow, name="clock", daemon=True).start()


begin()
os.register_at_fork(after_in_child=begin)
