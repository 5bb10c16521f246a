"""Kept pages through gunicorn, beside the constant page of bare Django through gunicorn too."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

from tools.bench import tables
from tools.bench.processes import ROOT
from tools.bench.requests import CONSTANT, Costs

WORKERS = 2
REQUESTS = 100  # of each page in a round
PAGES = "home", "gallery", "entry", "directory"


@dataclass(frozen=True)
class Gunicorn:
    process: int
    port: int

    def workers(self) -> list[str]:
        return Path(f"/proc/{self.process}/task/{self.process}/children").read_text().split()

    def cpu(self) -> float:
        """Seconds that the workers have spent."""
        return sum(int(Path(f"/proc/{one}/schedstat").read_text().split()[0]) for one in self.workers()) / 1e9

    def get(self, path: str, cookie: str = "") -> None:
        connection = HTTPConnection("127.0.0.1", self.port)
        headers = {"Host": "testserver", "Accept-Encoding": "gzip"} | ({"Cookie": cookie} if cookie else {})
        connection.request("GET", quote(path, safe="/?=&%-+"), headers=headers)
        response = connection.getresponse()
        response.read()
        connection.close()
        if response.status != 200:  # what a worker that only fails takes says nothing
            raise RuntimeError(f"{path}: {response.status}")


@contextmanager
def gunicorn(application: str, env: dict[str, str]) -> Iterator[Gunicorn]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", application, f"--bind=127.0.0.1:{port}", f"--workers={WORKERS}"]
    with subprocess.Popen([*command, "--log-level=error"], cwd=ROOT, env=env) as process:  # noqa: S603  ours
        try:
            wait_for(port)
            yield Gunicorn(process.pid, port)
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("gunicorn does not answer")


def measure(site: Gunicorn, env: dict[str, str], pages: Sequence[dict[str, str]], *, rounds: int) -> None:
    paths = {page["name"]: page["path"] for page in pages if page["name"] in PAGES}
    costs = {name: Costs() for name in (CONSTANT, *paths)}
    bare = {**env, "DJANGO_SETTINGS_MODULE": "tools.bench.bare"}
    with gunicorn("django.core.wsgi:get_wsgi_application()", bare) as constant:
        for number in range(-1, rounds):
            for name, cost in costs.items():
                seconds = seconds_for(site, paths[name]) if name in paths else seconds_for(constant, "/")
                if number >= 0:  # the round before only warmed up
                    cost.cpu.append(seconds)
    limit = costs[CONSTANT]
    rows = [[name, tables.milliseconds(cost.cpu), tables.spread(cost.share_of(limit))] for name, cost in costs.items()]
    note = "CPU of its workers for a request that finds the page kept, and requests per CPU second as a share."
    tables.show("Through gunicorn", note, ["", "again, ms", "of constant"], rows)


def seconds_for(server: Gunicorn, path: str) -> float:
    before = server.cpu()
    for _ in range(REQUESTS):
        server.get(path)
    return (server.cpu() - before) / REQUESTS
