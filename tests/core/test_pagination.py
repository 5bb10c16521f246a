"""Pages by key, on pageants by the time they open: any table with a time would do."""

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from django.db.models import SlugField

from core.pagination import BadCursor, Page, PreparedList
from pageant.models import Pageant
from tests.pageant.factories import make_pageant

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def rows():
    """Nine rows, some of them at the same time, oldest first."""
    minutes = [0, 1, 1, 1, 2, 3, 3, 4, 5]
    times = [START + timedelta(minutes=m, microseconds=m) for m in minutes]
    return [make_pageant(opens_at=time, closes_at=time + timedelta(days=1)) for time in times]


def narrow(not_at=None):
    rows = Pageant.objects.all()
    return {"rows": rows if not_at is None else rows.exclude(slug=not_at)}


@cache
def prepared_list(size):
    return PreparedList(narrow, by="opens_at", size=size, not_at=SlugField())


def page_of(*, size, **options):
    return prepared_list(size).page(**options)


def walk(*, size, newest_first):
    """All pages, forwards."""
    pages = [page_of(size=size, newest_first=newest_first)]
    while pages[-1].after:
        pages.append(page_of(size=size, newest_first=newest_first, after=pages[-1].after))
    return pages


def walk_back(page, *, size, newest_first):
    """All pages before `page`, in the order of reading."""
    pages = []
    while page.before:
        page = page_of(size=size, newest_first=newest_first, before=page.before)
        pages.insert(0, page)
    return pages


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 8, 9, 10])
def test_pages_hold_every_row_once_in_order(rows, size, newest_first):
    expected = rows[::-1] if newest_first else rows

    pages = walk(size=size, newest_first=newest_first)

    assert [page.rows for page in pages] == [expected[n : n + size] for n in range(0, len(rows), size)]


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 8, 9, 10])
def test_pages_are_the_same_on_the_way_back(rows, size, newest_first):
    pages = walk(size=size, newest_first=newest_first)

    back = walk_back(pages[-1], size=size, newest_first=newest_first)

    assert [page.rows for page in back] == [page.rows for page in pages[:-1]]
    assert [page.before is None for page in back] == [n == 0 for n in range(len(back))]
    assert [page.after for page in back] == [page.after for page in pages[:-1]]


def test_first_page_has_nothing_before_and_last_nothing_after(rows):
    pages = walk(size=4, newest_first=True)

    assert [(page.before is None, page.after is None) for page in pages] == [
        (True, False),
        (False, False),
        (False, True),
    ]


def test_page_of_nothing_is_empty():
    assert page_of(size=3) == Page([], None, None)


def test_page_beyond_the_end_is_empty(rows):
    last = walk(size=9, newest_first=True)[-1].rows[-1]
    cursor = f"{(last.opens_at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)}-{last.pk}"

    assert page_of(size=3, after=cursor) == Page([], None, None)


def test_page_stays_in_place_when_a_newer_row_appears(rows):
    cursor = page_of(size=4).after
    before = page_of(size=4, after=cursor).rows

    make_pageant(opens_at=START + timedelta(days=1), closes_at=START + timedelta(days=2))

    assert page_of(size=4, after=cursor).rows == before


def test_page_whose_cursor_row_is_gone_goes_on_behind_it(rows):
    cursor = page_of(size=4).after
    rows[::-1][3].delete()

    assert page_of(size=4, after=cursor).rows == rows[::-1][4:8]


@pytest.mark.parametrize("way", ["", "after", "before"])
def test_page_takes_one_query(rows, way, django_assert_num_queries):
    cursor = {way: page_of(size=2).after} if way else {}
    with django_assert_num_queries(1) as queries:
        page_of(size=2, **cursor)

    assert [word in queries[0]["sql"].upper() for word in ("COUNT(", "OFFSET")] == [False, False]


@pytest.mark.parametrize("way", ["after", "before"])
@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "1",
        "-",
        "1-",
        "-1",
        "1-2-3",
        " 1-2",
        "1-2\n",
        "1.5-2",
        "-1-2",
        "١-٢",
        "1-2' OR 1=1",
        "1" * 18 + "-1",
        "1-" + "1" * 19,
        "\0",
    ],
)
def test_cursor_that_no_page_gave_is_refused(cursor, way):
    with pytest.raises(BadCursor):
        page_of(size=2, **{way: cursor})


@pytest.mark.parametrize("cursor", ["0-0", "9" * 17 + "-" + "9" * 18])
def test_cursor_at_the_ends_of_time_is_a_page(rows, cursor):
    assert {len(page_of(size=20, after=cursor).rows), len(page_of(size=20, before=cursor).rows)} == {0, 9}


def test_neighbours_are_the_rows_next_to_it(rows, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert prepared_list(20).neighbours(rows[2]) == (rows[3], rows[1])


def test_neighbours_at_the_ends_are_none(rows):
    assert prepared_list(20).neighbours(rows[-1]) == (None, rows[-2])
    assert prepared_list(20).neighbours(rows[0]) == (rows[1], None)


def test_neighbours_come_from_the_narrowed_rows_only(rows):
    assert prepared_list(20).neighbours(rows[2], not_at=rows[3].slug) == (rows[4], rows[1])
