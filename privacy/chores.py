from datetime import timedelta

from privacy import erasure
from privacy.purge import purge
from vietmusic.chores import chore


@chore(every=timedelta(hours=1))
def purge_old() -> None:
    purge()


@chore(every=timedelta(minutes=1))
def log_erasures() -> None:
    """Receipts that a full disk or a killed process kept out of the file that outlives backups."""
    erasure.log_receipts()
