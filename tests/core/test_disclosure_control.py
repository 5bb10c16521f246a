"""Sums that single out nobody."""

from datetime import date, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.disclosure_control import LEAST, Cell, Span, parts, rounded, spans, tags

labels = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.integers(0, 60), max_size=12)
days = st.lists(st.integers(0, 40), max_size=31).map(
    lambda counts: [(date(2026, 3, 1) + timedelta(days=number), count) for number, count in enumerate(counts)]
)


@pytest.mark.parametrize(
    ("people", "told"),
    [(0, None), (1, None), (9, None), (10, 10), (14, 10), (15, 20), (24, 20), (25, 30), (1234, 1230)],
)
def test_number_is_told_in_tens_from_ten_on(people, told):
    assert rounded(people) == told


def test_small_parts_are_put_together():
    assert parts({"Huế": 32, "Vinh": 4, "Đà Lạt": 12, "San Jose": 7}) == [
        Cell("Huế", 30), Cell("Đà Lạt", 10), Cell(None, 10),
    ]  # fmt: skip


def test_smallest_part_joins_a_rest_that_a_total_would_tell():
    assert parts({"Huế": 32, "Đà Lạt": 12, "Vinh": 3}) == [Cell("Huế", 30), Cell(None, 20)]


def test_parts_of_a_few_people_are_not_told():
    assert parts({"Huế": 3, "Vinh": 2}) == []


def test_small_tags_are_left_out():
    assert tags({"hát": 41, "đàn": 10, "câu cá": 9}) == [Cell("hát", 40), Cell("đàn", 10)]


def test_days_are_put_together_until_there_are_enough_people():
    start = date(2026, 3, 1)
    counts = [4, 7, 12, 0, 3]

    found = spans([(start + timedelta(days=number), count) for number, count in enumerate(counts)])

    assert found == [Span(start, date(2026, 3, 2), 10), Span(date(2026, 3, 3), date(2026, 3, 5), 20)]


def test_days_of_a_few_people_are_not_told():
    assert spans([(date(2026, 3, 1), 4), (date(2026, 3, 2), 5)]) == []


def told_in(people: dict[str, int], by_day: list) -> list[int]:
    """All the numbers of a report about them."""
    total = rounded(sum(people.values()))
    cells = [*parts(people), *tags(people), *spans(by_day)]
    return [cell.people for cell in cells] + ([total] if total is not None else [])


@given(st.lists(st.tuples(labels, days), min_size=1, max_size=4))
def test_no_difference_of_numbers_of_any_reports_is_a_few_people(reports):
    told = [number for people, by_day in reports for number in told_in(people, by_day)]

    assert [number for number in told if number < LEAST] == []
    assert {abs(one - other) for one, other in combinations(told, 2) if 0 < abs(one - other) < LEAST} == set()


@given(labels)
def test_rest_of_a_known_total_is_nobody_or_enough_people(people):
    """Whoever knows the total and all parts that are told, exactly even, knows no few people by subtracting."""
    if sum(people.values()) < LEAST:
        assert parts(people) == []
        return
    cells = parts(people)
    rest = sum(people.values()) - sum(people[cell.label] for cell in cells if cell.label is not None)

    assert rest == 0 or rest >= LEAST
    assert (None in [cell.label for cell in cells]) == (rest > 0)


@given(days)
def test_spans_lie_in_order_and_hold_everybody(by_day):
    found = spans(by_day)

    if not found:
        assert sum(count for _day, count in by_day) < LEAST
        return
    assert (found[0].first, found[-1].last) == (by_day[0][0], by_day[-1][0])
    assert {later.first - earlier.last for earlier, later in pairwise(found)} <= {timedelta(days=1)}
