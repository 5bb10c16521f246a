"""The Atom feed of the newest websites."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.html import linebreaks
from django.utils.translation import gettext as _

from core.feeds import SIZE, AtomFeed
from suggestions.models import Suggestion


class WebsitesFeed(AtomFeed):
    """The feed's entries link to our own pages, from which a marked link leaves the site."""

    kind = "website"

    def title(self) -> str:
        return _("New music websites")

    def subtitle(self) -> str:
        return _("Websites about Vietnamese music, suggested by visitors and reviewed by our staff.")

    def link(self) -> str:
        return settings.SITE_URL + reverse("suggestions:websites")

    def feed_url(self) -> str:
        return settings.SITE_URL + reverse("suggestions:feed")

    def items(self) -> Any:
        return Suggestion.objects.public().select_related("category").newest_first()[:SIZE]

    def item_title(self, listing: Suggestion) -> str:
        return f"{listing.title} ({listing.shown_host})"

    def item_author_name(self, listing: Suggestion) -> str:
        return listing.credit or self.author_name

    def item_updateddate(self, listing: Suggestion) -> datetime:
        return max(filter(None, (listing.published_at, listing.corrected_at)))

    def item_description(self, listing: Suggestion) -> str:
        return linebreaks(listing.description, autoescape=True)  # Atom says that it is HTML

    def item_categories(self, listing: Suggestion) -> list[str]:
        return [listing.category.name]
