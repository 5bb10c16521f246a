"""Memory of gunicorn's workers, once each has shown all pages."""

import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

from tools.bench.processes import ROOT

WORKERS = 2
WARM_UP = 20  # requests for each page


def measure(env: dict[str, str], pages: Sequence[dict[str, str]]) -> list[dict[str, int]]:
    """Of each worker: megabytes that it holds (Rss), and without what it shares with others (Pss)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "vietmusic.wsgi", f"--bind=127.0.0.1:{port}", f"--workers={WORKERS}"]
    with subprocess.Popen([*command, "--log-level=error"], cwd=ROOT, env=env) as gunicorn:  # noqa: S603  ours
        try:
            wait_for(port)
            for page in list(pages) * WARM_UP:
                ask(port, page)
            children = Path(f"/proc/{gunicorn.pid}/task/{gunicorn.pid}/children").read_text().split()
            return [memory_of(child) for child in children]
        finally:
            gunicorn.terminate()


def wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("gunicorn does not answer")


def ask(port: int, page: dict[str, str]) -> None:
    connection = HTTPConnection("127.0.0.1", port)
    headers = {"Host": "testserver", "Accept-Encoding": "gzip"} | ({"Cookie": page["cookie"]} if page["cookie"] else {})
    connection.request("GET", quote(page["path"], safe="/?=&%-+"), headers=headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    if response.status != 200:  # the memory of a worker that only fails says nothing
        raise RuntimeError(f"{page['path']}: {response.status}")


def memory_of(process: str) -> dict[str, int]:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines[1:])
    return {name: int(fields[name].split()[0]) // 1024 for name in ("Rss", "Pss")}
