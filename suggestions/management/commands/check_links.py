from django.core.management.base import BaseCommand

from suggestions import link_checker


class Command(BaseCommand):
    help = "Asks all listed websites that are due whether they still answer. The worker does the same, a few at a time."

    def handle(self, *args: object, **options: object) -> None:
        checked = sum(link_checker.check_all())
        self.stdout.write(f"{checked} looked after.")
