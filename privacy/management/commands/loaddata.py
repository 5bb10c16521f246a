"""`manage.py loaddata`: refused, since it would write beside what was published and recorded."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import loaddata


class Command(loaddata.Command):
    """Django's would stop half-way at the first row that stays as it is."""

    def handle(self, *fixtures: str, **options: Any) -> None:
        raise CommandError("Fixtures cannot restore a site. Use `manage.py copy_site --from URL`, or deploy.restore.")
