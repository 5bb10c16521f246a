"""The directory: lists, search, language, pages, feed, sitemap, and how links leave the site."""

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from suggestions.models import Suggestion
from tests.suggestions.factories import bulk_websites, make_category, make_website
from tests.vietmusic.blocks import block
from vietmusic import sitemap

pytestmark = pytest.mark.django_db

REL = {"external", "nofollow", "ugc", "noopener", "noreferrer"}


def titles(response):
    return [listing.title for listing in response.context["directory"].page.rows]


def outbound_links(html):
    return [tag for tag in re.findall(r"<a\s[^>]*>", html) if re.search(r'href="https?://', tag)]


def test_newest_come_first_and_categories_have_counts(client, category):
    other = make_category(slug="jazz")
    for title, where in (("One", category), ("Two", other), ("Three", category)):
        make_website(where, title=title)
    make_website(category, status="waiting")

    response = client.get("/websites/")
    directory = response.context["directory"]
    assert titles(response) == ["Three", "Two", "One"]
    counts = {one.slug: one.websites for one in directory.categories if one.websites}
    assert (counts, directory.websites) == ({"folk": 2, "jazz": 1}, 3)
    assert titles(client.get("/websites/folk/")) == ["Three", "One"]


@pytest.mark.parametrize(("address", "name"), [("/websites/folk/", "Folk"), ("/vi/websites/folk/", "Dân ca")])
def test_category_has_a_name_in_each_language(client, category, address, name):
    html = client.get(address).content.decode()

    assert f"<h1>{name}</h1>" in html
    assert f"<title>{name} – " in html


@pytest.mark.parametrize("slug", ["nothing", "Folk", "folk2"])
def test_category_that_is_not_there_is_not_found(client, category, slug):
    assert client.get(f"/websites/{slug}/").status_code == 404


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("nhạc xưa", ["Nhạc Xưa"]),
        ("NHAC xua", ["Nhạc Xưa"]),
        ("hac", ["Đàn", "Nhạc Xưa"]),
        ("nhacxua.example", ["Nhạc Xưa"]),
        ("dân tộc", ["Đàn"]),
        ("dan", ["Đàn"]),
        ("ac", []),
        ("đàn xưa", []),
        ("%", ["Đàn", "Nhạc Xưa"]),
        ("'; drop", []),
        ("🎵", ["Đàn", "Nhạc Xưa"]),
    ],
)
def test_search_knows_neither_accents_nor_case(client, words, found):
    make_website(title="Nhạc Xưa", description="Bài hát.", url="https://nhacxua.example")
    make_website(title="Đàn", description="Nhạc cụ của dân tộc.", url="https://abc.example")

    assert titles(client.get("/websites/", {"q": words})) == found


@pytest.mark.parametrize(
    ("language", "found"),
    [
        ("vi", ["both", "vi"]),
        ("en", ["both", "en"]),
        ("both", ["both"]),
        ("other", ["other"]),
        ("", ["other", "both", "en", "vi"]),
        ("tlh", ["other", "both", "en", "vi"]),
    ],
)
def test_language_narrows_the_list(client, language, found):
    for one in ("vi", "en", "both", "other"):
        make_website(title=one, site_language=one)

    assert titles(client.get("/websites/", {"language": language})) == found


def test_pages_lead_through_all_and_back(client, category):
    bulk_websites(category, 60)
    seen, query = [], ""
    for _page in range(3):
        response = client.get(f"/websites/folk/{query}")
        seen += titles(response)
        query = response.context["directory"].next_query

    assert (seen, query) == ([f"Bulk {number}" for number in range(60)], "")
    back = client.get(f"/websites/folk/{response.context['directory'].previous_query}")
    assert titles(back) == seen[24:48]


@pytest.mark.parametrize(
    "query", ["after=x", "before=1-2-3", "after=99999999999999999-1", "q=" + "x" * 200, "q=%E2%80%AE", "language[]=vi"]
)
def test_odd_query_is_no_server_error(client, category, query):
    assert client.get(f"/websites/?{query}").status_code in {200, 400}


@pytest.mark.parametrize(
    "address", ["/websites/", "/websites/folk/", "/websites/?q=bulk&language=vi", "/websites/feed/", "/"]
)
def test_page_takes_as_many_queries_with_many_rows_as_with_few(client, category, address, django_assert_num_queries):
    bulk_websites(category, 5)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    bulk_websites(category, 495)

    with django_assert_num_queries(len(few)):
        client.get(address)


def test_lists_ask_three_questions(client, category, django_assert_num_queries):
    bulk_websites(category, 30)

    with django_assert_num_queries(3):  # the listings, the categories, and whether the policy has changed
        client.get("/websites/")


def test_listing_shows_what_is_known_about_it(client, category):
    row = make_website(category, title="Nhạc", url="https://www.xn--nhc-tgz.example/a", site_language="en", name="Ánh")
    alive = timezone.now() - timedelta(days=2)
    Suggestion.objects.filter(pk=row.pk).update(last_alive_at=alive)

    for address in ("/websites/", row.get_absolute_url()):
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(address).content.decode()))
        for part in ("Nhạc", "nhạc.example", row.description, "Folk", "in English", "Added on", "Last seen alive on"):
            assert part in text
        assert "Ánh" not in text
        assert row.email not in text


def test_finder_is_thanked_by_name_only_who_asked_for_it(client):
    make_website(name="Kín Tiếng", show_name=False)
    make_website(name="Công Khai", show_name=True)
    html = client.get("/websites/").content.decode()

    assert ("found by Công Khai" in html, "Kín Tiếng" in html) == (True, False)


def test_every_link_that_leaves_is_marked(client, category):
    row = make_website(category, url="https://nhac.example/?a=1&b=2")
    for address in ("/", "/websites/", "/vi/websites/folk/", row.get_absolute_url()):
        html = client.get(address).content.decode()
        links = outbound_links(html)
        assert [re.search(r'href="([^"]+)"', link)[1] for link in links] == ["https://nhac.example/?a=1&amp;b=2"]
        assert set(re.search(r'rel="([^"]+)"', links[0])[1].split()) == REL
        assert html.count('id="outside"') == 1
        loaded = re.findall(r'<(?:img|script|source|iframe)[^>]*src="(http[^"]+)', html)
        assert loaded == []


def test_host_of_mixed_scripts_is_shown_in_ascii(client):
    make_website(url="https://аpple.example/")

    html = client.get("/websites/").content.decode()
    assert ("xn--pple-43d.example" in html, "аpple" in html) == (True, False)


def test_listing_whose_address_new_rules_refuse_stays_without_a_link(client, category, moderator):
    row = make_website(category, title="Nhạc")
    Suggestion.objects.filter(pk=row.pk).update(url="http://nhac.internal/")

    for address in ("/", "/websites/", "/websites/folk/", row.get_absolute_url()):
        html = client.get(address).content.decode()
        assert (outbound_links(html), "Nhạc" in html) == ([], True)
    assert client.get("/websites/feed/").status_code == 200
    page = moderator.get(f"/admin/suggestions/suggestion/{row.pk}/change/")
    assert outbound_links(page.content.decode()) == []


def test_what_strangers_wrote_is_escaped(client):
    make_website(title="<script>1</script>", description="<b>2</b>", name="<i>3</i>", show_name=True)

    for address in ("/websites/", "/websites/feed/", "/"):
        html = client.get(address).content.decode()
        assert [tag for tag in ("<script>1", "<b>2", "<i>3") if tag in html] == []


def test_filtered_lists_are_not_for_search_engines(client, category):
    bulk_websites(category, 30)
    after = client.get("/websites/").context["directory"].next_query

    noindex = '<meta name="robots" content="noindex, follow">'
    addresses = {"/websites/": False, "/websites/folk/": False, "/websites/?q=bulk": True, f"/websites/{after}": True}
    assert {address: noindex in client.get(address).content.decode() for address in addresses} == addresses


def test_empty_directory_and_empty_search_say_so(client, category):
    assert "No website here yet." in client.get("/websites/folk/").content.decode()
    assert "No websites match your search." in client.get("/websites/folk/?q=nothing").content.decode()


@pytest.mark.parametrize("prefix", ["", "/vi"])
def test_feed_holds_the_newest_and_leads_to_our_pages(client, category, prefix):
    row = make_website(category, title="Nhạc", url="https://nhac.example")
    make_website(status="waiting", title="Kín")
    atom = "{http://www.w3.org/2005/Atom}"
    response = client.get(f"{prefix}/websites/feed/")
    feed = ET.fromstring(response.content)  # noqa: S314  our own

    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    (entry,) = feed.iter(f"{atom}entry")
    assert entry.find(f"{atom}title").text == "Nhạc (nhac.example)"
    assert entry.find(f"{atom}link").get("href") == f"http://testserver{prefix}/websites/listings/{row.key}/"


def test_feed_gives_readers_no_markup_of_strangers(client, category):
    make_website(category, title="<b>1</b>", description="<img src=x>\n\nRock & roll")
    feed = ET.fromstring(client.get("/websites/feed/").content)  # noqa: S314  our own
    atom = {"a": "http://www.w3.org/2005/Atom"}

    summary = feed.find("a:entry/a:summary", atom)
    assert (summary.get("type"), summary.text) == ("html", "<p>&lt;img src=x&gt;</p>\n\n<p>Rock &amp; roll</p>")
    title = feed.find("a:entry/a:title", atom)  # plain text, unless it says otherwise
    assert (title.get("type"), title.text) == (None, f"<b>1</b> ({Suggestion.objects.get().host})")


def test_sitemap_has_the_directory_its_categories_and_listings(client, category):
    listed, waiting = make_website(category), make_website(category, status="waiting")
    parts = ("/sitemap-pages.xml", f"/sitemap-websites-{listed.pk // sitemap.SIZE}.xml")
    text = "".join(client.get(part).content.decode() for part in parts)

    for path in ("/websites/", "/websites/folk/", listed.get_absolute_url()):
        assert f"<loc>http://testserver{path}</loc>" in text
        assert f"<loc>http://testserver/vi{path}</loc>" in text
    assert waiting.key not in text


def test_home_shows_the_newest_six(client, category):
    for number in range(7):
        make_website(category, title=f"Trang {number}")

    newest = block(client.get("/"), "newest", "websites", app="suggestions")
    assert [website.title for website in newest] == [f"Trang {n}" for n in (6, 5, 4, 3, 2, 1)]


def test_first_categories_come_with_the_site_in_both_languages(client):
    categories = client.get("/websites/").context["directory"].categories

    assert len(categories) == 13
    assert [one for one in categories if not (one.name_en and one.name_vi and one.name_en != one.name_vi)] == []
