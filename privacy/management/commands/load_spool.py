"""`manage.py load_spool PATH`: loads the visits that a dead machine left on its disk."""

import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy.traffic import daily_salt, loader, visit_log, visitor_counts
from privacy.traffic.loader import Loaded

KINDS = {visit_log.KIND: visit_log.take, visitor_counts.KIND: visitor_counts.take}


class Command(BaseCommand):
    help = (
        "Loads the visits in a folder that was another machine's VISIT_SPOOL. What was loaded before, from there or "
        "from a copy of it, is not loaded again, so this may be stopped and repeated. Deletes what it has loaded."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="PATH", help="the folder with the files of that machine")

    def handle(self, *args: object, folder: Path, **options: object) -> None:
        refuse_unless_spool(folder)
        settings.VISIT_SPOOL.mkdir(mode=0o700, parents=True, exist_ok=True)  # where unreadable lines are set aside
        is_our_own = folder.resolve() == settings.VISIT_SPOOL
        try:
            found = {kind: loader.load_folder(kind, take, folder) for kind, take in KINDS.items()}
            daily_salt.destroy_all(folder, but=daily_salt.today() if is_our_own else "")
        except OSError as error:
            raise CommandError(
                f"{error.filename or folder} can't be read: {error.strerror}. What was read before is loaded."
            ) from error
        for kind, loaded in found.items():
            self.stdout.write(f"{loaded.lines:>8}  new lines of {kind}, in {loaded.files} files")
        self.tell_what_is_left(folder, found)

    def tell_what_is_left(self, folder: Path, found: dict[str, Loaded]) -> None:
        if unreadable := sum(loaded.unreadable for loaded in found.values()):
            self.stderr.write(f"{unreadable} lines can't be read, and are kept in {settings.VISIT_SPOOL} for a while.")
        if in_use := [name for loaded in found.values() for name in loaded.in_use]:
            self.stderr.write(f"Still written to, so perhaps not all: {', '.join(in_use)}.")
        if stay := [name for loaded in found.values() for name in loaded.stay]:
            self.stderr.write(
                f"{len(stay)} files can't be deleted from {folder}. They hold whole IP addresses: erase that disk."
            )
        if foreign := foreign_names(folder):
            self.stderr.write(f"Left alone, as they are no visits: {', '.join(foreign)}.")


def refuse_unless_spool(folder: Path) -> None:
    if not folder.exists():
        raise CommandError(f"{folder} doesn't exist.")
    if not folder.is_dir():
        raise CommandError(f"{folder} is no folder. Give the folder that the files are in.")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise CommandError(f"{folder} can't be read by this user.")
    if not any(loader.files_in(folder, kind) for kind in KINDS):
        raise CommandError(f"{folder} holds no files of visits (visits-….spool, audience-….spool).")


def foreign_names(folder: Path) -> list[str]:
    """Other names than a VISIT_SPOOL holds."""
    ours = {path for kind in KINDS for path in loader.files_in(folder, kind)}
    kept = {path for kind in KINDS for path in folder.glob(f"{kind}-*.aside")} | set(folder.glob("audience-*.key"))
    return sorted(ascii(path.name)[1:-1] for path in set(folder.iterdir()) - ours - kept)
