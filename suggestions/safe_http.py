"""Asking a stranger's site whether it answers, safely.

Only public addresses: a name is resolved once for each request, every address that comes back is checked, and the
connection goes to one of those and to nowhere else, so that a name that changes its mind deceives nobody. Only the
head of an answer is read, and nothing in it is decompressed or interpreted but the status and `Location`: a body of a
gigabyte or a bomb never arrives. All of it is bounded in time and bytes. No cookies, no referrer.
"""

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Self

import ada_url
from django.conf import settings

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], list[str]]

# Python's `is_global` is true for NAT64, 6to4 and multicast; so the list is our own.
FORBIDDEN: tuple[IPNetwork, ...] = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8",  # this host
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # carriers' NAT
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link-local, and clouds' metadata
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocols
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # AMT
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",  # private
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
            "::/96",  # unspecified, loopback, IPv4-compatible
            "::ffff:0:0/96",  # IPv4-mapped
            "::ffff:0:0:0/96",  # IPv4-translated
            "64:ff9b::/96",  # NAT64
            "64:ff9b:1::/48",  # local NAT64
            "100::/64",  # discard
            "2001::/23",  # protocols; Teredo, benchmarks and ORCHID among them
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4
            "3fff::/20",  # documentation
            "5f00::/16",  # segment routing
            "fc00::/7",  # unique local
            "fe80::/10",  # link-local
            "fec0::/10",  # site-local
            "ff00::/8",  # multicast
        ),
    )
)

HEADS = 32 * 1024  # bytes of status lines and headers that are read of an answer
REDIRECTS = frozenset({301, 302, 303, 307, 308})
FOR_GOOD = frozenset({301, 308})
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: |$)")
INTERIM = 8  # answers like 103 that may come before the real one


class NoAnswer(Exception):
    """Why there is none: `problem` is a word for staff and the database."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host. Raises OSError, UnicodeError."""
    return [info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True)
class Policy:
    """What may be asked, and for how long. The default is what production uses; tests reach their own servers with
    another one."""

    forbidden: tuple[IPNetwork, ...] = FORBIDDEN
    ports: frozenset[int] | None = frozenset({80, 443})  # None: any
    resolve: Resolve = resolve
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    seconds: float = 15  # for a site: all redirects and both ways of asking together
    patience: float = 6  # seconds for connecting, or between two pieces of an answer
    redirects: int = 3

    def permits(self, address: str) -> bool:
        """Whether one may connect to an IP address. What isn't plainly one is refused, scopes (`%eth0`) included."""
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        if isinstance(found, ipaddress.IPv6Address) and found.scope_id is not None:
            return False
        return not any(found.version == network.version and found in network for network in self.forbidden)


@dataclass
class Clock:
    """The time that is left for a site."""

    ends: float

    @classmethod
    def of(cls, seconds: float) -> Self:
        return cls(time.monotonic() + seconds)

    def left(self, most: float) -> float:
        """Seconds to wait for the next thing, `most` at most. Raises NoAnswer once time is up."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise NoAnswer("slow")
        return min(left, most)


@dataclass(frozen=True)
class Head:
    """The head of an answer."""

    status: int
    location: str = ""


@dataclass(frozen=True)
class Answer:
    """What a site answered in the end; `moved_to` where it says so for good."""

    status: int
    url: str
    moved_to: str = field(default="")


def ask(url: str, method: str, *, policy: Policy, clock: Clock) -> Answer:
    """The answer at the end of all redirects. Raises NoAnswer."""
    moved_to, for_good = "", True
    for _step in range(policy.redirects + 1):
        head = ask_once(url, method, policy=policy, clock=clock)
        if head.status not in REDIRECTS or not head.location:
            return Answer(head.status, url, moved_to)
        url = follow(url, head.location)
        for_good = for_good and head.status in FOR_GOOD
        moved_to = url if for_good else moved_to
    raise NoAnswer("redirects")


def follow(url: str, location: str) -> str:
    """Where a redirect leads. Raises NoAnswer for what no visitor should be sent to."""
    try:
        parts = ada_url.URL(location, base=url)
    except (ValueError, UnicodeError) as error:
        raise NoAnswer("redirect") from error
    if parts.protocol not in {"http:", "https:"} or parts.username or parts.password:
        raise NoAnswer("redirect")
    return replace_hash(parts.href)


def replace_hash(url: str) -> str:
    return url.partition("#")[0]


def ask_once(url: str, method: str, *, policy: Policy, clock: Clock) -> Head:
    """The head of one answer, redirects not followed. Raises NoAnswer."""
    parts = ada_url.URL(url)
    secure = parts.protocol == "https:"
    port = int(parts.port or (443 if secure else 80))
    if policy.ports is not None and port not in policy.ports:
        raise NoAnswer("port")
    host = parts.hostname.strip("[]")
    try:
        with connect(addresses_of(host, port, policy, clock), port, policy=policy, clock=clock) as plain:
            connection = wrap(plain, host, policy, clock) if secure else plain
            with connection:
                send(connection, request_of(method, parts), policy, clock)
                return read_head(connection, policy, clock)
    except ssl.SSLCertVerificationError as error:
        raise NoAnswer("certificate") from error
    except TimeoutError as error:
        raise NoAnswer("slow") from error
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise NoAnswer("connection") from error


def addresses_of(host: str, port: int, policy: Policy, clock: Clock) -> list[str]:
    """The host's addresses, if all of them may be asked. Raises NoAnswer."""
    found: list[str] = []
    failure: list[Exception] = []

    def look_up() -> None:
        try:
            found.extend(policy.resolve(host, port))
        except Exception as error:  # noqa: BLE001  handed over to the thread that waits
            failure.append(error)

    # The system's resolver can't be told how long it may take; a daemon may outlast us.
    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(clock.left(policy.patience))
    if thread.is_alive() or failure or not found:
        raise NoAnswer("name")
    if not all(map(policy.permits, found)):
        raise NoAnswer("forbidden")
    return list(dict.fromkeys(found))


def connect(addresses: Iterable[str], port: int, *, policy: Policy, clock: Clock) -> socket.socket:
    """A connection to the first of the addresses that takes one. Raises OSError, NoAnswer."""
    failure: OSError = OSError("no address")
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(clock.left(policy.patience))
            connection.connect((address, port))
        except OSError as error:
            connection.close()
            failure = error
        except NoAnswer:
            connection.close()
            raise
        else:
            return connection
    raise failure


def wrap(connection: socket.socket, host: str, policy: Policy, clock: Clock) -> ssl.SSLSocket:
    connection.settimeout(clock.left(policy.patience))  # for the whole handshake
    return policy.tls().wrap_socket(connection, server_hostname=host)


def request_of(method: str, parts: ada_url.URL) -> bytes:
    """Nothing in it tells where the link stands, and a byte is as good as all of them."""
    lines = [
        f"{method} {parts.pathname}{parts.search} HTTP/1.1",
        f"Host: {parts.host}",
        f"User-Agent: Vietmusic link check (+{settings.SITE_URL}/websites/)",
        "Accept: */*",
        "Accept-Encoding: identity",
        *(["Range: bytes=0-0"] if method == "GET" else []),
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def send(connection: socket.socket, data: bytes, policy: Policy, clock: Clock) -> None:
    connection.settimeout(clock.left(policy.patience))
    connection.sendall(data)


def read_head(connection: socket.socket, policy: Policy, clock: Clock) -> Head:
    """Reads until the head is complete, and never further than HEADS. Raises NoAnswer, OSError."""
    buffer = b""
    for _answer in range(INTERIM):
        while b"\r\n\r\n" not in buffer and b"\n\n" not in buffer:
            if len(buffer) > HEADS:
                raise NoAnswer("head")
            connection.settimeout(clock.left(policy.patience))
            piece = connection.recv(4096)
            if not piece:
                raise NoAnswer("head")
            buffer += piece
        lines, buffer = split_head(buffer)
        head = parse_head(lines)
        if head.status >= 200:
            return head
    raise NoAnswer("head")


def split_head(buffer: bytes) -> tuple[list[bytes], bytes]:
    end = re.search(rb"\r?\n\r?\n", buffer)
    if end is None:
        raise NoAnswer("head")
    return re.split(rb"\r?\n", buffer[: end.start()]), buffer[end.end() :]


def parse_head(lines: list[bytes]) -> Head:
    match = STATUS_LINE.match(lines[0])
    if not match:
        raise NoAnswer("head")
    head = Head(int(match[1]))
    for line in lines[1:]:
        name, _colon, value = line.partition(b":")
        if name.strip().lower() == b"location":
            # Browsers read the bytes of a Location as UTF-8.
            return replace(head, location=value.strip().decode("utf-8", errors="replace")[:HEADS])
    return head
