"""`manage.py reapply_erasures`: erases again after an older backup was restored."""

from django.core.management.base import BaseCommand

from privacy.rights import erasure


class Command(BaseCommand):
    help = (
        "After an older backup was restored: erases again everybody who was erased since. "
        "Reads the receipts in the database and in ERASURE_LOG."
    )

    def handle(self, *args: object, **options: object) -> None:
        again = erasure.reapply()
        for label, count in sorted(again.items()):
            self.stdout.write(f"{count:>8}  {label}")
        self.stdout.write(f"{sum(again.values()):>8}  rows had come back and were erased again")
