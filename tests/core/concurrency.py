"""Many at once: threads with database connections of their own, and processes on the database of the test."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30  # after which a test that hangs has failed


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls return, each made in a thread of its own, all starting together."""
    gate = threading.Barrier(len(calls), timeout=SECONDS)

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()  # opening it takes longer than what is to be raced
            gate.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(SECONDS) for future in [pool.submit(run, call) for call in calls]]


def wait_until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 2 * SECONDS  # far more than it takes, as the machine may be busy with other tests
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def free_port() -> int:
    """One of 127.0.0.1 on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def database_url() -> str:
    """The address of the test's database, for another process."""
    here = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{here['NAME']}"
    return f"postgres://{here['USER']}@/{quote(here['HOST'])}/{here['NAME']}"


def start(
    arguments: Sequence[str], *, cwd: Path = ROOT, stdin: int = subprocess.DEVNULL, **variables: str
) -> subprocess.Popen[str]:
    """Python in another process, with nothing in its environment but what is given."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", **variables}
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(
    arguments: Sequence[str], *, cwd: Path = ROOT, seconds: int = SECONDS, **variables: str
) -> subprocess.CompletedProcess[str]:
    with start(arguments, cwd=cwd, **variables) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        finally:
            process.kill()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)
