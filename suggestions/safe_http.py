"""A minimal HTTP client for link checks that is safe to point at any URL (no server-side request forgery).

It connects to public IP addresses only: a host is resolved once per request, every IP address it resolves to is
checked, and the connection goes to one of those, so DNS rebinding gains nothing. It reads only the head of a response,
so neither a huge body nor a decompression bomb ever arrives. Time and bytes are bounded. It sends no referrer, and a
cookie only back to the host that has just set it, while it follows one chain of redirects.
"""

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Self

import ada_url
from django.conf import settings

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], list[str]]

# IANA's special-purpose registries (iana-ipv4-special-registry, iana-ipv6-special-registry) and multicast. Python's
# `is_global` is no substitute: it is true for NAT64, 6to4 and multicast.
NON_PUBLIC_NETWORKS: tuple[IPNetwork, ...] = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8",  # this host
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # carrier-grade NAT
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link-local, including cloud metadata
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # AMT
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",  # private
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarking
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, including broadcast
            "::/96",  # unspecified, loopback, IPv4-compatible
            "::ffff:0:0/96",  # IPv4-mapped
            "::ffff:0:0:0/96",  # IPv4-translated
            "64:ff9b::/96",  # NAT64
            "64:ff9b:1::/48",  # local NAT64
            "100::/64",  # discard-only
            "2001::/23",  # protocol assignments, including Teredo, benchmarking and ORCHID
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

MAX_HEAD = 32 * 1024  # bytes read of status lines and headers
RECEIVE_BUFFER = 64 * 1024  # bytes that the kernel takes in before we have read them
MAX_INTERIM = 8  # 1xx responses accepted before the final one
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-9][0-9]{2})(?: |$)")  # 999 is LinkedIn's
COOKIE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)=([ -:<-~]*)")  # RFC 6265, section 4.1.1, and spaces


class FetchError(Exception):
    """Raised when there is no usable response. `problem` is one of link_problems.WORDS."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def resolve(host: str, port: int) -> list[str]:
    """Returns all IP addresses of a host. Raises OSError or UnicodeError."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True)
class FetchLimits:
    """What may be fetched, and for how long. The defaults are production's; tests relax them to reach their own
    servers on loopback."""

    forbidden: tuple[IPNetwork, ...] = NON_PUBLIC_NETWORKS
    ports: frozenset[int] | None = frozenset({80, 443})  # None: any
    resolve: Resolver = resolve
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    total_timeout: float = 20  # seconds for a request, over all redirects
    step_timeout: float = 6  # seconds to resolve, to connect, and between two chunks of a response
    first_byte_timeout: float = 12  # seconds for a response to begin
    redirects: int = 10

    def permits_ip(self, ip: str) -> bool:
        """Returns whether connecting to this IP address is allowed. Malformed and scoped (`%eth0`) ones are not."""
        try:
            parsed = ipaddress.ip_address(ip)
        except ValueError:
            return False
        if isinstance(parsed, ipaddress.IPv6Address) and parsed.scope_id is not None:
            return False
        return not any(parsed.version == network.version and parsed in network for network in self.forbidden)


@dataclass
class Deadline:
    """The moment, in seconds of the monotonic clock, by which a response must be here."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        return cls(time.monotonic() + seconds)

    def timeout(self, limit: float) -> float:
        """Returns the seconds left, capped at `limit`. Raises FetchError once the deadline has passed."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise FetchError("slow")
        return min(left, limit)


@dataclass(frozen=True)
class Head:
    """The status of a response and its header fields, which have lower-case names."""

    status: int
    fields: tuple[tuple[str, str], ...] = ()

    def values(self, name: str) -> list[str]:
        return [value for field_name, value in self.fields if field_name == name]

    @property
    def location(self) -> str:
        return next(iter(self.values("location")), "")


@dataclass(frozen=True)
class FetchResult:
    """The final response after all redirects. `moved_to` is as far as the permanent ones lead, or empty."""

    head: Head
    url: str
    moved_to: str = ""

    @property
    def status(self) -> int:
        return self.head.status


@dataclass
class Cookies:
    """The cookies of one chain of redirects, by host. Some sites redirect to themselves until theirs come back.

    Each goes to the very host that set it. Attributes don't matter, as nothing outlives the chain.
    """

    by_host: dict[str, dict[str, str]] = field(default_factory=dict)

    def store(self, url: str, head: Head) -> None:
        cookies = filter(None, map(COOKIE.match, head.values("set-cookie")))
        self.by_host.setdefault(host_of(url), {}).update((cookie[1], cookie[2].strip()) for cookie in cookies)

    def header(self, url: str) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.by_host.get(host_of(url), {}).items())


def host_of(url: str) -> str:
    return ada_url.URL(url).hostname


def fetch(url: str, method: str, *, limits: FetchLimits, deadline: Deadline) -> FetchResult:
    """Requests `url` and follows its redirects. Raises FetchError, also if there are more than `limits` allow."""
    moved_to, is_permanent, cookies = "", True, Cookies()
    for _step in range(limits.redirects + 1):
        head = fetch_head(url, method, cookie=cookies.header(url), limits=limits, deadline=deadline)
        if head.status not in REDIRECTS or not head.location:
            return FetchResult(head, url, moved_to)
        cookies.store(url, head)
        url = redirect_target(url, head.location)
        is_permanent = is_permanent and head.status in PERMANENT
        moved_to = url if is_permanent else moved_to
    raise FetchError("redirects")


def redirect_target(url: str, location: str) -> str:
    """Returns the absolute URL a redirect leads to. Raises FetchError unless it is http(s) without credentials.

    The fragment is kept unless there is a new one (RFC 9110, section 10.2.2).
    """
    try:
        parts = ada_url.URL(location, base=url)
    except (ValueError, UnicodeError) as error:
        raise FetchError("redirect") from error
    if parts.protocol not in {"http:", "https:"} or parts.username or parts.password:
        raise FetchError("redirect")
    parts.hash = parts.hash or ada_url.URL(url).hash
    return parts.href


def fetch_head(url: str, method: str, *, cookie: str = "", limits: FetchLimits, deadline: Deadline) -> Head:
    """Requests `url` once, without following redirects. Raises FetchError."""
    parts = ada_url.URL(url)
    is_secure = parts.protocol == "https:"
    port = int(parts.port or (443 if is_secure else 80))
    if limits.ports is not None and port not in limits.ports:
        raise FetchError("port")
    host = parts.hostname.strip("[]")
    try:
        ips = permitted_ips(host, port, limits, deadline)
        with connect(ips, port, limits=limits, deadline=deadline) as plain:
            connection = start_tls(plain, host, limits, deadline) if is_secure else plain
            with connection:
                send(connection, build_request(method, parts, cookie), limits, deadline)
                return read_head(connection, limits, deadline)
    except ssl.SSLCertVerificationError as error:
        raise FetchError("certificate") from error
    except TimeoutError as error:
        raise FetchError("slow") from error
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError) as error:
        raise FetchError("connection") from error
    except ssl.SSLError as error:  # somebody is there, but speaks no TLS that is safe today
        raise FetchError("tls") from error
    except (OSError, ValueError) as error:
        raise FetchError("connection") from error


def permitted_ips(host: str, port: int, limits: FetchLimits, deadline: Deadline) -> list[str]:
    """Resolves a host. Raises FetchError if that fails, or if any of its IP addresses is forbidden."""
    ips: list[str] = []
    failures: list[Exception] = []

    def look_up() -> None:
        try:
            ips.extend(limits.resolve(host, port))
        except Exception as error:  # noqa: BLE001  re-raised as a FetchError by the waiting thread
            failures.append(error)

    # The system's resolver takes no timeout. A daemon thread can be abandoned.
    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(deadline.timeout(limits.step_timeout))
    if thread.is_alive() or failures or not ips:
        raise FetchError("name")
    if not all(map(limits.permits_ip, ips)):
        raise FetchError("forbidden")
    return list(dict.fromkeys(ips))


def connect(ips: Iterable[str], port: int, *, limits: FetchLimits, deadline: Deadline) -> socket.socket:
    """Connects to the first of the IP addresses that accepts. Raises OSError or FetchError."""
    failure: OSError = OSError("no IP address")
    for ip in ips:
        family = socket.AF_INET6 if ":" in ip else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            connection.settimeout(deadline.timeout(limits.step_timeout))
            connection.connect((ip, port))
        except OSError as error:
            connection.close()
            failure = error
        except FetchError:
            connection.close()
            raise
        else:
            return connection
    raise failure


def start_tls(connection: socket.socket, host: str, limits: FetchLimits, deadline: Deadline) -> ssl.SSLSocket:
    connection.settimeout(deadline.timeout(limits.step_timeout))  # for the whole handshake
    return limits.tls().wrap_socket(connection, server_hostname=host)


def build_request(method: str, parts: ada_url.URL, cookie: str = "") -> bytes:
    """Builds the request: no referrer, and no range, which some servers refuse. The body is never read anyway."""
    lines = [
        f"{method} {parts.pathname}{parts.search} HTTP/1.1",
        f"Host: {parts.host}",
        f"User-Agent: Vietmusic link check (+{settings.SITE_URL}/websites/)",
        "Accept: */*",
        "Accept-Encoding: identity",
        *([f"Cookie: {cookie}"] if cookie else []),
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def send(connection: socket.socket, data: bytes, limits: FetchLimits, deadline: Deadline) -> None:
    connection.settimeout(deadline.timeout(limits.step_timeout))
    connection.sendall(data)


def read_head(connection: socket.socket, limits: FetchLimits, deadline: Deadline) -> Head:
    """Reads the final response's head, giving up once MAX_HEAD bytes are exceeded. Raises FetchError or OSError."""
    buffer, timeout = b"", limits.first_byte_timeout
    for _response in range(MAX_INTERIM):
        while b"\r\n\r\n" not in buffer and b"\n\n" not in buffer:
            if len(buffer) > MAX_HEAD:
                raise FetchError("head")
            connection.settimeout(deadline.timeout(timeout))
            chunk = connection.recv(4096)
            timeout = limits.step_timeout
            if not chunk:
                raise FetchError("head")
            buffer += chunk
        lines, buffer = split_head(buffer)
        head = parse_head(lines)
        if head.status >= 200:
            return head
    raise FetchError("head")


def split_head(buffer: bytes) -> tuple[list[bytes], bytes]:
    """Splits a buffer into the lines of the first head and whatever follows it. Raises FetchError."""
    end = re.search(rb"\r?\n\r?\n", buffer)
    if end is None:
        raise FetchError("head")
    return re.split(rb"\r?\n", buffer[: end.start()]), buffer[end.end() :]


def parse_head(lines: list[bytes]) -> Head:
    """Parses the lines of a head. Raises FetchError unless the first one is a status line of HTTP/1."""
    match = STATUS_LINE.match(lines[0])
    if not match:
        raise FetchError("head")
    fields = (line.partition(b":") for line in lines[1:])
    return Head(int(match[1]), tuple((decode(name).lower(), decode(value)) for name, _colon, value in fields))


def decode(text: bytes) -> str:
    """Decodes a part of a header field: browsers read the bytes of a Location as UTF-8."""
    return text.strip().decode("utf-8", errors="replace")
