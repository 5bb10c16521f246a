"""Who is asking."""

import ipaddress
import re

from django.conf import settings
from django.http import HttpRequest

IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?!$)|$)){4}")
UNKNOWN = "0.0.0.0"  # noqa: S104  stands for a peer without an address (a Unix socket); nothing listens there


def client_address(request: HttpRequest) -> str:
    """The client's IP address.

    With TRUSTED_PROXIES=n it is the n-th from the right of X-Forwarded-For, since that is what the outermost of our own
    proxies saw; all further left is the client's own claim. Anything odd falls back to the peer's address.
    """
    peer = read_address(request.META.get("REMOTE_ADDR", "")) or UNKNOWN
    proxies = settings.TRUSTED_PROXIES
    if not proxies:
        return peer
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if len(forwarded) < proxies:
        return peer
    return read_address(forwarded[-proxies].strip()) or peer


def client_network(request: HttpRequest) -> str:
    """What limits count by: one IPv4 address, or the /64 that one IPv6 subscriber gets."""
    address = ipaddress.ip_address(client_address(request))
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def read_address(text: str) -> str | None:
    """An address in its usual spelling; None if it is none. Without a scope, which no database holds."""
    if IPV4.fullmatch(text):  # many times as fast as what follows, and asked for each request
        return text
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)
