"""`manage.py normalise_websites`: recomputes normal URLs after the rules changed."""

from django.core.management.base import BaseCommand

from suggestions.models import Suggestion
from suggestions.models.suggestion import DERIVED, URLTaken, claiming_url
from suggestions.website_url import URLRefused


class Command(BaseCommand):
    help = "Normalises all URLs again after a change of the rules in suggestions/website_url.py. Safe to repeat."

    def handle(self, *args: object, **options: object) -> None:
        changed = 0
        for suggestion in Suggestion.objects.order_by("pk").iterator():
            try:
                changed += renew(suggestion)
            except URLTaken:
                self.stderr.write(f"Website {suggestion.pk}: another one has that URL now. Please reject one of them.")
            except URLRefused:
                self.stderr.write(f"Website {suggestion.pk}: its URL is no longer accepted.")
        self.stdout.write(f"{changed} changed.")


def renew(suggestion: Suggestion) -> bool:
    """Returns whether anything changed. Writes the derived fields only, so that no concurrent edit is lost."""
    before = [getattr(suggestion, name) for name in DERIVED]
    suggestion.derive()
    after = [getattr(suggestion, name) for name in DERIVED]
    if before == after:
        return False
    with claiming_url():
        seen = Suggestion.objects.filter(pk=suggestion.pk, revision=suggestion.revision)
        return bool(seen.update(**dict(zip(DERIVED, after, strict=True))))
