"""`manage.py rotate_secret`: rewrites what was made with an older SECRET_KEY, and tells which keys are still needed."""

from django.core.management.base import BaseCommand

from core.email_digest import key_id, keys
from privacy.registry import digest_keys


class Command(BaseCommand):
    help = (
        "To be run once SECRET_KEY is new and the earlier one is the first of SECRET_KEY_FALLBACKS, and again later: "
        "rows whose e-mail address is known get new digests of it. Tells which earlier keys are needed by rows whose "
        "address is erased, until those rows are purged. Nothing stops meanwhile, and it may be stopped."
    )

    def handle(self, *args: object, **options: object) -> None:
        changed = digest_keys.rotate()
        self.stdout.write(f"{changed} rows have digests of the key {key_id(keys()[0])} now.")
        needed = digest_keys.forget_unneeded()
        for key, rows in needed.items():
            counts = ", ".join(f"{count} of {label}" for label, count in rows.items())
            self.stdout.write(f"Keep the key {key}: {counts} still need it, and their addresses are erased.")
        for position, key in enumerate(keys()[1:], start=1):
            if key_id(key) not in needed:
                self.stdout.write(f"Key {position} of SECRET_KEY_FALLBACKS ({key_id(key)}) is no longer needed.")
