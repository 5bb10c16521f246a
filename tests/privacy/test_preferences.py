"""The preferences cookie: what it holds, who may have one, and how its owner changes it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from core.text import has_hidden_characters, tidy_line
from pageant.models import Pageant
from privacy.cookies.preferences import GAP, LONGEST_VALUE, MOST, Preferences
from tests.pageant.factories import make_entry, make_pageant

PAGE = "/privacy/cookies/"
EDIT = "/privacy/cookies/preferences/"
NOW = datetime(2026, 3, 1, 9, 30, 20, tzinfo=UTC)


@pytest.fixture
def spring():
    pageant = make_pageant(slug="spring", title_en="Spring Faces")
    make_entry(pageant, lives_in="Huế", hobbies=("hát",), display_name="Lê An")
    return pageant


@pytest.fixture
def willing(client):
    """A browser that allows preferences and nothing else."""
    client.post(PAGE, {"choice": "chosen", "preferences": "on"})
    return client


def held(client):
    morsel = client.cookies.get("preferences")
    return Preferences.read(morsel.value) if morsel else Preferences()


# Who has one


@pytest.mark.django_db
@pytest.mark.parametrize("choice", [None, "none", "chosen"])
def test_nothing_is_remembered_without_a_yes(client, spring, choice):
    if choice:
        client.post(PAGE, {"choice": choice, "statistics": "on", "advertising": "on"})
    for address in ("/", "/pageants/spring/?place=hue&hobby=h%C3%A1t", PAGE):
        assert "preferences" not in client.get(address).cookies


@pytest.mark.django_db
def test_cookie_of_somebody_who_said_no_is_not_read(client, spring):
    client.cookies["preferences"] = "v:1&place:Hu%E1%BA%BF"
    response = client.get("/")

    assert "For you" not in response.content.decode()
    assert response.cookies["preferences"]["max-age"] == 0


@pytest.mark.django_db
def test_filters_pageants_and_language_are_remembered(willing, spring):
    willing.get("/vi/pageants/spring/?place=hue&hobby=h%C3%A1t&q=an")

    known = held(willing)
    assert (known.language, known.of_kind("place"), known.of_kind("hobby"), known.of_kind("pageant")) == (
        "vi",
        ("Huế",),
        ("hát",),
        ("spring",),
    )


@pytest.mark.django_db
def test_entry_that_was_opened_remembers_its_pageant_only(willing, spring):
    willing.get(spring.entries.get().get_absolute_url())

    known = held(willing)
    assert (known.of_kind("place"), known.of_kind("hobby"), known.of_kind("pageant")) == ((), (), ("spring",))


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["place=Nowhere", "hobby=none", "place=%F0%9F%8E%B5", "q=hue"])
def test_filter_that_finds_nobody_and_words_are_not_remembered(willing, spring, query):
    willing.get(f"/pageants/spring/?{query}")

    assert (held(willing).of_kind("place"), held(willing).of_kind("hobby")) == ((), ())


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/pageants/nothing/", "/robots.txt", "/pageants/spring/feed/", "/sitemap.xml"])
def test_what_is_no_page_of_ours_remembers_nothing(willing, spring, address):
    assert willing.get(address).cookies == {}


@pytest.mark.django_db
def test_head_remembers_nothing(willing, spring):
    assert willing.head("/pageants/spring/?place=hue").cookies == {}


@pytest.mark.django_db
def test_page_that_changes_nothing_writes_nothing(willing, spring, time_machine):
    time_machine.move_to(NOW, tick=False)
    willing.post(PAGE, {"choice": "all"})
    willing.get("/pageants/spring/")

    assert willing.get("/pageants/spring/").cookies == {}


@pytest.mark.django_db
def test_nothing_of_it_reaches_the_database(willing, spring):
    with CaptureQueriesContext(connection) as queries:
        willing.get("/pageants/spring/?place=hue&hobby=h%C3%A1t")
        willing.get("/")
        willing.post(EDIT, {"language": "vi", "places": "Huế", "hobbies": "hát"})
        willing.get(PAGE)

    assert [query["sql"] for query in queries if not query["sql"].startswith("SELECT")] == []


@pytest.mark.django_db
def test_remembering_takes_no_query(client, spring):
    def count(address):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return len(queries)

    before = count("/pageants/spring/?place=hue")
    client.post(PAGE, {"choice": "all"})
    assert count("/pageants/spring/?place=hue") == before


# Editing


@pytest.mark.django_db
def test_owner_reads_it_in_plain_words(willing, spring):
    willing.get("/vi/pageants/spring/?place=hue&hobby=h%C3%A1t")
    html = willing.get(PAGE).content.decode()

    assert re.findall(r"<textarea[^>]*>\s*(\S*)</textarea>", html) == ["Huế", "hát"]
    assert "Forget Spring Faces" in html
    assert re.findall(r'value="(\w*)"[^>]* checked', html.partition('id="preferences"')[2])[:1] == ["vi"]


@pytest.mark.django_db
def test_pageant_that_is_gone_is_called_by_its_address(willing, spring):
    willing.get("/pageants/spring/")
    Pageant.objects.update(slug="other")

    assert "Forget spring" in willing.get(PAGE).content.decode()


@pytest.mark.django_db
def test_owner_changes_it(willing, spring):
    willing.get("/pageants/spring/?place=hue")
    posted = {"language": "vi", "places": "Đà Lạt\r\n\r\n  San   Jose, CA ", "hobbies": "hát", "forget": "spring"}
    response = willing.post(EDIT, posted)

    known = held(willing)
    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert (known.language, known.of_kind("place"), known.of_kind("hobby"), known.of_kind("pageant")) == (
        "vi",
        ("Đà Lạt", "San Jose, CA"),
        ("hát",),
        (),
    )


@pytest.mark.django_db
def test_owner_has_everything_forgotten(willing, spring):
    willing.get("/pageants/spring/?place=hue")
    response = willing.post(EDIT, {"forget_all": "1"})

    assert response.cookies["preferences"]["max-age"] == 0


@pytest.mark.django_db
def test_nobody_changes_what_is_not_allowed(client):
    response = client.post(EDIT, {"places": "Huế"})

    assert (response.status_code, response.cookies) == (302, {})


@pytest.mark.django_db
@pytest.mark.parametrize(
    "posted",
    [
        {"places": "\n".join("abcdef")},
        {"places": "x" * 81},
        {"hobbies": "x" * 41},
        {"places": "a\u202eb"},
        {"places": "a\0b"},
        {"language": "fr"},
        {"forget": "summer"},
        {"places": "\n".join("ế" * 79 + letter for letter in "abcde")},
    ],
)
def test_what_cannot_be_kept_is_told_and_nothing_typed_is_lost(willing, spring, posted):
    willing.get("/pageants/spring/")
    before = held(willing)
    response = willing.post(EDIT, {"hobbies": "hát", **posted})
    html = response.content.decode()

    assert (response.status_code, held(willing)) == (200, before)
    assert "Please look at this again" in html
    assert posted.get("hobbies", "hát") in html


# The cookie itself

LINES = st.text(max_size=80).map(tidy_line).filter(lambda text: text and not has_hidden_characters(text))
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2025, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=UTC, second=0, microsecond=0)
)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("place"), LINES),
        st.tuples(st.just("hobby"), LINES.map(lambda text: tidy_line(text[:40]))),
        st.tuples(st.just("pageant"), st.from_regex(r"[a-z0-9-]{1,50}", fullmatch=True)),
        st.tuples(st.sampled_from(["place", "hobby", "pageant"]), st.text()),
    ),
    max_size=30,
)


@given(ACTS, st.lists(MOMENTS, max_size=4).map(sorted))
def test_cookie_is_read_as_it_was_written_and_never_grows_large(acts, moments):
    known = Preferences(language="vi")
    for kind, value in acts:
        known = known.with_newest(kind, value)
    for moment in moments:
        known = known.visited(moment)
    value = known.write()

    assert Preferences.read(value) == known
    assert len(value) <= LONGEST_VALUE
    assert re.fullmatch(r"[\w.:&%~-]*", value, re.ASCII)  # nothing that a cookie would have to quote
    assert max(map(len, (known.of_kind("place"), known.of_kind("hobby"), known.of_kind("pageant")))) <= MOST


@given(st.one_of(st.text(), st.from_regex(r"v:1(&(place|hobby|pageant|seen|before|language):[\w%]{0,20}){0,9}")))
def test_any_cookie_is_read_without_an_error(value):
    read = Preferences.read(value)

    assert read == Preferences() or read.write() == value


@pytest.mark.parametrize(
    "value",
    [
        "", "v:2&place:Hue", "place:Hue", "v:1&place:", "v:1&place:%FF", "v:1&place:%00", "v:1&place:%E2%80%AEa",
        "v:1&place:a&v:1", "v:1&language:fr", "v:1&seen:99999999", "v:1&seen:29000000&before:29000001",
        "v:1&before:x", "v:1&pageant:a%2Fb", "v:1&hobby:" + "a" * 41, "v:1" + "&place:a" * 6, "v:1&place:a%20%20b",
        "v:1&colour:red", "v:1&place:Hu%e1%ba%bf", "v:1&place:Huế", "v:1&place:" + "a" * 2000,
        "v:1&language:vi&language:en", "v:1&hobby:a&place:b",
    ],
)  # fmt: skip
def test_odd_cookie_is_as_good_as_none(value):
    assert Preferences.read(value) == Preferences()


def test_newest_comes_first_and_once():
    known = Preferences()
    for place in ("Huế", "Hội An", "Vinh", "Sa Pa", "Đà Lạt", "huế", "Hà Nội"):
        known = known.with_newest("place", place)

    assert known.of_kind("place") == ("Hà Nội", "huế", "Đà Lạt", "Sa Pa", "Vinh")


def test_newest_stays_where_there_is_no_room():
    known = Preferences()
    for number in range(5):
        known = known.with_newest("hobby", "ế" * 39 + str(number))
    known = known.with_newest("place", "ế" * 80)

    assert known.of_kind("place") == ("ế" * 80,)
    assert len(known.of_kind("hobby")) < 5


def test_half_an_hour_without_a_page_begins_another_visit():
    first = Preferences().visited(NOW)
    minute = NOW.replace(second=0)

    assert (first.seen, first.before) == (minute, None)
    soon = first.visited(NOW + GAP - timedelta(minutes=1))
    assert (soon.seen, soon.before) == (minute + timedelta(minutes=29), None)
    late = first.visited(NOW + GAP)
    assert (late.seen, late.before) == (minute + GAP, minute)
    assert late.visited(NOW) == late  # a clock that is behind


def test_moment_of_the_future_is_odd():
    after_setting_back = Preferences().visited(timezone.now() + timedelta(hours=1))
    ahead = Preferences().visited(timezone.now() + timedelta(hours=3))

    assert Preferences.read(after_setting_back.write()) == after_setting_back
    assert Preferences.read(ahead.write()) == Preferences()
