"""`manage.py check_links`: checks the listings that are due."""

from django.core.management.base import BaseCommand

from suggestions import link_checker


class Command(BaseCommand):
    help = "Checks all listed websites that are due for a link check. The worker does the same in small batches."

    def handle(self, *args: object, **options: object) -> None:
        checked = sum(link_checker.check_all())
        self.stdout.write(f"{checked} checked.")
