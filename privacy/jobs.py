"""Background jobs: load visits, close counting days, purge, and log erasures."""

from datetime import timedelta

from core.jobs import job
from privacy.registry import digest_keys
from privacy.rights import erasure
from privacy.rights.purge import purge
from privacy.traffic import visit_log, visitor_counts

AT_ONCE = timedelta(seconds=1)  # in passing, so that people who try the site see visits as they come


@job(every=timedelta(seconds=5), in_passing=AT_ONCE, each_machine=True)
def load_visits() -> None:
    visit_log.load()


@job(every=timedelta(seconds=5), in_passing=AT_ONCE, each_machine=True)
def load_audience() -> None:
    visitor_counts.load()


@job(every=timedelta(minutes=1), each_machine=True)
def close_days() -> None:
    """Destroys yesterday's key after midnight, and forgets who was seen once all machines have counted."""
    visitor_counts.close_days()


@job(every=timedelta(hours=1), alone=False)
def purge_old() -> None:
    purge()
    visit_log.forget_old_sums()


@job(every=timedelta(minutes=1))
def log_erasures() -> None:
    """Logs receipts that a full disk or a killed process has kept out of the file that outlives backups."""
    erasure.log_receipts()


@job(every=timedelta(days=1))
def name_digest_keys() -> None:
    """Notes which key is in use, and names it in digests of older versions."""
    digest_keys.record()
    digest_keys.name_all()
