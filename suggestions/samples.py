"""Listings for the styleguide, with very long and broken content."""

from typing import Any

from django.utils import timezone

from core.sample_texts import WITHOUT_SPACES
from core.site import Samples
from suggestions.models.listing import Listing


def make() -> dict[str, Any]:
    return {
        "listings": [
            listing(title="Nhạc Huế", silent_since=None),
            listing(title=WITHOUT_SPACES[:100], description=WITHOUT_SPACES, silent_since=timezone.now()),
            listing(title="Ca trù", insecure_since=timezone.now()),
        ],
    }


def listing(**fields: Any) -> Listing:
    now = timezone.now()
    category = {"category_slug": "sample", "category_name_en": "Sample", "category_name_vi": "Mẫu"}
    words: dict[str, Any] = {
        "url": "https://nhac.example/",
        "host": "nhac.example",
        "description": "Ca Huế trên sông Hương.",
    }
    credit = {"show_name": True, "name": "Linh"}
    times = {"published_at": now, "last_alive_at": now, "silent_since": None, "insecure_since": None}
    languages = {"site_language": "vi", "language": "vi"}
    return Listing(pk=0, key="0" * 16, **category | words | credit | times | languages | fields)


SAMPLES = Samples("suggestions/samples.html", make)
