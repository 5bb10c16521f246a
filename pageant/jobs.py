"""Background jobs: publish approved entries, make monthly reports, sweep hobbies, mend files, ask for lost photos."""

import logging
from datetime import timedelta

from django.utils import timezone

from core import jobs
from core.file_storage import StorageAway
from core.jobs import claim, job
from core.pictures import stored_files
from pageant.models import Entry, Hobby, Photo
from pageant.sponsors import monthly_reports

log = logging.getLogger(__name__)

BATCH = 1000
TIME_TO_BRING_BACK = timedelta(days=1)


@job(every=timedelta(seconds=5), alone=False)
def publish_approved() -> None:
    pks = Entry.objects.unpublished().order_by("decided_at").values_list("pk", flat=True)
    for pk in list(pks[:BATCH]):
        with claim("pageant.publish", pk) as claimed:
            if claimed:
                publish(pk)
        if jobs.seconds_left() <= 0:
            break


def publish(pk: int) -> None:
    entry = Entry.objects.unpublished().filter(pk=pk).first()  # anew: another process may have published it meanwhile
    try:
        if entry:
            entry.publish()
    except StorageAway:  # none of the others could be published either
        raise
    except OSError:  # a master is gone, or the disk is full: the other entries need not wait
        log.exception("Entry %s could not be published", pk)


@job(every=timedelta(hours=1))
def make_reports() -> None:
    """Makes the monthly reports once a month is over."""
    monthly_reports.make_due()


@job(every=timedelta(hours=1))
def sweep_hobbies() -> None:
    """Deletes tags that no entry has any more."""
    Hobby.objects.filter(pk__in=Hobby.objects.filter(entries=None).values("pk")[:BATCH]).sweep()


@job(every=timedelta(minutes=1), in_passing=timedelta(minutes=10))
def check_files() -> None:
    """Makes public files again that are missing, marks photos as lost, and deletes files that no photo has."""
    stored_files.sweep(Photo.objects.all())


@job(every=timedelta(hours=1), alone=False)
def ask_for_lost_photos() -> None:
    """Asks people to send photos again that have been lost for a day, in which a disk or a backup may come back."""
    for entry in Entry.objects.to_ask_for_photos(lost_before=timezone.now() - TIME_TO_BRING_BACK)[:BATCH]:
        entry.ask_for_photos()
        if jobs.seconds_left() <= 0:
            break
