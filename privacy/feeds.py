"""The Atom feed of policy versions."""

from datetime import datetime
from itertools import pairwise

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core.feeds import AtomFeed
from privacy.models import PolicyVersion
from privacy.policy import registry_diff
from privacy.policy.registry_diff import Change

Item = tuple[PolicyVersion, list[Change] | None]  # None: the first version changes nothing


class PolicyFeed(AtomFeed):
    def title(self) -> str:
        return _("Changes to the privacy policy of Vietmusic")

    def link(self) -> str:
        return settings.SITE_URL + reverse("privacy:versions")

    def feed_url(self) -> str:
        return settings.SITE_URL + reverse("privacy:feed")

    def items(self) -> list[Item]:
        versions = list(PolicyVersion.objects.published().defer("text_en", "text_vi"))
        steps = [(new, registry_diff.between(old.snapshot, new.snapshot)) for new, old in pairwise(versions)]
        return [*steps, *((first, None) for first in versions[-1:])]

    def item_title(self, item: Item) -> str:
        version, _changes = item
        day = date_format(localtime(version.published_at), "DATE_FORMAT")
        words = {"number": version.number, "day": day}
        if version.is_material:
            return _("Version %(number)d of %(day)s: a material change") % words
        return _("Version %(number)d of %(day)s") % words

    def item_description(self, item: Item) -> str:
        version, changes = item
        if changes is None:
            return _("The first version.")
        sentences = [f"{change}." for change in changes] or [_("Only the words have changed.")]
        return escape(" ".join(filter(None, [version.summary, *sentences])))  # Atom says that it is HTML

    def item_pubdate(self, item: Item) -> datetime:
        return item[0].published_at

    def item_link(self, item: Item) -> str:
        return settings.SITE_URL + reverse("privacy:changes", args=[item[0].number])

    def item_guid(self, item: Item) -> str:
        return f"urn:vietmusic:policy:{item[0].number}"
