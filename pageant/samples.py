"""Pageants and entries for the styleguide, with very long, very short and missing content."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from core.sample_texts import LONG_NAME, WITHOUT_SPACES
from core.site import Samples
from pageant.forms import ReportForm
from pageant.models import Entry, Pageant, Photo
from privacy.cookies.preferences import Preferences

DESCRIPTION = "Singers, players of the đàn tranh, and people who only sing in the kitchen: show us who you are."


def make() -> dict[str, Any]:
    now = timezone.now()
    days = timedelta(days=1)
    current = pageant("Sample", "Mẫu", opens_at=now - 20 * days, closes_at=now + 10 * days, entry_count=1234)
    current.faces = [missing_photo() for _ in range(3)]
    past = pageant("Past", "Đã qua", opens_at=now - 20 * days, closes_at=now - 10 * days, entry_count=1)
    upcoming = pageant(LONG_NAME, LONG_NAME, opens_at=now + 10 * days, closes_at=now + 20 * days)
    return {
        "pageants": [current, past, upcoming],
        "entries": [
            entry(current, display_name="An Nhiên", lives_in="Huế"),
            entry(current, display_name=LONG_NAME, lives_in=WITHOUT_SPACES[:60]),
            entry(current, display_name="Không ảnh", covers=[]),
        ],
        "form": ReportForm({"note": "x" * 2_000}),
        "liked": Preferences(kept={"place": ("Huế", "Đà Lạt"), "hobby": ("hát",)}),
    }


def pageant(title_en: str, title_vi: str, **fields: Any) -> Pageant:
    texts = {"description_en": DESCRIPTION, "description_vi": DESCRIPTION}
    return Pageant(slug="sample", title_en=title_en, title_vi=title_vi, **texts, **fields)


def entry(pageant: Pageant, *, covers: list[Photo] | None = None, **fields: Any) -> Entry:
    sample = Entry(pageant=pageant, key="0" * 16, language="vi", **fields)
    sample.covers = [missing_photo()] if covers is None else covers
    return sample


def missing_photo() -> Photo:
    """A photo without files."""
    return Photo(key="0" * 32, width=1000, height=1250, colour="#5e1013", description="A picture that is not there")


SAMPLES = Samples("pageant/samples.html", make)
