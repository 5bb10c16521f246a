"""`manage.py erase_subject EMAIL`: erases a person."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy.registry.finders import Subject
from privacy.rights import erasure


class Command(BaseCommand):
    help = "Erases everything about the person with that e-mail address: rows, files, mails. It can't be undone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--yes", action="store_true", help="don't ask")

    def handle(self, *args: object, email: str, yes: bool, **options: object) -> None:
        subject = Subject.of(email)
        for declaration, rows in erasure.to_erase(subject):
            self.stdout.write(f"{len(rows):>8}  {declaration.label}")
        if not yes and input("Erase all of this? Type yes: ") != "yes":
            raise CommandError("Nothing was erased.")
        receipt = erasure.erase(subject)
        self.stdout.write(f"Erased. Receipt {receipt.key}" if receipt else "Nothing is held about this address.")
