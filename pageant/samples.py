"""Pageants and entries for the styleguide, with very long, very short and missing content."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from core.sample_texts import LONG_NAME, WITHOUT_SPACES
from core.site import Samples
from pageant.forms import ReportForm
from pageant.models import Pageant
from pageant.models.card import Card, ShownCover

DESCRIPTION = "Singers, players of the đàn tranh, and people who only sing in the kitchen: show us who you are."


def make() -> dict[str, Any]:
    now = timezone.now()
    days = timedelta(days=1)
    current = pageant("Sample", "Mẫu", opens_at=now - 20 * days, closes_at=now + 10 * days, entry_count=1234)
    current.faces = [MISSING] * 3
    past = pageant("Past", "Đã qua", opens_at=now - 20 * days, closes_at=now - 10 * days, entry_count=1)
    upcoming = pageant(LONG_NAME, LONG_NAME, opens_at=now + 10 * days, closes_at=now + 20 * days)
    return {
        "pageants": [current, past, upcoming],
        "entries": [
            card("An Nhiên", lives_in="Huế"),
            card(LONG_NAME, lives_in=WITHOUT_SPACES[:60]),
            card("Không ảnh", cover=None),
        ],
        "form": ReportForm({"note": "x" * 2_000}),
        "liked": "Huế · Đà Lạt · hát",
    }


def pageant(title_en: str, title_vi: str, **fields: Any) -> Pageant:
    texts = {"description_en": DESCRIPTION, "description_vi": DESCRIPTION}
    return Pageant(slug="sample", title_en=title_en, title_vi=title_vi, **texts, **fields)


# A photo without files
MISSING = ShownCover("0" * 32, 1000, 1250, "#5e1013", "A picture that is not there")


def card(name: str, *, lives_in: str = "", cover: ShownCover | None = MISSING) -> Card:
    return Card(0, timezone.now(), "sample", "0" * 16, "vi", name, lives_in, cover)


SAMPLES = Samples("pageant/samples.html", make)
