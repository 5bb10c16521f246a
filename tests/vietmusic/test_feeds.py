"""All feeds keep the rules of Atom, tell when words were corrected, and aren't sent twice."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from pageant.models import Pageant
from suggestions.models import Suggestion
from tests.atom import atom_problems
from tests.core.factories import make_staff
from tests.pageant.factories import make_entry, make_pageant
from tests.suggestions.factories import make_website

pytestmark = pytest.mark.django_db

FEEDS = ["/pageants/spring/feed/", "/websites/feed/", "/privacy/feed/"]
PATHS = [f"{prefix}{path}" for path in FEEDS for prefix in ("", "/vi")]


@pytest.fixture
def pageant() -> Pageant:
    return make_pageant(slug="spring", description_en="Pasted\x0bfrom \ufffea \ud7ff\U0001f3b5 document", max_photos=1)


@pytest.fixture
def listing(pageant) -> Suggestion:
    """There are two items in the feeds of the apps."""
    for number in range(2):
        make_entry(pageant, display_name=f"<Ánh> & {number}", photos=0)
        make_website(title=f"<b>{number}</b>", show_name=bool(number), name="Bình")
    first = Suggestion.objects.order_by("pk").first()
    Suggestion.objects.filter(pk=first.pk).update(published_at=first.published_at - timedelta(hours=1))
    return first


def fetch(client, path, **headers):
    response = client.get(path, headers=headers)
    assert (response.cookies, "Cookie" in response.get("Vary", "")) == ({}, False)
    return response


def values(response, name: str) -> list[str]:
    return re.findall(f"<{name}>([^<]*)</{name}>", response.content.decode())


@pytest.mark.parametrize("path", PATHS)
def test_feed_keeps_the_rules_of_atom(client, pageant, path):
    def problems() -> list[str]:
        return atom_problems(fetch(client, path).content, f"http://testserver{path}")

    assert problems() == []
    for number in range(2):
        make_entry(pageant, display_name=f"<Ánh> & {number}", photos=0)
        make_website(title=f"<b>{number}</b>", name="Bình").correct(by=make_staff(), title="Nhạc")
    assert problems() == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("<author>.*?</author>", "", "4.1.1: feed without author"),
        ("<name>Vietmusic</name>", "", "4.1: author without name"),
        ("<uri>[^<]+</uri>", "<uri>/</uri>", "3.2.2: uri /"),
        ("<id>urn:[^<]+</id>", "", "4.1: entry without id"),
        ("<id>urn:[^<]+</id>", "<id>urn:same</id>", "4.2.6: id urn:same is not unique"),
        ("<id>urn:[^<]+</id>", "<id>7</id>", "4.2.6: id 7"),
        ("<updated>[^<]+</updated>", "", "4.1: entry without updated"),
        ("<updated>[^<]+</updated>", "<updated>2026-01-32T00:00:00Z</updated>", "3.3: date 2026-01-32T00:00:00Z"),
        ("<updated>[^<]+</updated>", "<updated>2026-01-01</updated>", "3.3: date 2026-01-01"),
        (
            "<published>[^<]+</published>",
            "<published>2999-01-01T00:00:00Z</published>",
            "4.2.9: published after updated",
        ),
        ("<entry>", "<entry><updated>2999-01-01T00:00:00Z</updated>", "4.1: entry repeats updated"),
        ('<link [^>]*rel="self"[^>]*>', "", "4.1.1: self is []"),
        ("<link [^>]*>(?=<published>)", "", "4.1.2: neither content nor alternate"),
        ('href="http://testserver', 'href="', "4.2.7: href /websites/"),
        ("<entry>", '<entry><link href="a:b"/>', "4.1: alternates of (None, None)"),
        ("<entry>", "<entry><author/>", "4.1: author without name"),
        ("<entry>", "<entry><name/>", "4.1: entry with name"),
        ("<title>", '<title type="markdown">', "3.1: title is neither text nor HTML"),
        ('term="[^"]+"', 'label="x"', "4.2.2: category {'label': 'x'}"),
        (' xml:lang="en"', "", "2: no language"),
        ("2005/Atom", "2005/Other", "2: no atom:feed"),
    ],
)
def test_rules_are_those_of_the_rfc(client, listing, old, new, problem):
    path = "/websites/feed/"
    xml, count = re.subn(old, new, client.get(path).content.decode(), flags=re.DOTALL)

    assert count > 0
    assert problem in atom_problems(xml.encode(), f"http://testserver{path}")


def test_each_entry_names_its_author(client, listing):
    authors = [values(client.get(path), "name") for path in FEEDS]

    assert authors == [
        ["Vietmusic", "&lt;Ánh&gt; &amp; 1", "&lt;Ánh&gt; &amp; 0"],
        ["Vietmusic", "Bình", "Vietmusic"],
        ["Vietmusic", "Vietmusic"],
    ]


def test_feed_is_updated_when_staff_correct_words(client, listing):
    before = client.get("/websites/feed/")
    feed, newest, oldest = values(before, "updated")
    assert feed == newest > oldest

    now = (timezone.now() + timedelta(days=2)).replace(microsecond=0)
    with time_machine.travel(now, tick=False):
        listing.correct(by=make_staff(), title="Nhạc hay")

    after = client.get("/websites/feed/")
    assert values(after, "updated") == [now.isoformat(), newest, now.isoformat()]
    assert [values(after, name) == values(before, name) for name in ("id", "published")] == [True, True]


@pytest.mark.parametrize("path", FEEDS)
def test_empty_feed_stays_the_same(client, pageant, path):
    first = client.get(path).content
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert client.get(path).content == first


def test_what_was_withdrawn_is_gone_for_readers_that_ask_by_time_too(client, listing):
    path = "/websites/feed/"
    known = {"if-modified-since": fetch(client, path)["Last-Modified"]}
    listing.withdraw()

    response = fetch(client, path, **known)
    assert (response.status_code, listing.key in response.content.decode()) == (200, False)
