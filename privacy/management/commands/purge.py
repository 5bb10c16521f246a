"""`manage.py purge`: purges data whose retention has ended."""

from django.core.management.base import BaseCommand, CommandParser

from privacy.rights import purge


class Command(BaseCommand):
    help = (
        "Deletes and blanks what the registry of personal data says is kept no longer. The worker does it every hour."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def handle(self, *args: object, dry_run: bool, **options: object) -> None:
        done = {rule: rule.due().count() for rule in purge.rules()} if dry_run else purge.purge()
        for rule, count in done.items():
            self.stdout.write(f"{count:>8}  {rule}")
        self.stdout.write(f"{sum(done.values()):>8}  {'are due' if dry_run else 'were let go'}")
