"""What /metrics tells: each function yields families of samples (docs/metrics.md lists them).

Whatever asks the database takes a constant number of queries, each of which stops after MOST rows.
"""

import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric

from core import jobs, mail_server
from core.kept_pages.front import bytes_kept
from core.metrics.requests import BUCKETS, requests
from core.models import JobRun
from core.readiness import PARTS, READINESS
from core.site import queues

MOST = 10_000  # rows that are counted of a queue

Families = Callable[[], Iterator[Metric]]


def build() -> Iterator[Metric]:
    about = {"version": settings.VERSION, "machine": settings.MACHINE}
    yield InfoMetricFamily("vietmusic_build", "The version that runs, and the machine's name.", value=about)


def served() -> Iterator[Metric]:
    total = CounterMetricFamily(
        "vietmusic_requests", "Requests, by the name of the view and class of status.", labels=["view", "status"]
    )
    duration = HistogramMetricFamily(
        "vietmusic_request_duration_seconds", "Seconds until a response was ready to be sent.", labels=["view"]
    )
    pages = CounterMetricFamily(
        "vietmusic_kept_pages",
        "Public pages: sent from memory as they are (hit), filled for a reader (filled), or made anew (made).",
        labels=["outcome"],
    )
    views, outcomes = requests().counted()
    for counted in views:
        for status, number in counted.by_status.items():
            if number:
                total.add_metric([counted.view, status], number)
        duration.add_metric([counted.view], cumulative(counted.by_bucket), counted.seconds)
    for outcome, number in outcomes.items():
        pages.add_metric([outcome], number)
    yield from (total, duration, pages)
    yield GaugeMetricFamily(
        "vietmusic_kept_pages_bytes",
        "Memory for kept pages in the process that has answered this, one of several.",
        value=bytes_kept(),
    )


def cumulative(by_bucket: list[float]) -> list[tuple[str, float]]:
    """As Prometheus has it: each bucket counts what the smaller ones do, too."""
    sums = [sum(by_bucket[: place + 1]) for place in range(len(by_bucket))]
    return list(zip([*map(str, BUCKETS), "+Inf"], sums, strict=True))


def readiness() -> Iterator[Metric]:
    ready = GaugeMetricFamily(
        "vietmusic_ready", "1 if this part of what the site needs is there, else 0, as /readyz tells.", labels=["part"]
    )
    missing = {problem.partition(":")[0] for problem in READINESS.problems()}
    for part in PARTS:
        ready.add_metric([part], part not in missing)
    yield ready


def database() -> Iterator[Metric]:
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    seconds = time.perf_counter() - started
    yield GaugeMetricFamily("vietmusic_database_seconds", "Seconds of the smallest query.", value=seconds)


def waiting() -> Iterator[Metric]:
    length = GaugeMetricFamily(
        "vietmusic_queue_length", f"Rows that wait for something, of which {MOST} are counted.", labels=["queue"]
    )
    oldest = GaugeMetricFamily(
        "vietmusic_queue_oldest_seconds", "How long the oldest of the counted rows has waited.", labels=["queue"]
    )
    now = timezone.now()
    for name, queue in queues().items():
        rows = queue.rows().order_by().only("pk", queue.since)[:MOST]
        found = rows.aggregate(number=Count("pk"), since=Min(queue.since))
        length.add_metric([name], found["number"])
        oldest.add_metric([name], max(0, (now - found["since"]).total_seconds()) if found["since"] else 0)
    yield from (length, oldest)


def mails() -> Iterator[Metric]:
    server = mail_server.state()
    yield GaugeMetricFamily(
        "vietmusic_mail_server_failures",
        "Failures of the mail server in a row; above 0 mails wait.",
        value=server.failures,
    )
    since = (timezone.now() - server.failing_since).total_seconds() if server.failing_since else 0
    yield GaugeMetricFamily("vietmusic_mail_server_failing_seconds", "For how long it has failed.", value=since)
    yield CounterMetricFamily(
        "vietmusic_mails_doubtful", "Mails that may have arrived twice, since the site began.", value=server.doubts
    )


def jobs_done() -> Iterator[Metric]:
    succeeded = GaugeMetricFamily(
        "vietmusic_job_success_timestamp_seconds", "When a job last succeeded, to the minute.", labels=["task"]
    )
    failed = GaugeMetricFamily(
        "vietmusic_job_failure_timestamp_seconds", "When a job last failed, to the minute.", labels=["task"]
    )
    took = GaugeMetricFamily("vietmusic_job_duration_seconds", "Seconds that it took then.", labels=["task"])
    every = GaugeMetricFamily("vietmusic_job_interval_seconds", "How often a job is to be done.", labels=["task"])
    for run in JobRun.objects.filter(name__in=jobs.JOBS).order_by("name"):
        if run.succeeded_at:
            succeeded.add_metric([run.name], run.succeeded_at.timestamp())
        if run.failed_at:
            failed.add_metric([run.name], run.failed_at.timestamp())
        took.add_metric([run.name], run.seconds)
    for job in jobs.JOBS.values():
        every.add_metric([job.name], job.every.total_seconds())
    yield from (succeeded, failed, took, every)


OF_PROCESS: tuple[Families, ...] = (build, served, readiness)
OF_DATABASE: tuple[Families, ...] = (database, waiting, mails, jobs_done)
