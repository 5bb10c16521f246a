"""`make bench`: what pages, photos, logs and writes cost, in one run, beside the usual ways to do the same.

All in turns, since a machine is never twice the same: read the ratios, not the milliseconds. QUICK=1 takes two minutes.
MILLION=postgres://… names a database that an earlier run, or `python -m tools.bench.million`, has filled. Filling a
million entries takes long; that database is migrated, and otherwise only read.
"""

import os
import resource
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    entries: int
    listings: int
    rounds: int
    times: int  # requests for each page in a round
    log_rounds: int
    picture_rounds: int
    writing: float  # seconds
    readers: tuple[str, ...] = ()  # options of tools/bench/readers.py


FULL = Sizes(1_000_000, 20_000, rounds=15, times=5, log_rounds=1000, picture_rounds=5, writing=20)
QUICK = Sizes(2_000, 200, rounds=2, times=2, log_rounds=30, picture_rounds=1, writing=2, readers=("--quick",))
WRITERS = 4


def main() -> None:
    started = time.monotonic()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # other processes write there, too
    sizes = QUICK if os.environ.get("QUICK") else FULL
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.environ.update(BENCH_FOLDER=folder, DJANGO_SETTINGS_MODULE="tools.bench.settings")
        import django  # noqa: PLC0415

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415  needs the settings
        from django.db import connection  # noqa: PLC0415

        from tools.bench import pictures, traffic  # noqa: PLC0415
        from tools.bench.processes import run  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        print(f"On {connection.vendor}")
        measure_site(sizes, folder)
        pictures.measure(rounds=sizes.picture_rounds)
        traffic.measure(rounds=sizes.log_rounds)
        traffic.measure_losses()
        connection.close()
        print()
        run("-m", "tools.bench.readers", *sizes.readers, env=dict(os.environ))
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    print(f"\nTook {time.monotonic() - started:.0f} s, and {cpu:.0f} s of CPU beside PostgreSQL's.")


def measure_site(sizes: Sizes, folder: str) -> None:
    from tools.bench import databases, memory, requests, served, tables, writes  # noqa: PLC0415
    from tools.bench.processes import Server, run  # noqa: PLC0415

    large = databases.prepare(folder, entries=sizes.entries, listings=sizes.listings, url=os.environ.get("MILLION", ""))
    small = databases.prepare(folder, entries=1_000, listings=sizes.listings)
    databases.add_lists(small)
    run("manage.py", "collectstatic", "--no-input", "--verbosity", "0", env=large)
    with ExitStack() as stack:
        start = lambda kind, env: stack.enter_context(Server(kind, env))  # noqa: E731
        site = start("site", large)
        others = start("site", small), start("lists", small), start("bare", small)
        requests.measure(site, *others, rounds=sizes.rounds, times=sizes.times)
        pages = site.ask("pages")
    with served.gunicorn("vietmusic.wsgi", large) as site:
        served.measure(site, large, pages, rounds=sizes.rounds)
        memory.measure(site, pages)
    with ExitStack() as stack:
        writers = [stack.enter_context(Server("site", small)) for _ in range(WRITERS)]
        a_minute, cpu = writes.measure(writers, sizes.writing)
    rows = [["websites suggested a minute", f"{a_minute:.0f}"], ["milliseconds of CPU for each", f"{cpu * 1000:.1f}"]]
    tables.show("Writes", f"By {WRITERS} processes at once, mail queued.", ["", ""], rows)


if __name__ == "__main__":
    main()
