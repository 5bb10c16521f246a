"""The home page with preferences, and as complete without them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pageant.models import Entry
from privacy.cookies.preferences import Preferences
from tests.pageant.factories import make_entry, make_pageant
from tests.privacy.factories import publish_policy

pytestmark = pytest.mark.django_db

CHOSEN = {"choice": "chosen", "preferences": "on"}


@pytest.fixture
def willing(client):
    client.post("/privacy/cookies/", CHOSEN)
    return client


def give(client, *, language="", seen=None, **kept):
    client.cookies["preferences"] = Preferences(language, kept, seen).write()


@pytest.fixture
def faces():
    pageant = make_pageant(slug="faces")
    hidden = {"lives_in": "Huế", "hobbies": ("hát",), "photos": 0}
    for status in ("unconfirmed", "waiting", "rejected", "withdrawn"):
        make_entry(pageant, status=status, display_name=f"Ẩn {status}", **hidden)
    make_entry(pageant, display_name="Ở Huế", lives_in="Huế")
    make_entry(pageant, display_name="Biết hát", hobbies=("hát", "đàn"))
    make_entry(pageant, display_name="Khác", lives_in="Vinh", hobbies=("câu cá",))
    make_entry(pageant, display_name="Cả hai", lives_in="huế", hobbies=("hát",))
    return pageant


def names_in(response, part):
    """The names on the cards of a part of the page; none without it."""
    _before, _heading, after = response.content.decode().partition(f'id="{part}"')
    return re.findall(r'entry-card__name"[^>]*>([^<]*)<', after.partition("</section>")[0])


def test_home_without_preferences_is_the_same_for_all(client, faces):
    before = client.get("/")
    client.post("/privacy/cookies/", {"choice": "none"})
    after = client.get("/")

    for response in (before, after):
        assert (names_in(response, "for-you"), names_in(response, "new")) == ([], [])
        assert names_in(response, "newest") == ["Cả hai", "Khác", "Biết hát", "Ở Huế"]


@pytest.mark.parametrize(
    ("held", "fitting"),
    [
        ({"place": ("Huế",)}, ["Cả hai", "Ở Huế"]),
        ({"place": ("hue",)}, ["Cả hai", "Ở Huế"]),
        ({"hobby": ("hat",)}, ["Cả hai", "Biết hát"]),
        ({"place": ("Huế",), "hobby": ("hát",)}, ["Cả hai", "Biết hát", "Ở Huế"]),
        ({"place": ("Nowhere", "Vinh")}, ["Khác"]),
        ({"place": ("🎵",), "hobby": ("🎵",)}, []),
        ({"pageant": ("faces",)}, []),
    ],
)
def test_what_fits_comes_first_and_nothing_is_left_out(willing, faces, held, fitting):
    give(willing, **held)
    response = willing.get("/")

    assert names_in(response, "for-you") == fitting
    assert names_in(response, "newest") == ["Cả hai", "Khác", "Biết hát", "Ở Huế"]


def test_page_says_why_and_where_to_change_it(willing, faces):
    give(willing, place=("Huế",), hobby=("hát", "<b>"))
    html = willing.get("/").content.decode()

    assert "Because you looked for: Huế · hát · &lt;b&gt;." in html
    assert 'href="/privacy/cookies/#preferences"' in html
    assert html.index('id="for-you"') < html.index('id="on-now"')


def test_new_since_the_last_visit_comes_first(willing, faces):
    ended = (timezone.now() - timedelta(hours=5)).replace(second=0, microsecond=0)
    for minutes, name in ((-1, "Ở Huế"), (1, "Khác"), (2, "Cả hai")):
        Entry.objects.filter(display_name=name).update(published_at=ended + timedelta(minutes=minutes))
    Entry.objects.filter(display_name="Biết hát").update(published_at=ended - timedelta(days=1))
    give(willing, seen=ended)
    response = willing.get("/")

    assert names_in(response, "new") == ["Cả hai", "Khác"]
    assert names_in(willing.get("/"), "new") == ["Cả hai", "Khác"]  # still the same visit


def test_first_visit_has_nothing_new(willing, faces):
    assert names_in(willing.get("/"), "new") == []
    assert "New since" not in willing.get("/").content.decode()


def test_open_pageants_that_were_looked_at_come_first(willing):
    for number in (1, 2, 3):
        make_pageant(slug=f"p{number}", closes_at=timezone.now() + timedelta(days=number))
    give(willing, pageant=("p3",))

    html = willing.get("/").content.decode()

    assert [html.index(f'/pageants/{slug}/"') for slug in ("p3", "p1", "p2")] == sorted(
        html.index(f'/pageants/{slug}/"') for slug in ("p1", "p2", "p3")
    )
    assert html.index("/pageants/p3/enter/") < html.index('id="on-now"')
    assert "/pageants/p1/enter/" not in html[: html.index('id="on-now"')]


@pytest.mark.parametrize(("language", "address", "offered"), [("vi", "/", "vi"), ("vi", "/vi/", ""), ("", "/", "")])
def test_language_that_was_read_is_offered(willing, language, address, offered):
    give(willing, language=language)
    html = willing.get(address).content.decode()

    assert ('class="other-language"' in html) is bool(offered)
    assert f'<p class="other-language" lang="{offered}">' in html or not offered


def test_home_of_preferences_takes_as_many_queries_with_more_rows(willing, faces, django_assert_num_queries):
    give(willing, place=("Huế",), hobby=("hát",), pageant=("faces",), seen=timezone.now() - timedelta(days=9))
    willing.get("/")
    with CaptureQueriesContext(connection) as few:
        willing.get("/")
    for _number in range(3):
        make_entry(make_pageant(), lives_in="Huế", hobbies=("hát",))

    with django_assert_num_queries(len(few)):
        willing.get("/")


def test_home_without_preferences_takes_no_more_queries_than_what_it_shows(client, faces, django_assert_num_queries):
    # Open, coming and past pageants; faces of the open one; the newest entries with their covers; the newest
    # websites; the policy, and whether to tell of a change of it.
    with django_assert_num_queries(8):
        client.get("/")


def test_gallery_offers_first_what_somebody_looked_for(willing, faces):
    for _ in range(2):
        make_entry(faces, lives_in="Hà Nội", hobbies=("đọc sách",))
    give(willing, place=("huế",), hobby=("dan",))

    html = willing.get("/pageants/faces/").content.decode()

    assert re.findall('<option value="([^"]+)"', html)[:7] == [
        *["đàn", "câu cá", "đọc sách", "hát"],
        *["Huế", "Hà Nội", "Vinh"],
    ]


def test_home_tells_what_the_policy_changed_last(client):
    publish_policy(summary_en="Shoes matter.")
    html = client.get("/").content.decode()

    assert "Version 2 of our privacy policy has been in force since" in html
    assert html.count("Shoes matter.") == 1
    assert "Version 2 of our privacy policy" in client.get("/").content.decode()
