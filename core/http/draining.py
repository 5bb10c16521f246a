"""Has a sync worker of gunicorn that is told to stop answer those who have connected already.

The kernel connects clients before a worker takes them. gunicorn's own worker answers the one that it is serving, and
hangs up on those who wait behind, whose posts no proxy sends again.
"""

from contextlib import suppress
from typing import Any

from gunicorn.workers.sync import SyncWorker  # type: ignore[import-untyped]  # has no types


def drain_when_stopped(worker: Any) -> None:
    """Other kinds of workers take their clients at once."""
    if isinstance(worker, SyncWorker):
        worker.run = Draining(worker)


class Draining:
    """The `run` of a worker. It returns when the worker is to stop, but not when it is aborted."""

    def __init__(self, worker: SyncWorker) -> None:
        self.worker, self.run = worker, worker.run

    def __call__(self) -> None:
        self.run()
        waiting = [client for listener in self.worker.sockets for client in waiting_at(listener)]
        for listener, connection, ip in waiting:
            connection.setblocking(True)
            self.worker.handle(listener, connection, ip)


def waiting_at(listener: Any) -> list[tuple[Any, Any, Any]]:
    """Takes all at once, and no more: readers without end must not keep a worker from stopping."""
    waiting = []
    with suppress(OSError):
        while True:
            waiting.append((listener, *listener.accept()))
    return waiting
