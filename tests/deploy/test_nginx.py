"""The nginx site that is shipped, run by nginx itself in front of a server that answers with what it got."""

import json
import re
import ssl
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPSConnection, RemoteDisconnected
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket

import pytest

from tests.core.concurrency import SECONDS
from tests.deploy import nginx

TOKEN = "T0ken" + "x" * 38
MEGABYTE = 1024 * 1024

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not nginx.PROGRAM, reason="nginx is not installed"),
    pytest.mark.skipif(not nginx.OPENSSL, reason="openssl is not installed"),
]


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that it got and the length of the body; closes without a word where it is told to."""

    def do_GET(self) -> None:
        length = len(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        if "silent" in self.path:
            self.close_connection = True
            return
        answer = json.dumps({"headers": dict(self.headers), "length": length}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *args: object) -> None:
        pass


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, upstream) -> Iterator[Path]:
    """The folder of a running nginx: `ports` names those of HTTP and HTTPS, beside its logs."""
    folder = tmp_path_factory.mktemp("nginx")
    nginx.make_certificate(folder, "vietmusic.example")
    http, https = free_port(), free_port()
    nginx.configure(folder, http=http, https=https, upstreams=[upstream], master="master_process off;")
    nginx.check(folder)
    (folder / "ports").write_text(f"{http} {https}")
    with subprocess.Popen(nginx.command(folder), stderr=subprocess.PIPE, text=True) as process:
        wait_for(https)
        yield folder
        process.terminate()
        process.communicate(timeout=SECONDS)


def wait_for(port: int) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("nginx doesn't listen")


@pytest.fixture
def ask(folder) -> Callable[..., tuple[int, bytes]]:
    """Sends a request over HTTPS; gives status and body."""
    trusting = ssl.create_default_context(cafile=folder / "cert.pem")
    trusting.check_hostname = False  # the certificate is for the site's name, and nginx listens on 127.0.0.1
    port = int((folder / "ports").read_text().split()[1])

    def send(path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        connection = HTTPSConnection("127.0.0.1", port, timeout=SECONDS, context=trusting)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request("POST" if body else "GET", path, body, {"Host": "vietmusic.example", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    return send


def logs(folder: Path) -> str:
    return "".join((folder / name).read_text() for name in ("access.log", "error.log", "start.log"))


def test_application_is_told_host_client_and_scheme(ask):
    status, body = ask("/", X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="http")

    headers = json.loads(body)["headers"]
    assert status == 200
    # What a client forges stands further left; the site reads the last one.
    assert headers["X-Forwarded-For"] == "203.0.113.9, 127.0.0.1"
    assert (headers["Host"], headers["X-Forwarded-Proto"]) == ("vietmusic.example", "https")


def test_five_large_photos_pass_and_no_more(ask):
    assert json.loads(ask("/pageants/x/enter/", b"x" * 79 * MEGABYTE)[1])["length"] == 79 * MEGABYTE
    try:
        status = ask("/", b"x" * 81 * MEGABYTE)[0]
    except (BrokenPipeError, ConnectionResetError, RemoteDisconnected, ssl.SSLError):
        status = 413  # nginx answers and hangs up while the body is still on its way
    assert status == 413


@pytest.mark.parametrize("start", ["/privacy/you/", "/vi/privacy/you/", "/privacy//you/", "/Privacy/%79ou/"])
def test_tokens_of_own_pages_are_in_no_log(ask, folder, start):
    assert ask(f"{start}{TOKEN}/")[0] == 200
    assert ask(f"{start}{TOKEN}/silent/")[0] == 502

    assert TOKEN not in logs(folder)


@pytest.mark.parametrize(("start", "language"), [("", "en"), ("/vi", "vi"), ("/VI", "vi"), ("/video", "en")])
@pytest.mark.parametrize("body", [None, b"x"])
def test_page_says_in_the_visitors_language_that_nobody_answers(ask, start, language, body):
    status, page = ask(f"{start}/silent/", body)

    html = page.decode()
    assert (status, re.findall(r'<html lang="(\w+)">', html), html.count("<h1>")) == (502, [language], 1)
    assert ("go back" in html, "bấm nút quay lại" in html) == (language == "en", language == "vi")


def test_key_of_a_form_on_its_way_is_in_no_log(ask, folder):
    assert ask(f"/vi/pageants/x/enter/{TOKEN}/1/silent/")[0] == 502

    assert TOKEN not in logs(folder)


@pytest.mark.parametrize("path", ["/metrics", "//metrics", "/%6detrics", "/vi/../metrics", "/metrics?x=1"])
def test_metrics_are_not_for_the_world(ask, path):
    assert ask(path)[0] == 404


def test_access_log_says_nothing_about_people(ask, folder):
    ask(f"/websites/?q={TOKEN}", Referer=f"https://vietmusic.example/privacy/you/{TOKEN}/", User_Agent="Nosy/1.0")

    line = line_about("/websites/", folder / "access.log")
    assert line.split()[1:4] == ["GET", "/websites/", "200"]
    assert [word for word in (TOKEN, "127.0.0.1", "Nosy") if word in line] == []


def line_about(path: str, log: Path) -> str:
    """The line of a log that names the path. nginx writes it once it has answered, so it may take a moment."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for line in log.read_text().splitlines():
            if path in line:
                return line
        time.sleep(0.05)
    pytest.fail(f"{path} is not in {log.name}")


def test_http_leads_to_https(folder):
    port = int((folder / "ports").read_text().split()[0])

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: object) -> None:
            return None

    asking = urllib.request.Request(f"http://127.0.0.1:{port}/vi/?q=1", headers={"Host": "vietmusic.example"})
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.build_opener(Stay).open(asking, timeout=SECONDS)

    with answer.value as error:
        assert (error.code, error.headers["Location"]) == (301, "https://vietmusic.example/vi/?q=1")
