"""The client's IP address."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest

IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?!$)|$)){4}")
# What proxies write: `1.2.3.4:5678` (Azure, IIS), `[2001:db8::1]:443` (RFC 7239), or an IP address alone.
WITH_PORT = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<v4>[0-9.]+))(?::(?P<port>[0-9]{1,5}))?")
LAST_PORT = 65535
UNKNOWN = "0.0.0.0"  # noqa: S104  a placeholder for peers without an IP address (Unix sockets); nothing listens there


def client_ip(request: HttpRequest) -> str:
    """Returns the client's IP address, or UNKNOWN."""
    return ip_in(request.META)


def ip_in(environ: Mapping[str, Any]) -> str:
    """Returns the client's IP address in a WSGI environment, or UNKNOWN.

    With TRUSTED_PROXIES=n it is the n-th entry from the right of X-Forwarded-For, the one that our outermost proxy
    added, with or without a port. Clients can forge anything further left. A missing or malformed entry falls back to
    the peer's IP address.
    """
    peer = parse_ip(environ.get("REMOTE_ADDR", "")) or UNKNOWN
    proxies = settings.TRUSTED_PROXIES
    if not proxies:
        return peer
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if len(forwarded) < proxies:
        return peer
    return parse_forwarded(forwarded[-proxies].strip()) or peer


def client_network(request: HttpRequest, *, ipv4_prefix: int = 32) -> str:
    """Returns what rate limits count by: an IPv4 address, or the /64 network that one IPv6 subscriber usually gets.

    With a shorter `ipv4_prefix` it is the IPv4 network of that size.
    """
    ip = ipaddress.ip_address(client_ip(request))
    prefix = 64 if ip.version == 6 else ipv4_prefix
    if prefix == ip.max_prefixlen:
        return str(ip)
    return str(ipaddress.ip_network((ip, prefix), strict=False))


def parse_forwarded(text: str) -> str | None:
    """Returns the IP address of an entry in X-Forwarded-For, or None if it is malformed.

    Brackets hold IPv6 only. A scope (`%eth0`) counts as malformed, since it means something only on the machine that
    wrote it.
    """
    if match := WITH_PORT.fullmatch(text):
        if int(match["port"] or 0) > LAST_PORT or (match["v6"] and ":" not in match["v6"]):
            return None
        return parse_ip(match["v6"] or match["v4"])
    return None if "%" in text else parse_ip(text)


def parse_ip(text: str) -> str | None:
    """Returns an IP address in its canonical spelling, or None if `text` is not one.

    The scope of an IPv6 address (`%eth0`) is dropped, since PostgreSQL's inet cannot hold it. An IPv4-mapped IPv6
    address becomes IPv4.
    """
    if IPV4.fullmatch(text):  # much faster than the ipaddress module, and needed on each request
        return text
    try:
        ip = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ip)
