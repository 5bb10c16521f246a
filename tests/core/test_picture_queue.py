"""The queue for pictures of clients that send very many."""

import fcntl
import threading
import time

import pytest

from core.pictures import queue
from core.pictures.queue import QueueFull, turn_in_queue
from tests.core.concurrency import start

HOLDING = """
import pathlib, sys, time
from core.pictures import queue
queue.IN_TURN, queue.WAITING = map(pathlib.Path, sys.argv[1:])
with queue.turn_in_queue():
    print("in", flush=True)
    time.sleep(60)
"""

pytestmark = pytest.mark.usefixtures("own_queue")


def test_second_waits_for_the_first():
    order = []

    def second():
        with turn_in_queue():
            order.append("second")

    with turn_in_queue():
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(3 * queue.PAUSE)
        order.append("first")
    thread.join(5)

    assert order == ["first", "second"]


def test_third_is_sent_away():
    with turn_in_queue(), queue.WAITING.open() as waiting:
        fcntl.flock(waiting, fcntl.LOCK_EX)
        with pytest.raises(QueueFull), turn_in_queue():
            pass


def test_waiting_has_an_end(monkeypatch):
    monkeypatch.setattr(queue, "LONGEST_WAIT", 0)
    with turn_in_queue(), pytest.raises(QueueFull), turn_in_queue():
        pass


def test_killed_process_holds_nobody_up(monkeypatch):
    monkeypatch.setattr(queue, "LONGEST_WAIT", 0)
    with start(["-c", HOLDING, str(queue.IN_TURN), str(queue.WAITING)]) as process:
        assert process.stdout.readline().strip() == "in"
        with pytest.raises(QueueFull), turn_in_queue():
            pass
        process.kill()
        process.wait()

    with turn_in_queue():
        pass
