"""Runs the decoder: one process for the photos of a form, which isolates each of them.

An upload is never decoded in a process of the site: `core/pictures/decoder.py` runs in one of its own, with none of
its files and nothing of its environment, and forks a child with limits for each picture. A picture that goes over
them, or crashes its child, stops nothing else. What takes time is to start the process, so that is done once for a
form, and not before there is something to decode.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self

import PIL

from core.pictures import decoder

DECODER = Path(decoder.__file__)
ROOT = DECODER.parents[2]  # where the decoder finds the modules next to it
PACKAGES = Path(PIL.__file__).parents[1]  # where it finds its codecs, without the site's start-up, which takes time
ENVIRONMENT = {
    "PYTHONPATH": f"{ROOT}{os.pathsep}{PACKAGES}",
    # Memory in pages of 2 MB, where there are any: to be given 130 MB in pages of 4 KB takes a fifth of all time.
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
SECONDS = 90  # at least for all photos of a form: being nice, decoders may get little of a busy processor
MAX_ANSWER = 32 * 1024 * 1024  # a master of pure noise has 13 MB
PART = 1024 * 1024  # bytes read at once
LAST_SECONDS = 5  # in which the process ends when it is no longer needed
# Stopped with the site, or no process left for a child: neither says anything about the picture.
NOT_TRIED = {-signal.SIGTERM, -signal.SIGINT, os.EX_TEMPFAIL}

logger = logging.getLogger(__name__)


class TooBusy(Exception):
    """There was no time to decode the file, which says nothing about it."""


class Decoder:
    """Decodes pictures within a block, one after another, until a time on the monotonic clock: 0 is never."""

    def __init__(self, *, until: float | None = None) -> None:
        self.until = time.monotonic() + SECONDS if until is None else until
        self.process: subprocess.Popen | None = None
        self.line: socket.socket | None = None  # to the process

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def seconds_left(self) -> float:
        """Raises TooBusy if there are none."""
        seconds = self.until - time.monotonic()
        if seconds <= 0:
            raise TooBusy
        return seconds

    def ask(self, upload: BinaryIO) -> bytes:
        """The decoder's output for the file; empty if it failed or went over its limits. Raises TooBusy."""
        line = self.line or self.start()
        ours, theirs = socket.socketpair()
        with ours:
            with theirs, suppress(BrokenPipeError):  # what has become of the process is seen below
                socket.send_fds(line, [b"\n"], [upload.fileno(), theirs.fileno()])
            answer = self.receive(ours, MAX_ANSWER)
        status = int(self.receive(line, 1) or self.stop())
        if status in NOT_TRIED:
            raise TooBusy
        if status:
            logger.warning("The photo decoder ended with status %s", status)
            return b""
        return answer

    def start(self) -> socket.socket:
        self.line, theirs = socket.socketpair()
        try:
            with theirs:  # and it inherits nothing else
                self.process = subprocess.Popen(  # noqa: S603 - the command is our own
                    [sys.executable, "-s", "-S", "-P", "-B", str(DECODER)],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=ENVIRONMENT,
                    cwd="/",
                )
        except OSError:
            self.line.close()
            self.line = None
            raise TooBusy from None
        return self.line

    def receive(self, line: socket.socket, most: int) -> bytes:
        """All that comes, or the first `most` bytes and maybe some more: a decoder gone wild may write for ever."""
        parts: list[bytes] = []
        while sum(map(len, parts)) < most:
            line.settimeout(self.seconds_left())
            try:
                part = line.recv(PART)
            except TimeoutError:
                raise TooBusy from None
            except ConnectionResetError:  # it has ended before it saw the picture
                break
            if not part:
                break
            parts.append(part)
        return b"".join(parts)

    def stop(self) -> int:
        """Ends the process, if there is one, and what it is doing. Returns its exit code."""
        if self.process is None or self.line is None:
            return 0
        self.line.close()  # at which it kills its child
        try:
            return self.process.wait(LAST_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self.process = self.line = None
