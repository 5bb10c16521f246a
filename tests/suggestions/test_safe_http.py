"""Fetching from real servers on loopback, which only the limits of these tests permit."""

import gzip
import ipaddress
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from suggestions.link_checker import check_url
from suggestions.safe_http import (
    MAX_HEAD,
    NON_PUBLIC_NETWORKS,
    Deadline,
    FetchError,
    FetchLimits,
    fetch,
    redirect_target,
)

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
HERE = FetchLimits(
    forbidden=tuple(network for network in NON_PUBLIC_NETWORKS if network != LOOPBACK),
    ports=None,
    resolve=lambda host, port: ["127.0.0.1"],
    total_timeout=4,
    step_timeout=1,
    first_byte_timeout=1,
)

Serve = Callable[[socket.socket, bytes], None]


@contextmanager
def server(serve: Serve, host: str = "127.0.0.1") -> Iterator[tuple[str, list[bytes]]]:
    """A server of a few lines: its address, and the requests that it got."""
    listener = socket.create_server((host, 0))
    requests: list[bytes] = []

    def run() -> None:
        while True:
            try:
                connection, _peer = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=[connection], daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(10)
            try:
                request = connection.recv(65536)
                requests.append(request)
                serve(connection, request)
            except OSError:  # the client has hung up, as it should
                pass

    threading.Thread(target=run, daemon=True).start()
    try:
        yield f"http://music.example:{listener.getsockname()[1]}", requests
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def saying(text: str) -> Serve:
    return lambda connection, request: connection.sendall(text.replace("\n", "\r\n").encode())


def path_of(request: bytes) -> str:
    return request.split()[1].decode()


def answered(url: str, limits: FetchLimits = HERE, method: str = "HEAD"):
    return fetch(url, method, limits=limits, deadline=Deadline.after(limits.total_timeout))


def problem(url: str, limits: FetchLimits = HERE) -> str:
    with pytest.raises(FetchError) as raised:
        answered(url, limits)
    return raised.value.problem


# What may be asked


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104  to be refused
        "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1",
        "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1",
        "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::", "3fff::1", "fc00::1", "fd12::1",
        "fe80::1", "fe80::1%eth0", "2606:4700::1%1", "fec0::1", "ff02::1", "localhost", "", "8.8.8", "1",
    ],
)  # fmt: skip
def test_default_limits_permit_no_address_that_is_not_public(address):
    assert FetchLimits().permits_ip(address) is False


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "193.99.144.80", "2606:4700:4700::1111", "2a00:1450::1"])
def test_default_limits_permit_public_addresses(address):
    assert FetchLimits().permits_ip(address) is True


@pytest.mark.parametrize("port", [22, 25, 8080, 5432])
def test_default_limits_permit_only_the_ports_of_the_web(port):
    assert problem(f"http://music.example:{port}/", FetchLimits(resolve=lambda host, port: ["8.8.8.8"])) == "port"


def test_default_limits_asks_nothing_on_this_machine():
    with server(saying("HTTP/1.1 200 OK\n\n")) as (url, requests):
        port = int(url.rpartition(":")[2])
        limits = FetchLimits(ports=frozenset({port}))
        assert problem(f"http://127.0.0.1:{port}/", limits) == "forbidden"
        assert problem(f"http://localhost:{port}/", limits) == "forbidden"
    assert requests == []


def test_name_with_one_private_address_among_public_ones_is_refused():
    assert (
        problem("http://music.example/", FetchLimits(resolve=lambda host, port: ["8.8.8.8", "10.0.0.1"])) == "forbidden"
    )


@pytest.mark.parametrize("error", [socket.gaierror, UnicodeError, OSError, None])
def test_name_that_does_not_resolve_is_no_answer(error):
    def resolve(host: str, port: int) -> list[str]:
        if error:
            raise error
        return []

    assert problem("http://music.example/", replace(HERE, resolve=resolve)) == "name"


def test_name_server_that_does_not_answer_is_not_waited_for():
    def resolve(host: str, port: int) -> list[str]:
        time.sleep(5)
        return ["127.0.0.1"]

    began = time.monotonic()
    assert problem("http://music.example/", replace(HERE, resolve=resolve, step_timeout=0.3)) == "name"
    assert time.monotonic() - began < 3


# What is sent


def test_request_tells_who_asks_and_nothing_else(settings):
    settings.SITE_URL = "https://vietmusic.example"
    with server(saying("HTTP/1.1 204 No Content\n\n")) as (url, requests):
        answered(f"{url}/a b?q=é#part", method="GET")

    host = url.removeprefix("http://")
    assert requests[0].decode().split("\r\n") == [
        "GET /a%20b?q=%C3%A9 HTTP/1.1",
        f"Host: {host}",
        "User-Agent: Vietmusic link check (+https://vietmusic.example/websites/)",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
        "",
        "",
    ]


# What comes back


@pytest.mark.parametrize(
    "answer",
    [
        "200", "204", "206", "401", "402", "403", "405", "406", "407", "416", "418", "426", "429", "451", "999",
        "503 X\nRetry-After: 120", "503 X\nretry-after:Mon, 30 Nov 2026 12:00:00 GMT",
        "503 X\ncf-mitigated: challenge", "503 X\nCF-Chl-Bypass: 1", "404 X\nx-vercel-mitigated: challenge",
    ],
)  # fmt: skip
def test_site_that_answers_or_turns_machines_away_is_alive(answer):
    with server(saying(f"HTTP/1.1 {answer}\n\n")) as (url, requests):
        assert check_url(url, HERE).is_alive
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("answer", "problem", "is_inconclusive"),
    [
        *((str(status), str(status), False) for status in (400, 404, 410, 500, 502, 503, 504, 519, 531, 600)),
        ("500 X\nRetry-After: 120", "500", False),
        ("503 X\nX: Retry-After: 120", "503", False),
        *((str(status), str(status), True) for status in (520, 522, 530)),
    ],
)
def test_site_that_has_only_errors_is_not(answer, problem, is_inconclusive):
    with server(saying(f"HTTP/1.1 {answer}\n\n")) as (url, requests):
        result = check_url(url, HERE)
    assert (result.problem, result.is_inconclusive, result.is_insecure) == (problem, is_inconclusive, False)
    assert [request.split()[0] for request in requests] == [b"HEAD", b"GET"]


@pytest.mark.parametrize("to_head", ["HTTP/1.1 404 No\n\n", "HTTP/1.1 501 No\n\n", "", "SSH-2.0-x\n\n"])
def test_site_that_knows_neither_head_nor_range_is_asked_plainly(to_head):
    def serve(connection: socket.socket, request: bytes) -> None:
        is_plain = request.startswith(b"GET") and b"Range:" not in request
        saying("HTTP/1.1 200 OK\n\n" if is_plain else to_head)(connection, request)

    with server(serve) as (url, requests):
        assert check_url(url, HERE).is_alive
    assert [request.split()[0] for request in requests] == [b"HEAD", b"GET"]


def test_answer_may_come_after_interim_ones():
    with server(saying("HTTP/1.1 103 Early Hints\nLink: x\n\nHTTP/1.1 200 OK\n\n")) as (url, _requests):
        assert answered(url).status == 200


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "hello\n\n", "HTTP/2 200\n\n", "HTTP/1.1 099 X\n\n", "HTTP/1.1 20\n\n", "HTTP/1.1 100 C\n\n" * 20],
)
def test_what_is_no_answer_counts_as_none(text):
    with server(saying(text)) as (url, _requests):
        assert problem(url) == "head"


def test_endless_headers_are_not_read():
    sent = []

    def serve(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X: " + b"x" * 4000 + b"\r\n")
            sent.append(4000)

    with server(serve) as (url, _requests):
        assert problem(url) == "head"
    assert sum(sent) < 40 * MAX_HEAD + 2**24  # what lies in buffers between us is not read


@pytest.mark.parametrize("compressed", [False, True])
def test_body_of_a_gigabyte_and_a_bomb_never_arrive(compressed):
    piece = gzip.compress(b"\0" * 10_000_000) if compressed else b"x" * 1_000_000
    sent = []
    over = threading.Event()

    def serve(connection: socket.socket, request: bytes) -> None:
        coding = b"Content-Encoding: gzip\r\n" if compressed else b""
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n" + coding + b"\r\n")
        try:
            for _ in range(1000):
                connection.sendall(piece)
                sent.append(len(piece))
        finally:
            over.set()

    with server(serve) as (url, _requests):
        began = time.monotonic()
        assert answered(url, method="GET").status == 200
        assert time.monotonic() - began < 2
        assert over.wait(10)
    assert sum(sent) < 20_000_000  # what the server's own kernel takes


def test_slow_drip_is_cut_off_when_time_is_up():
    def serve(connection: socket.socket, request: bytes) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 500:
            connection.sendall(bytes([letter]))
            time.sleep(0.05)

    with server(serve) as (url, _requests):
        began = time.monotonic()
        assert problem(url, replace(HERE, total_timeout=1)) == "slow"
        assert time.monotonic() - began < 3


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200"])
def test_silence_is_cut_off(begun):
    def serve(connection: socket.socket, request: bytes) -> None:
        connection.sendall(begun)
        time.sleep(5)

    with server(serve) as (url, _requests):
        timeouts = {"step_timeout": 3, "first_byte_timeout": 3}
        timeouts["step_timeout" if begun else "first_byte_timeout"] = 0.3
        began = time.monotonic()
        assert problem(url, replace(HERE, **timeouts)) == "slow"
        assert time.monotonic() - began < 2.5


def test_answer_may_take_longer_to_begin_than_to_go_on():
    def serve(connection: socket.socket, request: bytes) -> None:
        time.sleep(0.7)
        saying("HTTP/1.1 200 OK\n\n")(connection, request)

    with server(serve) as (url, _requests):
        assert answered(url, replace(HERE, step_timeout=0.5, first_byte_timeout=3)).status == 200


def test_default_limits_wait_twelve_seconds_for_a_slow_site_with_each_method():
    limits = FetchLimits()

    assert (limits.first_byte_timeout, limits.redirects) == (12, 10)
    assert limits.total_timeout >= limits.step_timeout + limits.first_byte_timeout


def test_site_that_hangs_on_head_has_all_the_time_for_get():
    def serve(connection: socket.socket, request: bytes) -> None:
        time.sleep(5 if request.startswith(b"HEAD") else 0.2)
        saying("HTTP/1.1 200 OK\n\n")(connection, request)

    with server(serve) as (url, _requests):
        assert check_url(url, replace(HERE, total_timeout=1)).is_alive


def test_closed_port_is_no_answer():
    with server(saying("")) as (url, _requests):
        pass
    assert problem(url) == "connection"


# Redirects


def redirecting(to: Callable[[str], str], status: int = 302) -> Serve:
    def serve(connection: socket.socket, request: bytes) -> None:
        location = to(path_of(request))
        answer = f"HTTP/1.1 {status} X\nLocation: {location}\n\n" if location else "HTTP/1.1 200 OK\n\n"
        saying(answer)(connection, request)

    return serve


def test_redirect_loop_ends_after_ten():
    with server(redirecting(lambda path: path + "x")) as (url, requests):
        assert problem(url) == "redirects"
    assert [path_of(request) for request in requests] == [f"/{'x' * count}" for count in range(11)]


def test_ten_redirects_are_followed():
    with server(redirecting(lambda path: path + "x" if len(path) < 11 else "")) as (url, _requests):
        assert (answered(url).status, answered(url).url) == (200, f"{url}/{'x' * 10}")


def cookies_in(request: bytes) -> str:
    (line, *more) = [line for line in request.decode().split("\r\n") if line.startswith("Cookie:")] or [""]
    assert not more
    return line.removeprefix("Cookie: ")


@pytest.mark.parametrize(
    ("sets", "sent"),
    [
        (["seen=1; Path=/; HttpOnly"], "seen=1"),
        (["a=1", "b=x y==; Secure", "a=2"], "a=2; b=x y=="),
        (['a="q"; Max-Age=9', "=1", "no", "b c=1", "c=\x01", "d=\rX: y", "đ=1", ""], 'a="q"; c=; d='),
        ([], ""),
    ],
)
def test_site_that_redirects_to_itself_gets_its_cookies_back_for_this_once(sets, sent):
    def serve(connection: socket.socket, request: bytes) -> None:
        if path_of(request) == "/?back" or (sent and cookies_in(request) == sent):
            return saying("HTTP/1.1 200 OK\n\n")(connection, request)
        fields = "".join(f"Set-Cookie: {cookie}\n" for cookie in sets)
        return saying(f"HTTP/1.1 302 X\nLocation: {'/' if sent else '/?back'}\n{fields}\n")(connection, request)

    with server(serve) as (url, requests):
        assert [answered(url).status, answered(url).status] == [200, 200]
    assert [cookies_in(request) for request in requests] == ["", sent] * 2


def test_cookie_is_given_to_no_other_host():
    def serve(connection: socket.socket, request: bytes) -> None:
        here, path = request.split(b"Host: ")[1].split(b"\r\n")[0].decode(), path_of(request)
        there = {"/": here.replace("music", "other") + "/1", "/1": here.replace("other", "music") + "/2"}.get(path)
        answer = f"HTTP/1.1 302 X\nLocation: http://{there}\nSet-Cookie: a={len(path)}; Domain=example\n\n"
        saying(answer if there else "HTTP/1.1 200 OK\n\n")(connection, request)

    with server(serve) as (url, requests):
        assert answered(url).status == 200
    assert [cookies_in(request) for request in requests] == ["", "", "a=1"]


@pytest.mark.parametrize(
    ("location", "moved_to"), [("/b", "/b#/songs"), ("/b#/films", "/b#/films"), ("https://b.example", "/#/songs")]
)
def test_redirect_keeps_the_fragment_unless_it_brings_one(location, moved_to):
    assert redirect_target("http://a.example/#/songs", location).endswith(f".example{moved_to}")


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [((301,), "/x"), ((308,), "/x"), ((301, 308), "/xx"), ((302,), ""), ((301, 302), "/x"), ((307, 301), ""), ((), "")],
)
def test_site_has_moved_as_far_as_it_says_so_for_good(statuses, moved_to):
    def serve(connection: socket.socket, request: bytes) -> None:
        step = len(path_of(request)) - 1
        if step < len(statuses):
            redirecting(lambda path: path + "x", statuses[step])(connection, request)
        else:
            saying("HTTP/1.1 200 OK\n\n")(connection, request)

    with server(serve) as (url, _requests):
        assert answered(url).moved_to == (url + moved_to if moved_to else "")


@pytest.mark.parametrize("target", ["http://10.0.0.1/", "http://[::1]/", "http://169.254.169.254/", "http://0x0a.1/"])
def test_redirect_to_a_private_address_is_not_followed(target):
    # Numbers resolve to themselves.
    limits = replace(HERE, resolve=lambda host, port: ["127.0.0.1"] if host == "music.example" else [host])
    with server(redirecting(lambda path: target)) as (url, _requests):
        assert problem(url, limits) == "forbidden"


def test_redirect_to_another_port_is_not_followed():
    with (
        server(saying("HTTP/1.1 200 OK\n\n")) as (other, requests),
        server(redirecting(lambda path: other)) as (url, _requests),
    ):
        limits = replace(HERE, ports=frozenset({int(url.rpartition(":")[2])}))
        assert problem(url, limits) == "port"
    assert requests == []


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "javascript:1", "ftp://a.example/", "http://u:p@a.example/", "http://[", "http://"],
)
def test_redirect_to_what_is_no_website_is_not_followed(location):
    with pytest.raises(FetchError):
        redirect_target("http://music.example/", location)


def test_name_that_changes_to_a_private_address_deceives_nobody():
    """Rebinding: the second look-up finds the address of a server that must not be asked."""
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    limits = replace(
        HERE,
        forbidden=(*HERE.forbidden, ipaddress.ip_network("127.0.0.2/32")),
        resolve=lambda host, port: next(answers),
    )
    with (
        server(saying("HTTP/1.1 200 OK\n\n"), "127.0.0.2") as (_url, private),
        server(saying("HTTP/1.1 500 X\n\n")) as (url, public),
    ):
        assert check_url(url, limits).problem == "forbidden"
    assert (len(public), len(private)) == (1, 0)


def test_connection_goes_to_the_address_that_was_checked():
    """Nothing resolves the name again between the check and the connection."""
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with server(saying("HTTP/1.1 200 OK\n\n")) as (url, requests):
        assert answered(url, replace(HERE, resolve=resolve)).status == 200
    assert (asked, len(requests)) == (["music.example"], 1)


def test_certificate_that_nobody_vouches_for_is_a_problem_of_its_own(tmp_path):
    with tls_server(tmp_path) as (url, _file):
        result = check_url(url, HERE)
    assert (result.problem, result.is_insecure, result.is_alive) == ("certificate", True, False)


@pytest.mark.parametrize(("hello", "problem"), [(b"HTTP/1.1 400 Bad\r\n\r\n", "tls"), (b"", "connection")])
def test_server_without_tls_is_there_if_it_says_anything(hello, problem):
    with server(lambda connection, request: connection.sendall(hello)) as (url, _requests):
        result = check_url(url.replace("http:", "https:"), HERE)
    assert (result.problem, result.is_insecure) == (problem, problem == "tls")


def test_certificate_must_be_for_the_name_that_was_asked(tmp_path):
    with tls_server(tmp_path) as (url, file):
        limits = replace(HERE, tls=lambda: ssl.create_default_context(cafile=file))
        assert answered(url, limits).status == 200
        assert problem(url.replace("music.example", "other.example"), limits) == "certificate"


@contextmanager
def tls_server(folder) -> Iterator[tuple[str, str]]:
    certificate, key = make_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                plain, _peer = listener.accept()
            except OSError:
                return
            with plain:
                plain.settimeout(5)
                try:
                    with context.wrap_socket(plain, server_side=True) as connection:
                        connection.recv(65536)
                        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                except OSError:
                    pass

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"https://music.example:{listener.getsockname()[1]}", certificate
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def make_certificate(folder) -> tuple[str, str]:
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed (Debian: apt-get install openssl)")
    certificate, key = str(folder / "cert.pem"), str(folder / "key.pem")
    subject = ["-subj", "/CN=music.example", "-addext", "subjectAltName=DNS:music.example"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    command = ["openssl", "req", "-x509", *curve, "-keyout", key, "-out", certificate, *subject]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key
