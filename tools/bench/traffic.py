"""What logging a request costs with each way of doing it, and what a killed process loses."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from tools.bench import tables
from tools.bench.processes import ROOT

REQUESTS = 20  # of each way in a round: few, so that some rounds are disturbed by nothing
KILLED_AFTER = 400  # requests

PATH = "/pageants/spring/"
VISITOR = {
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "HTTP_REFERER": "https://search.example/find?q=x",
    "REMOTE_ADDR": "203.0.113.7",
}

BARE = "a bare view"


@dataclass(frozen=True)
class Way:
    name: str
    middleware: str
    table: str = ""  # in which its rows arrive; empty where it isn't killed


WAYS = [
    Way(BARE, ""),
    Way("our visit log", "privacy.traffic.visit_log.VisitMiddleware", "privacy.Visit"),
    Way("our audience", "privacy.traffic.visitor_counts.AudienceMiddleware"),
    Way("an INSERT through the ORM", "tools.bench.rivals.InsertMiddleware", "privacy.Visit"),
    Way("django-request", "request.middleware.RequestMiddleware", "request.Request"),
    Way("a queue in memory", "tools.bench.rivals.QueueMiddleware", "privacy.Visit"),
]
MEASURED = [way for way in WAYS if way.name != "a queue in memory"]


def handler_for(way: Way) -> Callable[[], object]:
    """Sends one request through a handler with that middleware alone."""
    from django.conf import settings  # noqa: PLC0415
    from django.core.handlers.base import BaseHandler  # noqa: PLC0415
    from django.test import RequestFactory  # noqa: PLC0415

    settings.MIDDLEWARE = [way.middleware] if way.middleware else []
    handler = BaseHandler()
    handler.load_middleware()
    make = RequestFactory(**VISITOR)
    environ = make._base_environ(PATH_INFO=PATH, REQUEST_METHOD="GET")

    def send() -> object:
        return handler.get_response(make.request(**environ))

    return send


def recorders() -> dict[str, Callable[[], object]]:
    """What vietmusic/wsgi.py does for each page that is kept, where no middleware runs."""
    from privacy.traffic import visit_log, visitor_counts  # noqa: PLC0415

    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": PATH, **VISITOR}
    return {
        "our visit log, for a kept page": lambda: visit_log.record(environ, PATH, 200, 0.001),
        "our audience, for a kept page": lambda: visitor_counts.record(environ, PATH, "text/html; charset=utf-8", "en"),
    }


def measure(*, rounds: int) -> None:
    middlewares = {way.name: handler_for(way) for way in MEASURED}
    senders = middlewares | recorders()
    taken: dict[str, list[float]] = {name: [] for name in senders}
    for number in range(rounds + 1):
        for name, send in senders.items():
            started = time.process_time_ns()
            for _ in range(REQUESTS):
                send()
            if number:  # the first round only warms up
                taken[name].append((time.process_time_ns() - started) / 1000 / REQUESTS)
    rows = []
    for name, times in taken.items():
        if name == BARE:
            rows.append([name, f"{min(times):.1f}", "", ""])
            continue
        base = taken[BARE] if name in middlewares else [0.0] * rounds
        more = [time - bare for time, bare in zip(times, base, strict=True)]
        rows.append([name, f"{min(times):.1f}", f"{min(times) - min(base):.1f}", tables.spread(more, "{:.1f}")])
    tables.show(
        "Logging a request",
        f"Microseconds of CPU for a request: of {rounds} rounds of {REQUESTS} requests each the least, which nothing\n"
        "disturbed; what that is more than the bare view's; and medians and quartiles of the difference within rounds.",
        ["", "in all", "more", "of all rounds"],
        rows,
    )


def measure_losses() -> None:
    killed = [(way.name, *kill(way)) for way in WAYS if way.table]
    rows = [[name, str(answered), str(max(0, answered - kept))] for name, answered, kept in killed]
    title = f"Killed with SIGKILL after {KILLED_AFTER} requests or a few more"
    tables.show(title, "Requests that were answered, and those whose line is lost.", ["", "answered", "lost"], rows)


def kill(way: Way) -> tuple[int, int]:
    """How many requests a process had answered when it was killed, and how many of them are in the database then."""
    from django.apps import apps  # noqa: PLC0415

    from privacy.traffic import visit_log  # noqa: PLC0415

    visit_log.load()  # what was measured
    model = apps.get_model(way.table)
    before = model.objects.count()
    command = [sys.executable, "-m", "tools.bench.traffic", way.name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as child:  # noqa: S603  ours
        answered = 0
        while answered < KILLED_AFTER:
            answered += len(os.read(child.stdout.fileno(), 4096))
        child.send_signal(signal.SIGKILL)
        child.wait()
        answered += len(child.stdout.read())
    visit_log.load()
    return answered, model.objects.count() - before


def send_until_killed(name: str) -> None:
    """In a process of its own: says a byte for each request that was answered."""
    import django  # noqa: PLC0415

    django.setup()
    send = handler_for(next(way for way in WAYS if way.name == name))
    while True:
        send()
        os.write(1, b".")
        time.sleep(0.001)  # as a site with some traffic


if __name__ == "__main__":
    send_until_killed(sys.argv[1])
