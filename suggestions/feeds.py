"""The Atom feed of the newest websites."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import linebreaks
from django.utils.translation import gettext as _

from suggestions.models import Suggestion

SIZE = 24


class WebsitesFeed(Feed):
    """Its entries lead to our own pages, from where a marked link leaves the site."""

    feed_type = Atom1Feed

    def title(self) -> str:
        return _("New music websites")

    def subtitle(self) -> str:
        return _("Websites about Vietnamese music, suggested by visitors and looked at by our staff.")

    def link(self) -> str:
        return settings.SITE_URL + reverse("suggestions:websites")

    def feed_url(self) -> str:
        return settings.SITE_URL + reverse("suggestions:feed")

    def items(self) -> Any:
        return Suggestion.objects.public().select_related("category").newest_first()[:SIZE]

    def item_title(self, listing: Suggestion) -> str:
        return f"{listing.title} ({listing.shown_host})"

    def item_description(self, listing: Suggestion) -> str:
        return linebreaks(listing.description, autoescape=True)  # Atom says that it is HTML

    def item_categories(self, listing: Suggestion) -> list[str]:
        return [listing.category.name]

    def item_pubdate(self, listing: Suggestion) -> datetime:
        return listing.published_at

    def item_updateddate(self, listing: Suggestion) -> datetime:
        return listing.published_at

    def item_link(self, listing: Suggestion) -> str:
        return settings.SITE_URL + listing.get_absolute_url()

    def item_guid(self, listing: Suggestion) -> str:
        return f"urn:vietmusic:website:{listing.key}"
