"""Posts with files are served apart from what people read, by gunicorn itself."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from core.pictures.decoder import NICENESS
from tests.core.concurrency import SECONDS, start, wait_until

pytestmark = pytest.mark.slow

# Answers with who served it. A post waits until the file is there that its path names.
APPLICATION = """
import json, os, time
from core.http import uploads_apart
from core.http.uploads_apart import ENDS_AT, IS_BUSY, UploadsApart
uploads_apart.MOST = 2

def site(environ, start_response):
    body = environ["wsgi.input"].read()
    waits = environ["REQUEST_METHOD"] == "POST" and IS_BUSY not in environ
    while waits and not os.path.exists(environ["PATH_INFO"]):
        time.sleep(0.01)
    start_response("200 OK", [("Content-Type", "application/json")])
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    return [json.dumps([os.getpid(), nice, ENDS_AT in environ, len(body)]).encode()]

application = UploadsApart(site)
"""
FILES = "multipart/form-data; boundary=b"
FORM = "application/x-www-form-urlencoded"
PATIENCE = 4 * SECONDS  # children are nice, and the machine may be busy
LONG = b"x" * 3_000_000  # more than sockets hold


class Server:
    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        (folder / "application.py").write_text(APPLICATION)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        # One worker: who is served while it is busy is served by nobody else.
        address = ["--bind", f"127.0.0.1:{self.port}", "--workers", "1", "--pythonpath", str(folder)]
        command = ["-m", "gunicorn", "application", *address, "--log-level", "error", *options]
        self.process = start(command, DJANGO_SETTINGS_MODULE="tests.settings")

    def post(self, name: str, *, content_type: str = FILES, body: bytes = LONG) -> HTTPConnection:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("POST", str(self.folder / name), body, {"Content-Type": content_type})
        return connection

    def read(self) -> tuple[int, int, bool, int]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", "/")
        return answer(connection)

    def release(self, name: str) -> None:
        (self.folder / name).touch()

    def serves(self) -> bool:
        with suppress(OSError):
            return bool(self.read())
        return False


def answer(connection: HTTPConnection) -> tuple[int, int, bool, int]:
    """Process, niceness, whether it is apart, length of the body."""
    with closing(connection):
        return tuple(json.loads(connection.getresponse().read()))


@pytest.fixture
def serve(tmp_path) -> Iterator:
    servers: list[Server] = []

    def begin(*options: str) -> Server:
        servers.append(Server(tmp_path, *options))
        wait_until(servers[-1].serves)
        return servers[-1]

    yield begin
    for server in servers:
        for name in "abc":
            server.release(name)
        server.process.terminate()  # killed, it would leave workers behind that notice after a minute and a half
        server.process.communicate()


def test_who_reads_does_not_wait_for_those_who_send(serve):
    server = serve()
    worker, niceness, *_rest = server.read()
    first, second = server.post("a"), server.post("b")

    assert server.read() == (worker, niceness, False, 0)  # meanwhile

    server.release("b")
    by_second = answer(second)
    server.release("a")
    by_first = answer(first)
    assert len({worker, by_first[0], by_second[0]}) == 3
    assert by_first[1:] == by_second[1:] == (max(niceness, NICENESS), True, len(LONG))
    assert server.read()[0] == worker


def test_post_beyond_the_most_is_turned_away_at_once(serve):
    server = serve()
    worker, niceness, *_rest = server.read()
    sending = [server.post("a"), server.post("b")]

    assert answer(server.post("c")) == (worker, niceness, False, 0)  # its body is received, and nobody looks at it
    for name, connection in zip("ab", sending, strict=True):
        server.release(name)
        assert answer(connection)[3] == len(LONG)


def test_form_without_files_is_served_in_place(serve):
    server = serve()
    worker, *_rest = server.read()
    server.release("a")

    assert answer(server.post("a", content_type=FORM))[::2] == (worker, False)


def test_threads_need_no_processes(serve):
    server = serve("--threads", "2")
    worker, *_rest = server.read()
    sending = server.post("a")

    assert server.read()[0] == worker
    server.release("a")
    assert answer(sending)[::2] == (worker, False)


def test_worker_that_is_stopped_lets_those_who_send_finish(serve):
    server = serve()
    sending = server.post("a")
    server.read()  # so that the post has been accepted

    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    server.release("a")

    assert answer(sending)[3] == len(LONG)
    assert server.process.wait(PATIENCE) == 0


def test_worker_that_is_stopped_answers_those_who_have_connected_and_nobody_else(serve):
    server = serve()
    serving = server.post("a", content_type=FORM)  # longer than sockets hold, so it is being served
    waiting = [server.post("a", content_type=kind, body=b"x") for kind in (FORM, FORM, FILES)]

    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    server.release("a")

    assert answer(serving)[2:] == (False, len(LONG))
    assert [answer(connection)[2:] for connection in waiting] == [(False, 1), (False, 1), (True, 1)]
    assert server.process.wait(PATIENCE) == 0
    with pytest.raises(ConnectionRefusedError):
        server.read()


def test_site_can_be_started_again_while_a_child_of_a_killed_one_lives(serve):
    server = serve()
    sending = server.post("a")
    worker, *_rest = server.read()
    server.process.kill()
    server.process.wait()
    server.read()  # after which the worker looks whether the master lives
    wait_until(lambda: can_be_bound(server.port))

    server.release("a")
    assert answer(sending)[0] != worker


def can_be_bound(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
