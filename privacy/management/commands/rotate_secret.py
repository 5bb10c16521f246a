"""`manage.py rotate_secret`: rewrites what was made with an older SECRET_KEY, and says which keys are still needed."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.email_digest import key_id, keys
from privacy.models import DigestKey
from privacy.registry import digest_keys


class Command(BaseCommand):
    help = (
        "Run it once SECRET_KEY is new and the earlier one comes first in SECRET_KEY_FALLBACKS, and again later. Rows "
        "whose e-mail address is known get new digests. It says which earlier keys are still needed, by rows whose "
        "address was erased. The site can go on meanwhile, and the command can be stopped at any time."
    )
    requires_system_checks = []  # it checks the keys itself, as it is the way out where one is lost

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--forget",
            metavar="KEY",
            action="append",
            default=[],
            help="a key that is lost for good, by its id: who needs it to find what they sent no longer can",
        )

    def handle(self, *args: object, forget: list[str], **options: object) -> None:
        DigestKey.objects.filter(key_id__in=forget).delete()
        if missing := digest_keys.missing():
            raise CommandError(f"{digest_keys.what_is_missing(missing)} If it is lost for good, see --forget.")
        changed = digest_keys.rotate()
        self.stdout.write(f"{changed} rows now have digests of the key {key_id(keys()[0])}.")
        for key in forget:
            self.stdout.write(f"Lost with the key {key}: {counted(digest_keys.rows_that_need(key))}.")
        needed = digest_keys.forget_unneeded()
        for key, rows in needed.items():
            self.stdout.write(f"Keep the key {key}: it is needed by {counted(rows)}, whose addresses were erased.")
        for position, key in enumerate(keys()[1:], start=1):
            if key_id(key) not in needed:
                self.stdout.write(f"Key {position} of SECRET_KEY_FALLBACKS ({key_id(key)}) is no longer needed.")


def counted(rows: dict[str, int]) -> str:
    return ", ".join(f"{count} of {label}" for label, count in rows.items()) or "nothing"
