"""Atom feeds of what was published."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.utils.feedgenerator import Atom1Feed

SIZE = 24  # entries of a feed


class AtomFeed(Feed):
    """A feed whose items have a `published_at` and a page of their own. Addresses are built from SITE_URL."""

    feed_type = Atom1Feed
    kind: str  # names the items in their identifiers, which never change

    def item_pubdate(self, item: Any) -> datetime:
        return item.published_at

    def item_updateddate(self, item: Any) -> datetime:
        return self.item_pubdate(item)

    def item_link(self, item: Any) -> str:
        return settings.SITE_URL + item.get_absolute_url()

    def item_guid(self, item: Any) -> str:
        return f"urn:vietmusic:{self.kind}:{item.key}"
