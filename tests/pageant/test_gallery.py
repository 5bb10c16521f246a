"""The gallery: what it finds, its pages, and that it asks as little of a full table as of an empty one."""

import random
import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pageant import gallery
from pageant.models import Entry, Pageant, Photo, Report, Tally
from privacy import rate_limits
from privacy.rate_limits import Limit
from tests.pageant.factories import bulk_entries, make_entry, make_pageant

pytestmark = pytest.mark.django_db


@pytest.fixture
def pageant() -> Pageant:
    return make_pageant(slug="faces")


def names(response: Any) -> list[str]:
    return [entry.display_name for entry in response.context["gallery"].page.rows]


def found(client: Client, **query: str) -> list[str]:
    return names(client.get("/pageants/faces/", query))


@pytest.fixture
def three(pageant: Pageant) -> None:
    make_entry(pageant, display_name="Đặng Thúy", lives_in="Đà Lạt", hobbies=("hát", "đàn tranh"))
    make_entry(pageant, display_name="Lê An", lives_in="Huế", hobbies=("hát",))
    make_entry(pageant, display_name="Jane Le", lives_in="San Jose", hobbies=("hat",))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("da lat", ["Đặng Thúy"]),
        ("ĐÀ LẠT", ["Đặng Thúy"]),
        ("Dang  thuy!", ["Đặng Thúy"]),
        ("thuy dang", ["Đặng Thúy"]),
        ("le", ["Jane Le", "Lê An"]),
        ("an", ["Lê An"]),
        ("an hue", ["Lê An"]),
        ("tranh", ["Đặng Thúy"]),
        ("jos", ["Jane Le"]),
        ("nobody", []),
        ("!!!", ["Jane Le", "Lê An", "Đặng Thúy"]),
        ("%", ["Jane Le", "Lê An", "Đặng Thúy"]),
        ("_", ["Jane Le", "Lê An", "Đặng Thúy"]),
    ],
)
def test_search_knows_neither_accents_nor_case(client, three, words, expected):
    assert found(client, q=words) == expected


@pytest.mark.parametrize("sample", [1, 100])
@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_frequent_words_find_the_same_as_rare_ones(client, pageant, monkeypatch, sample, sort):
    for name in ["Lê An", "Trần Huế", "Lê Huế", "Huế Lệ", "Lễ Bình Huế"]:
        make_entry(pageant, display_name=name)
    monkeypatch.setattr(gallery, "SAMPLE", sample)
    monkeypatch.setattr(gallery, "FREQUENT", 3)
    gallery.sample.plan.cache_clear()

    with CaptureQueriesContext(connection) as queries:
        names = found(client, q="hue le", sort=sort)

    assert set(names) == {"Lê Huế", "Huế Lệ", "Lễ Bình Huế"}
    assert any("CASE" in sql and "first_photo" in sql for sql in (query["sql"] for query in queries)) == (sample == 100)
    gallery.sample.plan.cache_clear()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"hobby": "hát"}, ["Lê An", "Đặng Thúy"]),
        ({"hobby": "HÁT"}, ["Lê An", "Đặng Thúy"]),
        ({"hobby": "hat"}, ["Jane Le", "Lê An", "Đặng Thúy"]),
        ({"hobby": "đàn tranh"}, ["Đặng Thúy"]),
        ({"hobby": "none"}, []),
        ({"place": "Đà Lạt"}, ["Đặng Thúy"]),
        ({"place": "da lat"}, ["Đặng Thúy"]),
        ({"place": "lat"}, []),
        ({"hobby": "hát", "place": "hue"}, ["Lê An"]),
        ({"sort": "oldest"}, ["Đặng Thúy", "Lê An", "Jane Le"]),
        ({"sort": "newest"}, ["Jane Le", "Lê An", "Đặng Thúy"]),
        ({"sort": "nonsense"}, ["Jane Le", "Lê An", "Đặng Thúy"]),
    ],
)
def test_filters_narrow_the_gallery(client, three, query, expected):
    assert found(client, **query) == expected


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ({"place": "da LAT"}, "Đà Lạt"),
        ({"place": "Nowhere"}, "Nowhere"),
        ({"hobby": "HÁT"}, "hát"),
        ({"hobby": "x"}, "x"),
    ],
)
def test_filter_in_force_is_shown(client, three, query, chosen):
    html = client.get("/pageants/faces/", query).content.decode()

    assert re.findall(r"<option[^>]* selected>([^<(]*?) ?(?:\(|<)", html)[:1] == [chosen]


def test_page_beyond_the_end_leads_back(client, three):
    html = client.get("/pageants/faces/?after=1-1").content.decode()

    assert "Show everybody" in html
    assert "No entries yet" not in html


def test_filters_offer_what_there_is_with_numbers(client, three):
    gallery = client.get("/pageants/faces/").context["gallery"]

    assert {tally.label: tally.entries for tally in gallery.hobbies} == {"hát": 2, "hat": 1, "đàn tranh": 1}
    assert {tally.label: tally.entries for tally in gallery.places} == {"Huế": 1, "San Jose": 1, "Đà Lạt": 1}


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_pages_lead_through_all_entries_and_back(client, pageant, sort):
    bulk_entries(pageant, 60)
    # Times that are equal must neither hide nor repeat anybody.
    Entry.objects.filter(pk__in=Entry.objects.values("pk")[20:50]).update(published_at=timezone.now())
    order = ["published_at", "pk"] if sort == "oldest" else ["-published_at", "-pk"]
    expected = list(Entry.objects.order_by(*order).values_list("display_name", flat=True))

    pages = [client.get("/pageants/faces/", {"sort": sort})]
    while query := pages[-1].context["gallery"].next_query:
        pages.append(client.get(f"/pageants/faces/{query}"))
    assert [len(names(page)) for page in pages] == [24, 24, 12]
    assert [name for page in pages for name in names(page)] == expected

    back = [pages[-1]]
    while query := back[-1].context["gallery"].previous_query:
        back.append(client.get(f"/pageants/faces/{query}"))
    assert [names(page) for page in reversed(back)] == [names(page) for page in pages]


def test_page_of_a_filtered_gallery_keeps_the_filter(client, pageant):
    bulk_entries(pageant, 30)

    gallery = client.get("/pageants/faces/", {"place": "Huế", "q": "ng"}).context["gallery"]

    assert gallery.next_query.startswith("?q=ng&place=Hu%E1%BA%BF&after=")


@pytest.mark.parametrize(
    "query",
    ["after=1", "after=x-1", "after=99999999999999999-1", "before=1-999999999999999999", "after=1-1&before=1-1",
     "q=%00", "hobby=%ED%A0%80", "q=" + "x" * 101, "place=" + "y" * 81, "sort=", "hobby=&place=&q="],
)  # fmt: skip
def test_odd_query_is_answered_without_an_error(client, pageant, query):
    assert client.get(f"/pageants/faces/?{query}").status_code in {200, 400}


def test_too_long_search_says_so_in_place(client, pageant):
    response = client.get("/pageants/faces/", {"q": "x" * 101})

    assert (response.status_code, list(response.context["gallery"].form.errors)) == (200, ["q"])
    assert 'aria-invalid="true"' in response.content.decode()


# Growth


LISTS = [
    "/",
    "/vi/",
    "/pageants/",
    "/pageants/faces/",
    "/pageants/faces/?q=hue",
    "/pageants/faces/?hobby=hát&place=huế",
    "/pageants/faces/?sort=oldest",
    "/pageants/faces/feed/",
    "/sitemap.xml",
]


@pytest.mark.parametrize("address", LISTS)
def test_list_runs_as_many_queries_with_500_rows_as_with_5(client, pageant, address):
    bulk_entries(pageant, 5)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    bulk_entries(pageant, 495)
    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(many) == len(few) < 12
    sqls = [query["sql"].replace(f"OFFSET {gallery.SAMPLE}", "") for query in many]
    assert [sql for sql in sqls if "COUNT(" in sql or "OFFSET" in sql] == []


def test_entry_runs_as_many_queries_among_500_as_among_5(client, pageant):
    bulk_entries(pageant, 5)
    entry = make_entry(pageant)
    Entry.objects.filter(pk=entry.pk).update(published_at=timezone.now() - timedelta(minutes=3))  # between others
    with CaptureQueriesContext(connection) as few:
        client.get(entry.get_absolute_url())
    bulk_entries(pageant, 495)
    with CaptureQueriesContext(connection) as many:
        client.get(entry.get_absolute_url())

    assert len(many) == len(few) < 12


@pytest.mark.parametrize("address", ["/admin/pageant/entry/", "/admin/pageant/entry/?status__exact=approved"])
def test_queue_runs_as_many_queries_with_more_rows(admin_client, pageant, address):
    bulk_entries(pageant, 3)
    admin_client.get(address)
    with CaptureQueriesContext(connection) as few:
        admin_client.get(address)
    bulk_entries(pageant, 30)
    with CaptureQueriesContext(connection) as many:
        admin_client.get(address)

    assert len(many) == len(few)


def test_search_has_a_trigram_index_where_there_are_any():
    with connection.cursor() as cursor:
        indexes = connection.introspection.get_constraints(cursor, "pageant_entry")

    assert ("pageant_entry_search" in indexes) == (connection.vendor == "postgresql")


# Around the gallery


def test_pageant_shows_its_progress(client, pageant):
    make_entry(pageant)
    make_entry(pageant, status="waiting")

    html = client.get("/pageants/faces/").content.decode()

    assert "1 entry so far" in html
    assert "9 days left" in html
    assert 'value="4" max="13"' in html


def test_sums_follow_the_entries(pageant):
    entry, other = (make_entry(pageant, lives_in="Huế", hobbies=("hát",)) for _ in range(2))
    entry.withdraw()

    assert Pageant.objects.get().entry_count == 1
    assert set(Tally.objects.values_list("key", "entries")) == {("hát", 1), ("hue", 1)}
    other.withdraw()
    assert Tally.objects.count() == 0


def test_entry_shows_its_profile_and_neighbours(client, pageant):
    first, second, third = (make_entry(pageant, photos=2, favourite_food="phở", hobbies=("hát",)) for _ in range(3))

    response = client.get(second.get_absolute_url())

    assert (response.context["newer"].pk, response.context["older"].pk) == (third.pk, first.pk)
    html = response.content.decode()
    assert html.count("<picture>") == 4
    assert 'fetchpriority="high"' in html
    assert f'<meta property="og:image" content="http://testserver/media/photos/{second.photos.first().key[:2]}/' in html
    assert "phở" in html


def test_feed_tells_the_newest_entries(client, pageant):
    entry = make_entry(pageant, display_name="<Ánh> & Bình", about="Xin <b>chào</b>")
    make_entry(pageant, status="waiting")

    response = client.get("/vi/pageants/faces/feed/")

    feed = ET.fromstring(response.content)  # noqa: S314  our own words
    atom = {"a": "http://www.w3.org/2005/Atom"}
    assert [title.text for title in feed.findall("a:entry/a:title", atom)] == ["<Ánh> & Bình"]
    assert feed.find("a:entry/a:summary", atom).text == "<p>Xin &lt;b&gt;chào&lt;/b&gt;</p>"
    assert feed.find("a:entry/a:link", atom).get("href").endswith(f"/vi/pageants/faces/entries/{entry.key}/")
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "vi"


def test_report_reaches_staff_and_says_nothing_of_who_sent_it(client, pageant):
    entry = make_entry(pageant)
    address = f"/pageants/faces/entries/{entry.key}/report/"

    assert list(client.post(address, {"note": "x"}).context["form"].errors) == ["reason"]
    assert client.post(address, {"reason": "mine", "note": "Đó là ảnh của tôi."}).status_code == 302

    assert Report.objects.values_list("entry", "reason", "note").get() == (entry.pk, "mine", "Đó là ảnh của tôi.")
    assert {field.name for field in Report._meta.fields} == {
        "id", "entry", "reason", "note", "created_at", "closed_at", "closed_by",
    }  # fmt: skip


def test_words_that_grow_when_folded_are_cut_before_they_are_too_long_for_an_index(client, pageant):
    letters = "".join(chr(code) for code in range(0xFC00, 0xFDF0))  # ligatures, most of which become two letters
    long = "".join(random.Random(1).choices(letters, k=30)) + "\ufdfa" * 10  # which becomes 18
    hobbies = tuple(f"{number} {long}"[:40] for number in range(10))

    entry = make_entry(pageant, display_name="An", lives_in="\U00016f00" * 20 + "\ufdfa" * 60, hobbies=hobbies)

    assert 1_990 < len(entry.search_key.encode()) <= 2_000
    assert found(client, q="an") == ["An"]


def test_report_beyond_the_limit_has_to_wait(client, pageant, monkeypatch):
    monkeypatch.setattr(rate_limits, "REPORTS", Limit("reports", 2, timedelta(hours=1)))
    address = f"/pageants/faces/entries/{make_entry(pageant).key}/report/"

    answers = [client.post(address, {"reason": "other"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [302] * 2 + [429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_closed_and_coming_pageants_say_so(client):
    now = timezone.now()
    make_pageant(slug="past", opens_at=now - timedelta(days=9), closes_at=now - timedelta(days=1))
    make_pageant(slug="next", opens_at=now + timedelta(days=1), closes_at=now + timedelta(days=9))

    assert "Closed on" in client.get("/pageants/past/").content.decode()
    coming = client.get("/pageants/next/").content.decode()
    assert ("Opens on" in coming, "filter-sort" in coming) == (True, False)
    assert "No entries yet" in client.get("/pageants/past/").content.decode()


def test_picture_has_sizes_and_a_ground_until_it_loads(client, pageant):
    photo = make_entry(pageant).photos.get()
    Photo.objects.update(colour="#8a4b3c")

    html = client.get("/pageants/faces/").content.decode()

    assert '<rect width="100%" height="100%" fill="#8a4b3c"/>' in html
    assert f'width="{photo.width}" height="{photo.height}"' in html
    assert f"{photo.key}-320.avif 320w, " in html


def test_page_of_all_pageants_says_so_when_there_is_none(client, db):
    html = client.get("/pageants/").content.decode()

    assert "There is no pageant yet." in html
    assert html.count("<h2") == 0
