"""`manage.py check_files`: compares photos with their files, and mends all that can be mended."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.batches import keys_of
from core.file_storage import private_storage
from core.pictures import stored_files
from core.pictures.stored_files import Batch
from pageant.models import Entry, Photo

BATCH = 500  # entries


class Command(BaseCommand):
    help = (
        "Compares all photos with their files: makes public files again that are missing, deletes old files that no "
        "photo has, and names the photos whose masters are lost. Only their people can send those again; the worker "
        "asks them after a day. Ends with 1 while a photo is lost, or could not be mended. May be stopped at any time "
        "and started again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        ways = parser.add_mutually_exclusive_group()
        ways.add_argument("--dry-run", action="store_true", help="change nothing; end with 1 if anything is missing")
        ways.add_argument(
            "--ask",
            action="store_true",
            help="mail people now, even if most masters are lost: so be sure that no disk is missing",
        )

    def handle(self, *args: object, dry_run: bool, ask: bool, **options: object) -> None:
        looked_at = incomplete = made = orphans = lost = 0
        try:
            for batch in stored_files.batches(Photo.objects.all()):
                if batch.storage_seems_missing and not ask:
                    raise CommandError(
                        f"{len(batch.without_master)} of {batch.looked_at} masters are missing. Is "
                        f"{private_storage().place} there? If they are lost indeed, use --ask."
                    )
                if not dry_run:
                    made += batch.make_files() or 0
                    batch.mark_lost()
                looked_at += batch.looked_at
                incomplete += len(batch.incomplete)
                orphans += len(batch.orphans)
                lost += self.name_lost(batch, dry_run=dry_run)
        except OSError as error:
            raise CommandError(f"Stopped, to be started again: {error}") from error
        self.stdout.write(f"{looked_at:>8}  photos looked at")
        self.stdout.write(
            f"{incomplete:>8}  public ones lacked files" + ("" if dry_run else f"; {made} have them again")
        )
        self.stdout.write(f"{orphans:>8}  files belonged to no photo" + ("" if dry_run else " and were deleted"))
        self.stdout.write(f"{lost:>8}  photos are lost")
        if ask:
            self.stdout.write(f"{ask_people():>8}  people were asked to send photos again")
        if lost or made < incomplete:
            raise SystemExit(1)

    def name_lost(self, batch: Batch, *, dry_run: bool) -> int:
        lost = {photo.pk for photo in batch.suspects if photo.lost_at}
        if dry_run:
            lost |= {photo.pk for photo in batch.without_master}
        for photo in Photo.objects.filter(pk__in=lost).select_related("entry").order_by("pk"):
            where = f"entry {photo.entry_id} ({photo.entry.status})" if photo.entry else "a form that was not sent"
            self.stdout.write(f"Lost: photo {photo.pk} of {where}")
        return len(lost)


def ask_people() -> int:
    entries: Any = Entry.objects.to_ask_for_photos(lost_before=timezone.now())
    return sum(
        entry.ask_for_photos() for keys in keys_of(entries, BATCH) for entry in Entry.objects.filter(pk__in=keys)
    )
