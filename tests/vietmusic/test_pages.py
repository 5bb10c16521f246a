"""The home page, what machines ask for, and the switch between languages."""

import json
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from suggestions.models import Category
from tests.core.concurrency import database_url, run
from tests.pageant.factories import make_entry, make_pageant
from tests.vietmusic.blocks import block
from vietmusic import sitemap

HIDDEN = ["unconfirmed", "waiting", "rejected", "withdrawn"]


@pytest.fixture
def entries():
    """A public entry, and one in each state that must not show."""
    pageant = make_pageant(slug="faces", title_en="Faces", title_vi="Gương mặt")
    public = make_entry(pageant, display_name="Ánh Công Khai")
    return public, [make_entry(pageant, status=status, photos=0, display_name=f"Ẩn {status}") for status in HIDDEN]


def headings(html):
    return re.findall(r"<h[123][^>]*>\s*(?:<a[^>]*>)?([^<]+?)\s*<", html)


# Home


@pytest.mark.django_db
def test_home_of_an_empty_site_is_a_page(client):
    assert client.get("/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "title"), [("/", "Faces"), ("/vi/", "Gương mặt")])
def test_home_shows_pageants_and_the_newest_entries(client, entries, address, title):
    html = client.get(address).content.decode()

    assert (title in html, "Ánh Công Khai" in html) == (True, True)
    assert [row.display_name for row in entries[1] if row.display_name in html or row.key in html] == []


@pytest.mark.django_db
def test_home_tells_open_upcoming_and_past_pageants_apart(client):
    now = timezone.now()
    day = timedelta(days=1)
    make_pageant(title_en="Now")
    for number in range(4):
        make_pageant(title_en=f"Later {number}", opens_at=now + (number + 1) * day, closes_at=now + 9 * day)
        make_pageant(title_en=f"Once {number}", opens_at=now - 99 * day, closes_at=now - (number + 1) * day)

    response = client.get("/")

    assert {
        name: [row.title_en for row in block(response, name, "pageants")] for name in ("open", "upcoming", "past")
    } == {
        "open": ["Now"],
        "upcoming": ["Later 0", "Later 1", "Later 2"],
        "past": ["Once 0", "Once 1", "Once 2"],
    }


@pytest.mark.django_db
def test_home_takes_as_many_queries_with_many_rows_as_with_one(client, django_assert_num_queries, entries):
    with CaptureQueriesContext(connection) as few:
        client.get("/")
    for _ in range(3):
        make_entry(make_pageant())

    with django_assert_num_queries(len(few)):
        client.get("/")


@pytest.mark.django_db
def test_public_page_sets_no_cookie_and_may_be_shared_by_all_who_have_not_chosen(client, entries):
    response = client.get("/", headers={"cookie": f"session={'x' * 32}; csrf={'y' * 32}; django_language=vi"})

    assert (response.cookies, response["Cache-Control"]) == ({}, "no-cache")
    assert [name.strip() for name in response["Vary"].split(",")] == ["Cookie", "Sec-GPC", "Accept-Encoding"]
    assert '<html lang="en">' in response.content.decode()


# Machines


@pytest.mark.django_db
def test_healthz_is_fine_and_never_cached(client):
    response = client.get("/healthz")

    assert (response.content, response["Content-Type"]) == (b"ok\n", "text/plain")
    assert "no-store" in response["Cache-Control"]


def test_robots_keeps_machines_out_of_private_places(client, settings):
    settings.SITE_URL = "https://vietmusic.example"
    response = client.get("/robots.txt")

    assert response["Content-Type"].split(";")[0] == "text/plain"
    assert response.content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /vi/admin/",
        "Disallow: /privacy/you/",
        "Disallow: /vi/privacy/you/",
        "",
        "Sitemap: https://vietmusic.example/sitemap.xml",
    ]


def locations_in(response):
    sitemap = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    root = ET.fromstring(response.content)  # noqa: S314  our own
    return [url.text for url in root.iter(f"{sitemap}loc")]


def locations_on_all_parts(client):
    parts = locations_in(client.get("/sitemap.xml"))
    return [location for part in parts for location in locations_in(client.get(urlsplit(part).path))]


@pytest.mark.django_db
def test_sitemap_lists_what_is_public_in_both_languages(client, entries, settings):
    settings.SITE_URL = "https://vietmusic.example"
    response = client.get("/sitemap.xml")

    paths = [
        "/",
        "/privacy/",
        "/privacy/sponsors/",
        "/pageants/",
        "/pageants/faces/",
        f"/pageants/faces/entries/{entries[0].key}/",
    ]
    paths += ["/websites/", *(category.get_absolute_url() for category in Category.objects.all())]
    assert response["Content-Type"] == "application/xml"
    assert locations_in(response) == [
        "https://vietmusic.example/sitemap-pages.xml",
        f"https://vietmusic.example/sitemap-entries-{entries[0].pk // sitemap.SIZE}.xml",
    ]
    assert sorted(locations_on_all_parts(client)) == sorted(
        f"https://vietmusic.example{prefix}{path}" for prefix in ("", "/vi") for path in paths
    )


@pytest.mark.django_db
def test_sitemap_names_both_languages_beside_each_page(client):
    text = client.get("/sitemap-pages.xml").content.decode()
    both = "".join(
        f'<xhtml:link rel="alternate" hreflang="{language}" href="http://testserver{path}"/>'
        for language, path in (("en", "/privacy/"), ("vi", "/vi/privacy/"))
    )

    assert f"<url><loc>http://testserver/privacy/</loc>{both}</url>" in text
    assert f"<url><loc>http://testserver/vi/privacy/</loc>{both}</url>" in text


@pytest.mark.django_db
def test_sitemap_leads_to_pages_that_exist(client, entries):
    locations = locations_on_all_parts(client)

    assert {client.get(location.removeprefix("http://testserver")).status_code for location in locations} == {200}


@pytest.mark.django_db
def test_sitemap_has_a_part_for_each_range_of_rows_with_something_public(client, monkeypatch):
    monkeypatch.setattr(sitemap, "SIZE", 2)
    pageant = make_pageant(slug="faces")
    entries = [make_entry(pageant, photos=0) for _ in range(7)]
    for entry in entries[2:5]:
        entry.withdraw()
    public = [entries[number] for number in (0, 1, 5, 6)]

    parts = [part for part in locations_in(client.get("/sitemap.xml")) if "entries" in part]
    numbers = dict.fromkeys(entry.pk // 2 for entry in public)
    assert parts == [f"http://testserver/sitemap-entries-{number}.xml" for number in numbers]
    locations = [location for part in parts for location in locations_in(client.get(urlsplit(part).path))]
    assert locations[::2] == [f"http://testserver{entry.get_absolute_url()}" for entry in public]


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["entries-0", "entries-99", f"entries-{10**30}", "nothing-1", "pages-1"])
def test_sitemap_without_such_a_part_says_so(client, part):
    assert client.get(f"/sitemap-{part}.xml").status_code == 404


def test_security_txt_says_whom_to_write_to_for_a_year(client, settings, time_machine):
    time_machine.move_to(datetime(2026, 3, 1, 5, tzinfo=UTC), tick=False)
    settings.SITE_URL = "https://vietmusic.example"
    settings.DEFAULT_FROM_EMAIL = "Vietmusic <hello@vietmusic.example>"
    response = client.get("/.well-known/security.txt")

    assert response["Content-Type"].split(";")[0] == "text/plain"
    assert dict(line.split(": ", 1) for line in response.content.decode().split("\n") if line) == {
        "Contact": "mailto:hello@vietmusic.example",
        "Expires": "2027-03-01T12:00:00+07:00",
        "Preferred-Languages": "en, vi",
        "Canonical": "https://vietmusic.example/.well-known/security.txt",
    }


@pytest.mark.django_db
def test_favicon_is_found_where_browsers_look(client):
    response = client.get("/favicon.ico", follow=True)
    body = b"".join(response.streaming_content)
    response.close()

    assert (response.redirect_chain, response.status_code, response["Content-Type"]) == (
        [("/static/favicon.svg", 302)],
        200,
        "image/svg+xml",
    )
    assert body.lstrip().startswith(b"<svg")


# Languages


def switch(html):
    (found,) = re.findall(r'<div class="language-switch">\s*<a href="([^"]*)" lang="(\w+)" hreflang="(\w+)">', html)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "other", "language"),
    [
        ("/", "/vi/", "vi"),
        ("/vi/", "/", "en"),
        ("/pageants/", "/vi/pageants/", "vi"),
        ("/vi/pageants/", "/pageants/", "en"),
        ("/pageants/faces/?q=hu%E1%BA%BF&amp;sort=oldest", "/vi/pageants/faces/?q=hu%E1%BA%BF&amp;sort=oldest", "vi"),
        ("/vi/pageants/faces/?hobby=h%C3%A1t", "/pageants/faces/?hobby=h%C3%A1t", "en"),
        ("/privacy/you/", "/vi/privacy/you/", "vi"),
        ("/?", "/vi/", "vi"),
        ("/pageants/?q=&quot;&gt;&lt;b&gt;", "/vi/pageants/?q=&quot;&gt;&lt;b&gt;", "vi"),
        ("/pageants/?next=//evil.example", "/vi/pageants/?next=//evil.example", "vi"),
    ],
)
def test_language_switch_keeps_the_page_and_its_query(client, entries, address, other, language):
    path, _mark, query = (
        address.replace("&amp;", "&").replace("&quot;", '"').replace("&gt;", ">").replace("&lt;", "<").partition("?")
    )

    html = client.get(path, QUERY_STRING=query).content.decode()

    assert switch(html) == (other, language, language)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/pageants/faces/enter/",
        "/websites/suggest/",
        "/privacy/you/",
        "/privacy/cookies/",
        "/privacy/cookies/preferences/",
    ],
)
def test_language_switch_of_a_form_with_errors_leads_to_the_form(client, entries, address):
    client.post("/privacy/cookies/", {"choice": "all"})
    html = client.post(address, {"email": "x", "places": "x" * 5000}).content.decode()
    (other, *_language) = switch(html)
    answer = client.get(other, follow=True)

    assert (other, answer.status_code) == (f"/vi{address}", 200)
    assert re.findall(r'<html lang="(\w+)">', answer.content.decode()) == ["vi"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("/pageants/nothing/", "/vi/pageants/nothing/?q=hu%E1%BA%BF"),
        ("/vi/pageants/nothing/", "/pageants/nothing/?q=hu%E1%BA%BF"),
        ("/nothing/", "/vi/"),  # no page of ours: its path may have been made to mislead
    ],
)
def test_language_switch_of_an_error_page_leads_to_a_page_of_ours(client, path, other):
    response = client.get(path, QUERY_STRING="q=hu%E1%BA%BF")

    assert (response.status_code, switch(response.content.decode())[0]) == (404, other)


@pytest.mark.django_db
@pytest.mark.parametrize("accepted", ["vi", "vi-VN,vi;q=0.9", "fr", "*", "", "x" * 5000])
@pytest.mark.parametrize(("address", "language"), [("/", "en"), ("/vi/", "vi")])
def test_language_is_the_addresss_and_not_the_browsers(client, accepted, address, language):
    html = client.get(address, headers={"accept-language": accepted}).content.decode()

    assert re.findall(r'<html lang="(\w+)">', html) == [language]


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", ["", "/vi"])
def test_page_names_itself_in_both_languages(client, entries, settings, prefix):
    settings.SITE_URL = "https://vietmusic.example"
    html = client.get(f"{prefix}/pageants/faces/?unknown=x", headers={"host": "localhost"}).content.decode()

    assert dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', html)) == {
        "en": "https://vietmusic.example/pageants/faces/",
        "vi": "https://vietmusic.example/vi/pageants/faces/",
        "x-default": "https://vietmusic.example/pageants/faces/",
    }


@pytest.mark.parametrize("address", ["/en/", "/VI/", "/vn/", "/vi-VN/", "/vi"])
def test_other_spellings_of_a_language_are_no_pages(client, address):
    assert client.get(address).status_code in {301, 404}


# Mail for developers


@pytest.mark.parametrize("address", ["/dev/mail/", "/dev/mail/x/", "/vi/dev/mail/"])
def test_sent_mail_is_shown_to_nobody_in_production(client, address):
    assert client.get(address).status_code == 404


SHOW = """
import json, sys
from pathlib import Path
import django
import vietmusic.settings as settings
settings.DEV_MAILBOX = Path(sys.argv[1])
django.setup()
from django.test import Client
client = Client()
here = {"host": "localhost"}
answers = [client.post("/privacy/you/", {"email": "anh@example.com"}, headers=here) for _ in range(2)]
names = [file.stem for file in settings.DEV_MAILBOX.glob("*.eml")]
asked = ["", names[0] + "/", "nothing/", "..%2Fsecret-key/"]
answers += [client.get(f"/dev/mail/{name}", headers=here) for name in asked]
print("\\n" + json.dumps([[answer.status_code, answer.content.decode()] for answer in answers]))
"""


@pytest.mark.django_db(transaction=True)
def test_sent_mail_is_shown_to_developers(checkout, tmp_path):
    message = EmailMessage()
    message["Subject"], message["To"] = "<b>Old</b>", "binh@example.com"
    message.set_content("<script>alert(1)</script>")
    (tmp_path / "20200101T000000000000.eml").write_bytes(bytes(message))
    variables = {
        "DEBUG": "on",
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "vietmusic.settings",
    }

    shown = run(["-c", SHOW, str(tmp_path)], cwd=checkout, **variables)

    assert shown.returncode == 0, shown.stderr
    *asked, listing, one, missing, outside = json.loads(shown.stdout.splitlines()[-1])
    assert [status for status, _html in (*asked, listing, one, missing, outside)] == [302, 302, 200, 200, 404, 404]
    assert [re.sub(r"\s+", " ", heading) for heading in headings(listing[1])] == [
        "Mail sent",
        "Your page on Vietmusic",
        "Your page on Vietmusic",
        "&lt;b&gt;Old&lt;/b&gt;",
    ]
    assert len(re.findall(r'<a href="http://127.0.0.1:8000/privacy/you/[\w-]{43}/"', listing[1])) == 2
    assert "<script>alert" not in listing[1]
