"""The Atom feed of a pageant's newest entries."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import linebreaks
from django.utils.translation import gettext as _

from core.feeds import SIZE, AtomFeed
from pageant.models import Entry, Pageant
from pageant.public_rows import pageant_or_404


class EntriesFeed(AtomFeed):
    kind = "entry"

    def get_object(self, request: HttpRequest, slug: str) -> Pageant:
        return pageant_or_404(slug)

    def title(self, pageant: Pageant) -> str:
        return _("New in %(pageant)s") % {"pageant": pageant.title}

    def subtitle(self, pageant: Pageant) -> str:
        return pageant.description

    def link(self, pageant: Pageant) -> str:
        return settings.SITE_URL + pageant.get_absolute_url()

    def feed_url(self, pageant: Pageant) -> str:
        return settings.SITE_URL + reverse("pageant:feed", args=[pageant.slug])

    def items(self, pageant: Pageant) -> Any:
        return Entry.objects.public().filter(pageant=pageant).select_related("pageant").newest_first()[:SIZE]

    def item_title(self, entry: Entry) -> str:
        return entry.display_name

    def item_author_name(self, entry: Entry) -> str:
        return entry.display_name

    def item_description(self, entry: Entry) -> str:
        return linebreaks(entry.about, autoescape=True)  # Atom says that it is HTML
