"""Dates and numbers, as people write them in each language."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django import forms
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format, number_format

from core.charts import Bars, Series
from core.pictures.decoder import Refusal
from core.pictures.masters import MESSAGES
from core.templatetags.site import day, moment
from pageant.models import Pageant
from tests.pageant.factories import make_entry, make_pageant

EVENING = datetime(2026, 3, 5, 12, 5, tzinfo=UTC)  # 19:05 in Vietnam


@pytest.mark.parametrize(
    ("language", "looks"),
    [
        ("en", ["5 March 2026", "5 March 2026, 19:05", "March 2026", "5 March", "1,234,567", "1,234.5"]),
        ("vi", ["ngày 5/3/2026", "19:05 ngày 5/3/2026", "tháng 3/2026", "ngày 5/3", "1.234.567", "1.234,5"]),
    ],
)
def test_dates_and_numbers_look_as_in_the_language(language, looks):
    with translation.override(language):
        assert [
            day(EVENING),
            moment(EVENING),
            date_format(EVENING, "YEAR_MONTH_FORMAT"),
            date_format(EVENING, "MONTH_DAY_FORMAT"),
            number_format(1234567),
            number_format(1234.5),
        ] == looks


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize("typed", ["3/12/2026", "03/12/2026", "2026-12-03"])
def test_day_comes_before_the_month_where_dates_are_typed(language, typed):
    with translation.override(language):
        assert forms.DateField().clean(typed) == date(2026, 12, 3)


@pytest.mark.parametrize(("language", "thousand"), [("en", "1,000"), ("vi", "1.000")])
def test_chart_groups_its_numbers_and_never_its_coordinates(language, thousand):
    bars = Bars("x", "X", "", "Days", ["1", "2"], [Series("people", "good", [1000, 333])])
    with translation.override(language):
        svg = render_to_string("components/chart_bars.svg", {"chart": bars})

    assert re.findall(r'<text class="chart__number"[^>]*>([^<]*)<', svg)[-1] == thousand
    assert re.findall(r"<td>([^<]*)</td>", svg) == [thousand, "333"]
    coordinates = re.findall(r' (?:x|y|x1|x2|y1|y2|width|height)="([^"]*)"', svg)
    assert [text for text in coordinates if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text)] == []


@pytest.mark.parametrize(("language", "side"), [("en", "32,000 pixels"), ("vi", "32.000 điểm ảnh")])
def test_limit_of_a_picture_is_grouped(language, side):
    with translation.override(language):
        assert side in str(MESSAGES[Refusal.TOO_LARGE_SIDE])


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "entries"), [("/", "1,234 entries"), ("/vi/", "1.234 bài dự thi")])
def test_many_entries_are_grouped_and_sizes_of_pictures_are_not(client, address, entries):
    pageant = make_pageant(opens_at=EVENING - timedelta(days=1500), closes_at=EVENING)
    photo = make_entry(pageant).photos.get()
    photo.width, photo.height = 2000, 2000
    photo.save()
    Pageant.objects.update(entry_count=1234)

    html = client.get(address).content.decode()

    assert entries in html
    assert {(width, height) for width, height in re.findall(r'<img [^>]*width="([^"]*)" height="([^"]*)"', html)} == {
        ("1280", "1280")
    }


@pytest.mark.django_db
def test_long_pageant_keeps_its_progress_readable_for_machines(client):
    now = datetime.now(UTC)
    make_pageant(opens_at=now - timedelta(days=1499), closes_at=now + timedelta(days=1499, hours=1))
    html = client.get("/vi/").content.decode()

    assert re.findall(r'<progress class="[^"]*" value="(\d+)" max="(\d+)"', html) == [("1500", "2998")]
    assert "Còn 1.499 ngày" in html
