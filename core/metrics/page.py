"""Serves /metrics, and names the view of each request for the metrics.

Prometheus cannot say which host it asks for, so the page stands in front of all that looks at hosts. It is no visit,
and has no URL: whoever may not see it gets what any unknown address gets.
"""

import logging
import secrets
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from core.http.client_ip import parse_ip
from core.metrics.families import OF_DATABASE, OF_PROCESS
from core.metrics.requests import VIEW, name_of

PATH = "/metrics"
HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})
# What proxies add. A request with one of these came from elsewhere, though our peer is the proxy on this machine.
FORWARDED = (
    "HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)  # fmt: skip

log = logging.getLogger(__name__)


class MetricsMiddleware:
    """Stands outside all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == PATH and request.method == "GET" and may_see(request):
            return page()
        response = self.get_response(request)
        request.META[VIEW] = name_of(request.resolver_match, request.path_info)
        return response


def may_see(request: HttpRequest) -> bool:
    return has_token(request) or is_from_here(request)


def has_token(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    given = request.META.get("HTTP_AUTHORIZATION", "")
    return bool(token) and secrets.compare_digest(given.encode(errors="replace"), f"Bearer {token}".encode())


def is_from_here(request: HttpRequest) -> bool:
    """Whether a program on this machine asks, by a name of the machine, and no proxy has passed it on."""
    peer = parse_ip(request.META.get("REMOTE_ADDR", "")) or ""
    is_loopback = peer == "::1" or peer.startswith("127.")
    host, _port = split_domain_port(request.META.get("HTTP_HOST", ""))
    return is_loopback and host in HERE and not any(name in request.META for name in FORWARDED)


def page() -> HttpResponse:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SiteCollector())
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4, headers=headers)


class SiteCollector(Collector):
    def collect(self) -> Iterator[Metric]:
        for families in OF_PROCESS:
            yield from families()
        try:
            for families in OF_DATABASE:
                yield from families()
        except Error as error:  # what the process knows is wanted now more than ever
            log.warning("The database gives no metrics: %s", type(error).__name__)
            connection.close()
