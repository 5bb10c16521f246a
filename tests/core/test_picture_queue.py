"""Turns to decode photos: a few at once on each machine."""

import os
import threading
import time
from contextlib import ExitStack

import pytest
from django.conf import settings

from core.pictures import queue
from core.pictures.queue import turn
from tests.core.concurrency import start

HOLDING = """
import pathlib, sys, time
from core.pictures import queue
with queue.place([pathlib.Path(sys.argv[1])], patience=0) as is_taken:
    print(is_taken, flush=True)
    time.sleep(60)
"""


def outcomes(*clients: bool, patience: float = 0) -> list[bool]:
    """Who of these, each heavy or not, gets a turn while those before hold theirs."""
    with ExitStack() as turns:
        return [turns.enter_context(turn(is_heavy=is_heavy, patience=patience)) for is_heavy in clients]


@pytest.mark.parametrize(
    ("clients", "got"),
    [
        ([False, False, False], [True, True, False]),
        ([True, True, False, False], [True, False, True, False]),  # heavy ones share a turn, and leave the other
        ([False, False, True], [True, True, False]),
    ],
)
def test_no_more_turns_than_places(clients, got):
    assert len(queue.DECODERS) == 2
    assert outcomes(*clients) == got
    assert outcomes(*clients) == got  # all were given back


def test_patient_one_waits_for_another_to_end():
    order = []

    def wait():
        with turn(is_heavy=True, patience=5) as is_taken:
            order.append(is_taken)

    with turn(is_heavy=True, patience=0):
        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(2 * queue.PAUSE)
        order.append("first")
    thread.join(5)

    assert order == ["first", True]


def test_patience_has_an_end():
    assert outcomes(True, True, patience=0.01) == [True, False]


def test_killed_process_holds_nobody_up():
    with start(["-c", HOLDING, str(queue.HEAVY_CLIENT[0])], DJANGO_SETTINGS_MODULE="tests.settings") as process:
        assert process.stdout.readline().strip() == "True"
        assert outcomes(True) == [False]
        process.kill()
        process.wait()

    assert outcomes(True) == [True]


def test_decoders_are_at_most_as_many_as_processors_and_never_heavy_clients_own():
    assert len(set(queue.places_for(settings.PHOTO_DECODERS))) == min(4, os.cpu_count())
    assert len(set(queue.places_for(8)) - set(queue.HEAVY_CLIENT)) == 8  # the most that is allowed
