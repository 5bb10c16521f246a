"""Serves posts with files in child processes, so that those who read never wait for those who send.

A sync worker of gunicorn serves one request after another, and decoding five photos takes seconds. So the worker forks,
its child serves the post as any other, and the worker goes on. Children are nice: where processors are short, readers
come first. A few are served at once on each machine; the others wait before they read, and what they bring stays
with the proxy or in the browser. More posts than MOST of a worker are told to come again in a moment, as serving them
would stop it. Other servers serve them in place.
"""

import atexit
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from django.db import connections
from django.http import HttpRequest

from core.pictures import queue
from core.pictures.decoder import be_nice

MOST = 32  # children of one worker, most of which wait
SECONDS = 280  # in which a child must be done: browsers give up after five minutes
BEFORE_READING = 120  # seconds of these to wait for a place; after that it goes on without one
DROPPING = 1  # second for what a proxy holds already
PART = 1024 * 1024  # bytes read at once
IN_PLACE = 100  # seconds in which a worker should be done itself

# Served at once on each machine: what arrives is held in files meanwhile, 75 MB each at most.
PLACES = sorted(Path(__file__).parent.glob("*.py"))[:8]

# Keys of the environ
ENDS_AT = "vietmusic.ends_at"  # on the monotonic clock
IS_BUSY = "vietmusic.is_busy"  # there are as many children as there may be
SOCKET = "gunicorn.socket"

Environ = dict[str, Any]
Application = Callable[[Environ, Callable], Iterable[bytes]]

logger = logging.getLogger(__name__)


class UploadsApart:
    """Wraps a WSGI application; nothing may stand around it."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.children: set[int] = set()
        atexit.register(self.wait_for_children)

    def __call__(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        if not can_be_apart(environ):
            return self.application(environ, start_response)
        child = self.fork()
        if child is None:
            drop_body(environ)
            return self.application({**environ, IS_BUSY: True}, start_response)
        if child == 0:
            return self.serve_in_child(environ, start_response)
        self.children.add(child)
        environ[SOCKET].close()  # the child holds it, too: for the client nothing ends
        raise StopIteration  # tells gunicorn's worker that there is nothing to answer

    def fork(self) -> int | None:
        """As os.fork(), but None if there are too many processes."""
        self.children = {child for child in self.children if not has_ended(child)}
        if len(self.children) >= MOST:
            return None
        connections.close_all()  # no two processes may share one
        try:
            return os.fork()
        except OSError:
            return None

    def serve_in_child(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        try:
            ends_at = time.monotonic() + SECONDS
            leave_worker()
            turn = queue.place(PLACES, patience=BEFORE_READING)
            turn.__enter__()  # until this process ends
            response = self.application({**environ, ENDS_AT: ends_at}, start_response)
            return LastResponse(response, environ[SOCKET], turn)
        except BaseException:  # a child must never go on as a second worker
            logger.exception("A post with files could not be served")
            os._exit(1)

    def wait_for_children(self) -> None:
        """Lets people who are sending finish when the worker is stopped: gunicorn's graceful_timeout limits it."""
        if self.children:
            stop_listening()
        for child in self.children:
            with suppress(ChildProcessError):
                os.waitpid(child, 0)


class LastResponse:
    """A response after which the process ends."""

    def __init__(self, response: Iterable[bytes], client: socket.socket, turn: object) -> None:
        self.response, self.client, self.turn = response, client, turn

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.response)

    def close(self) -> NoReturn:
        # It is the server, so it is there.
        from gunicorn.util import close_graceful  # type: ignore[import-untyped]  # noqa: PLC0415  has no types

        try:
            close_graceful(self.client)
            if hasattr(self.response, "close"):
                self.response.close()  # after which jobs may run, for which the client need not wait
        finally:
            os._exit(0)


def drop_body(environ: Environ) -> None:
    """Receives it without looking: a proxy that could not pass all of it on may not pass the answer back."""
    until = time.monotonic() + DROPPING
    environ[SOCKET].settimeout(DROPPING)
    with suppress(OSError):
        while time.monotonic() < until and environ["wsgi.input"].read(PART):
            pass


def ends_at(request: HttpRequest) -> float:
    """When the request must be answered, on the monotonic clock. A child has more time, as it holds up nobody."""
    return request.META.get(ENDS_AT) or time.monotonic() + IN_PLACE


def can_be_apart(environ: Environ) -> bool:
    """Whether it is a post with files, in a process that serves nothing else at the same time."""
    is_upload = environ["REQUEST_METHOD"] == "POST" and environ.get("CONTENT_TYPE", "").startswith("multipart/")
    return is_upload and SOCKET in environ and not environ["wsgi.multithread"]


def has_ended(child: int) -> bool:
    try:
        ended, status = os.waitpid(child, os.WNOHANG)
    except ChildProcessError:
        return True
    if status:
        logger.error("A process that served a post with files ended with status %s", os.waitstatus_to_exitcode(status))
    return ended == child


def leave_worker() -> None:
    """Gives up what a forked worker has in common with its parent."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(SECONDS)
    be_nice()
    stop_listening()


def stop_listening() -> None:
    """Else the site could not be started again while a child of the last start lives."""
    with Path(os.devnull).open() as nothing:
        for file in map(int, os.listdir("/dev/fd")):  # noqa: PTH208  names only
            with suppress(OSError), socket.socket(fileno=os.dup(file)) as one:
                if one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    os.dup2(nothing.fileno(), file, inheritable=False)
