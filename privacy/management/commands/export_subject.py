"""`manage.py export_subject EMAIL`: exports everything about a person as a ZIP."""

import os
import secrets
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone, translation

from privacy.registry.finders import Subject
from privacy.rights.export import write_zip


class Command(BaseCommand):
    help = "Writes everything about the person with that e-mail address into a ZIP file, and prints its path."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--output", type=Path, help="where to write; a new file in this folder if not given")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], default="en")

    def handle(self, *args: object, email: str, output: Path | None, language: str, **options: object) -> None:
        # The e-mail address is in no file name, since those get into logs and histories.
        path = output or Path(f"export-{timezone.localdate():%Y%m%d}-{secrets.token_hex(4)}.zip")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file, translation.override(language):  # noqa: PTH123  a descriptor, not a path
            write_zip(Subject.of(email), file)
        self.stdout.write(str(path.resolve()))
