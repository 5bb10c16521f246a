"""Atom feeds of what was published."""

import re
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.utils.feedgenerator import Atom1Feed

SIZE = 24  # entries in a feed
EMPTY_SINCE = datetime(2026, 1, 1, tzinfo=UTC)  # the `updated` of a feed without entries
NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


class AtomGenerator(Atom1Feed):
    """Writes no characters that XML forbids, and the same feed as long as nothing has changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.feed = writable(self.feed)

    def add_item(self, *args: Any, **kwargs: Any) -> None:
        super().add_item(*args, **kwargs)
        self.items[-1] = writable(self.items[-1])

    def latest_post_date(self) -> datetime:
        """Django's would be the time of the request if there are no items."""
        return super().latest_post_date() if self.items else EMPTY_SINCE


def writable(values: dict[str, Any]) -> dict[str, Any]:
    """Drops characters that XML forbids, which staff may have pasted."""
    return {name: NOT_IN_XML.sub("", value) if isinstance(value, str) else value for name, value in values.items()}


class AtomFeed(Feed):
    """A feed whose items have a `published_at` and a page of their own. URLs are built from SITE_URL."""

    feed_type = AtomGenerator
    author_name = "Vietmusic"
    kind: str  # names the items in their identifiers, which never change

    def author_link(self) -> str:
        return f"{settings.SITE_URL}/"

    def item_author_name(self, item: Any) -> str:
        """Each entry names its author itself, so that it stays whole where feeds are mixed."""
        return self.author_name

    def item_pubdate(self, item: Any) -> datetime:
        return item.published_at

    def item_updateddate(self, item: Any) -> datetime:
        return self.item_pubdate(item)

    def item_link(self, item: Any) -> str:
        return settings.SITE_URL + item.get_absolute_url()

    def item_guid(self, item: Any) -> str:
        return f"urn:vietmusic:{self.kind}:{item.key}"
