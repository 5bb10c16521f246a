from django.core.management.base import BaseCommand

from suggestions.models import Suggestion
from suggestions.models.suggestion import DERIVED, Taken, own_address
from suggestions.website_url import AddressRefused


class Command(BaseCommand):
    help = "Normalises all addresses anew, after the rules in suggestions/addresses.py have changed. Can be repeated."

    def handle(self, *args: object, **options: object) -> None:
        changed = 0
        for suggestion in Suggestion.objects.order_by("pk").iterator():
            try:
                changed += renew(suggestion)
            except Taken:
                self.stderr.write(f"Website {suggestion.pk}: another one has that address now. Please reject one.")
            except AddressRefused:
                self.stderr.write(f"Website {suggestion.pk}: such an address isn't taken any more.")
        self.stdout.write(f"{changed} changed.")


def renew(suggestion: Suggestion) -> bool:
    """Whether anything is different now. Only what is derived is written, so that nobody's change is lost."""
    before = [getattr(suggestion, name) for name in DERIVED]
    suggestion.derive()
    after = [getattr(suggestion, name) for name in DERIVED]
    if before == after:
        return False
    with own_address():
        seen = Suggestion.objects.filter(pk=suggestion.pk, revision=suggestion.revision)
        return bool(seen.update(**dict(zip(DERIVED, after, strict=True))))
