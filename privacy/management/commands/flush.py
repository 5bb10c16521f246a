"""`manage.py flush`: Django's own, with the triggers lifted."""

from typing import Any

from django.core.management.commands import flush

from core import immutable_rows


class Command(flush.Command):
    """Django's `flush`, which empties the whole database, guarded rows included, since that was asked for."""

    def handle(self, **options: Any) -> None:
        with immutable_rows.lifted(options["database"]):
            super().handle(**options)
