"""`manage.py reapply_erasures`: erases again after an older backup was restored."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy.rights import erasure


class Command(BaseCommand):
    help = (
        "After an older backup was restored: erases again everybody who was erased since. "
        "Reads the receipts in the database, in ERASURE_LOG, and in the files that are given."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "logs", nargs="*", type=Path, metavar="PATH", help="the ERASURE_LOG of another machine, or a copy of it"
        )

    def handle(self, *args: object, logs: list[Path], **options: object) -> None:
        for path in logs:
            refuse_unless_log(path)
        again = erasure.reapply(logs)
        for label, count in sorted(again.items()):
            self.stdout.write(f"{count:>8}  {label}")
        self.stdout.write(f"{sum(again.values()):>8}  rows had come back and were erased again")


def refuse_unless_log(path: Path) -> None:
    """Refuses a wrong path before anything is done: people who were erased would come back."""
    try:
        with path.open("rb") as file:
            is_empty = not file.read(1)
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from error
    if not is_empty and next(erasure.logged(path), None) is None:
        raise CommandError(f"{path} holds no erasures.")
