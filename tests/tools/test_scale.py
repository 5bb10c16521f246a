"""The simulation of a day: docs/scale.md shows what the tool computes from what it has counted."""

import pytest

from tests.core.concurrency import ROOT
from tools import scale
from tools.scale import Cost, Counted

COUNTED = scale.load()


def test_tables_of_the_guide_are_those_that_are_computed():
    guide = (ROOT / "docs" / "scale.md").read_text()

    assert [table for table in (scale.of_requests(COUNTED), scale.of_day(COUNTED)) if table not in guide] == []


def test_a_day_adds_up():
    page = Cost(fresh=10, kept=1, bytes=1000, unchanged=100, pictures=2)
    picture = Cost(fresh=1, kept=1, bytes=500, unchanged=100)
    counted = Counted(dict.fromkeys(scale.PAGES, page), picture, 10, 1, Cost(20, 20, 3000, 3000))
    rows = {row.kind: row for row in scale.days(counted)}

    home = rows["home"]
    assert home.requests == 8_000_000
    assert home.queries == pytest.approx(8_000_000 * (0.02 * 10 + 0.98))
    assert home.bytes == pytest.approx(8_000_000 * (0.8 * 1000 + 0.2 * 100))
    assert rows["pictures"].requests == pytest.approx(57_000_000 * 2 * scale.SEEN)
    assert rows["entering"].requests == 10_000


def test_a_kept_page_and_a_picture_cost_one_query_as_the_guide_says():
    assert {cost.kept for cost in (*COUNTED.pages.values(), COUNTED.picture)} == {1}
    assert all(cost.fresh > 1 for cost in COUNTED.pages.values())
