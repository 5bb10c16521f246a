"""`make bench`: what a request costs with each way of logging it, and what a killed process loses.

All in one run and in turns, since a machine is never twice the same: read the ratios, not the microseconds.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 15
REQUESTS = 200  # of each way in a round
KILLED_AFTER = 800  # requests

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


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.environ.update(BENCH_FOLDER=folder, DJANGO_SETTINGS_MODULE="tools.bench.settings")
        set_up()
        from django.core.management import call_command  # noqa: PLC0415  needs the settings
        from django.db import connection  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        print(f"\nOn {connection.vendor}\n")
        print(f"{'':28}{'µs a request':>14}{'of the bare view':>19}{'µs more':>10}")
        for name, seconds, bare in measure():
            print(f"{name:28}{seconds * 1e6:>14.1f}{seconds / bare:>18.2f}×{(seconds - bare) * 1e6:>10.1f}")
        print(
            f"\nKilled with SIGKILL after {KILLED_AFTER} requests or a few more\n\n{'':28}{'answered':>10}{'lost':>8}"
        )
        for way in WAYS:
            if way.table:
                answered, kept = kill(way)
                print(f"{way.name:28}{answered:>10}{max(0, answered - kept):>8}")


def set_up() -> None:
    import django  # noqa: PLC0415  needs the settings

    django.setup()


def handler_for(way: Way) -> Callable[[], object]:
    """Sends one request through a handler with that middleware alone."""
    from django.conf import settings  # noqa: PLC0415
    from django.core.handlers.base import BaseHandler  # noqa: PLC0415
    from django.test import RequestFactory  # noqa: PLC0415

    settings.MIDDLEWARE = [way.middleware] if way.middleware else []
    handler = BaseHandler()
    handler.load_middleware()
    make = RequestFactory(
        HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        HTTP_REFERER="https://search.example/find?q=x",
        REMOTE_ADDR="203.0.113.7",
    )
    environ = make._base_environ(PATH_INFO="/pageants/spring/", REQUEST_METHOD="GET")

    def send() -> object:
        return handler.get_response(make.request(**environ))

    return send


def measure() -> list[tuple[str, float, float]]:
    """Of each way: its name, the median of its seconds a request, and that of the bare view."""
    senders = {way.name: handler_for(way) for way in MEASURED}
    taken: dict[str, list[float]] = {name: [] for name in senders}
    for number in range(ROUNDS + 1):
        for name, send in senders.items():
            started = time.perf_counter()
            for _ in range(REQUESTS):
                send()
            if number:  # the first round only warms up
                taken[name].append((time.perf_counter() - started) / REQUESTS)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    return [(name, median, medians[BARE]) for name, median in medians.items()]


def kill(way: Way) -> tuple[int, int]:
    """How many requests a process had answered when it was killed, and how many of them are in the database then."""
    from django.apps import apps  # noqa: PLC0415

    from privacy.traffic import visit_log  # noqa: PLC0415

    visit_log.load()  # what was measured
    model = apps.get_model(way.table)
    before = model.objects.count()
    command = [sys.executable, "-m", "tools.bench", way.name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).resolve().parents[2]) as child:  # noqa: S603  ours
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
    set_up()
    send = handler_for(next(way for way in WAYS if way.name == name))
    while True:
        send()
        os.write(1, b".")
        time.sleep(0.001)  # as a site with some traffic


if __name__ == "__main__":
    if len(sys.argv) > 1:
        send_until_killed(sys.argv[1])
    else:
        main()
