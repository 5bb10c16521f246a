"""`manage.py verify_ledger`: checks that the ledger is intact."""

import re

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import hash_chain
from privacy.sharing import ledger


def head(text: str) -> hash_chain.Head:
    """Parses a head as the command prints it: `12:` and 64 hexadecimal digits. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{1,18}:[0-9a-f]{64}", text):
        raise ValueError
    number, _colon, digest = text.partition(":")
    return int(number), digest


class Command(BaseCommand):
    help = (
        "Walks the ledger of disclosures from its first row to its last. Ends with 0 if the chain is whole; else names "
        "the row that doesn't fit. Keep the head that it prints where nobody who can write the database can: with "
        "--head it proves the next time that nothing before it was cut off or written anew."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", type=head, default=hash_chain.EMPTY, help="what an earlier run printed")

    def handle(self, *args: object, head: hash_chain.Head, **options: object) -> None:
        try:
            number, digest = ledger.verify(known=head)
        except hash_chain.Broken as broken:
            raise CommandError(f"The ledger is broken: {broken}.") from None
        self.stdout.write(f"The ledger is whole: {number} rows.")
        if number:
            self.stdout.write(f"Its head is {number}:{digest}")
