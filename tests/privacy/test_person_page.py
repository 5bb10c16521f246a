"""The page behind a mailed link."""

import re

import pytest
from django.test import Client
from post_office.models import Email

from pageant.models import Entry
from privacy.models import Attempt, MailedLink
from tests.pageant.factories import make_entry, make_pageant

pytestmark = pytest.mark.django_db

Purpose = MailedLink.Purpose


def rows():
    """All that opening a link could change."""
    return [list(model.objects.order_by("pk").values()) for model in (MailedLink, Entry, Email, Attempt)]


@pytest.fixture
def entry():
    return make_entry(make_pageant(slug="faces"), status="unconfirmed", photos=0, email="anh@example.com")


@pytest.fixture
def addresses(entry, mailed, opened, client):
    """One page of each kind behind a link, by what it is."""
    page = opened()
    closed = opened()
    client.post(f"/privacy/you/{closed}/", {"close": "1"})
    return {
        "confirm": f"/privacy/you/{mailed(purpose=Purpose.CONFIRM, subject=f'entry:{entry.key}')}/",
        "open": f"/privacy/you/{mailed()}/",
        "page": f"/privacy/you/{page}/",
        "edit": f"/privacy/you/{page}/entries/{entry.key}/edit/",
        "withdraw": f"/privacy/you/{page}/entries/{entry.key}/withdraw/",
        "redirect": f"/privacy/you/{mailed()}/entries/{entry.key}/edit/",
        "over": f"/privacy/you/{closed}/",
        "over for an entry": f"/privacy/you/{closed}/entries/{entry.key}/edit/",
        "unknown": f"/privacy/you/{'x' * 43}/",
        "unknown for an entry": f"/privacy/you/{'x' * 43}/entries/{entry.key}/edit/",
        "no such entry": f"/privacy/you/{page}/entries/0123/edit/",
        "no such photo": f"/privacy/you/{page}/entries/photos/0123/",
        "only for posts": f"/privacy/you/{page}/entries/{entry.key}/confirm/",
    }


KINDS = {
    "confirm": 200,
    "open": 200,
    "page": 200,
    "edit": 200,
    "withdraw": 200,
    "redirect": 302,
    "over": 410,
    "over for an entry": 410,
    "unknown": 404,
    "unknown for an entry": 404,
    "no such entry": 404,
    "no such photo": 404,
    "only for posts": 405,
}


def test_looking_changes_nothing(client, addresses):
    before = rows()

    statuses = {
        kind: {look(prefix + address).status_code for look in (client.get, client.head) for prefix in ("", "/vi")}
        for kind, address in addresses.items()
    }

    assert statuses == {kind: {status} for kind, status in KINDS.items()}
    assert rows() == before


@pytest.mark.parametrize("method", ["get", "head", "put", "post"])
def test_page_with_a_token_is_told_to_nobody_and_kept_by_nobody(client, addresses, method):
    names = ("Referrer-Policy", "X-Robots-Tag", "Cache-Control")
    answers = {kind: getattr(client, method)(address) for kind, address in addresses.items()}

    told = {kind: [answer.headers.get(name) for name in names] for kind, answer in answers.items()}

    private = ["no-referrer", "noindex", "max-age=0, no-cache, no-store, must-revalidate, private"]
    assert [kind for kind, headers in told.items() if headers != private] == []
    assert client.cookies == {}


SHOWN = ["confirm", "open", "page", "edit", "withdraw", "over", "unknown", "no such entry"]


@pytest.mark.parametrize(("prefix", "language"), [("", "en"), ("/vi", "vi")])
def test_page_with_a_token_speaks_the_language_of_its_address(client, addresses, prefix, language):
    pages = {kind: client.get(prefix + addresses[kind]).content.decode() for kind in SHOWN}

    languages = {kind: re.findall(r'<html lang="(\w+)">', html) for kind, html in pages.items()}
    assert languages == {kind: [language] for kind in SHOWN}


def test_page_with_a_token_tells_search_engines_and_other_sites_nothing(client, addresses):
    pages = {kind: client.get(addresses[kind]).content.decode() for kind in SHOWN}
    elsewhere = r'<link rel="(?:alternate|canonical)"[^>]*>|(?:href|src|action)="(?:https?:)?//[^"]*"'

    assert {kind: re.findall(elsewhere, html) for kind, html in pages.items()} == {kind: [] for kind in SHOWN}


def test_address_of_the_person_is_in_no_title(client, addresses):
    html = client.get(addresses["page"]).content.decode()

    assert ("anh@example.com" in html, re.findall(r"<title>(.*?)</title>", html)) == (True, ["Your page – Vietmusic"])


def test_confirmation_says_what_it_confirms(client, addresses, entry):
    html = client.get(addresses["confirm"]).content.decode()

    assert [f"<strong>{text}</strong>" in html for text in (entry.display_name, entry.pageant.title_en)] == [True, True]


def test_confirmation_escapes_what_strangers_wrote(client, mailed):
    entry = make_entry(
        status="unconfirmed", photos=0, email="anh@example.com", display_name="<script>alert(1)</script>"
    )
    token = mailed(purpose=Purpose.CONFIRM, subject=f"entry:{entry.key}")

    html = client.get(f"/privacy/you/{token}/").content.decode()

    assert ("&lt;script&gt;alert(1)&lt;/script&gt;" in html, "<script>alert" in html) == (True, False)


def test_page_of_an_address_without_anything_says_so(client, opened):
    html = client.get(f"/privacy/you/{opened(to='nobody@example.com')}/").content.decode()

    assert '<p class="empty">There is no entry and no suggested website with this address. ' in html


# Posts


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 302),
        ({"sec-fetch-site": "same-origin"}, 302),
        ({"sec-fetch-site": "none"}, 302),
        ({"origin": "null"}, 302),  # what a browser without Sec-Fetch-Site sends from a page with no-referrer
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 302),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, 403),
    ],
)
def test_button_is_pressed_on_our_own_page(addresses, headers, status):
    client = Client(enforce_csrf_checks=True)

    assert client.post(addresses["open"], headers=headers).status_code == status


def test_button_leads_to_the_page_in_the_same_language(client, mailed):
    response = client.post(f"/vi/privacy/you/{mailed(language='vi')}/")

    assert re.fullmatch(r"/vi/privacy/you/[\w-]{43}/", response["Location"])


@pytest.mark.parametrize("close", [{"close": "1"}, {"close": ""}])
def test_page_that_is_closed_stays_closed(client, opened, close):
    token = opened()

    response = client.post(f"/privacy/you/{token}/", close)

    assert (response.status_code, response["Location"]) == (302, "/privacy/you/closed/")
    assert client.get("/privacy/you/closed/").status_code == 200
    assert client.get(f"/privacy/you/{token}/").status_code == 410
    assert client.post(f"/privacy/you/{token}/").status_code in {302, 410}
    assert client.get(f"/privacy/you/{token}/").status_code == 410


def test_closing_one_page_leaves_the_others_open(client, opened):
    mine, other = opened(), opened()

    client.post(f"/privacy/you/{mine}/", {"close": "1"})

    assert [client.get(f"/privacy/you/{token}/").status_code for token in (mine, other)] == [410, 200]


def test_closing_a_link_that_was_only_mailed_uses_the_link_and_no_more(client, mailed):
    token = mailed()

    response = client.post(f"/privacy/you/{token}/", {"close": "1"})

    assert re.fullmatch(r"/privacy/you/[\w-]{43}/", response["Location"])


# A new link


@pytest.mark.parametrize(("prefix", "language"), [("", "en"), ("/vi", "vi")])
@pytest.mark.parametrize("kind", ["over", "open", "confirm", "page"])
def test_new_link_goes_to_the_same_address_in_the_visitors_language(
    client, committing, addresses, mailoutbox, kind, prefix, language
):
    mailoutbox.clear()
    with committing():
        response = client.post(prefix + addresses[kind], {"again": "1"})

    assert (response.status_code, response["Location"]) == (302, f"{prefix}/privacy/you/asked/")
    (message,) = mailoutbox
    assert message.to == ["anh@example.com"]
    (path,) = re.findall(r"^http://testserver(\S+/you/[\w-]{43}/)$", message.body, re.MULTILINE)
    assert path.startswith(f"{prefix}/privacy/you/")
    assert client.get(path).status_code == 200
    assert MailedLink.objects.order_by("pk").last().language == language


def test_new_link_for_an_address_in_the_form_goes_to_the_links_own_address(client, committing, addresses, mailoutbox):
    mailoutbox.clear()
    with committing():
        client.post(addresses["over"], {"again": "1", "email": "evil@example.com"})

    assert [message.to for message in mailoutbox] == [["anh@example.com"]]


def test_new_link_for_an_unknown_one_is_not_sent(client, committing, mailoutbox):
    with committing():
        response = client.post(f"/privacy/you/{'x' * 43}/", {"again": "1", "email": "anh@example.com"})

    assert (response.status_code, mailoutbox) == (404, [])


def test_new_links_are_limited(client, addresses):
    answers = [client.post(addresses["over"], {"again": "1"}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert 0 < int(answers[3]["Retry-After"]) <= 6 * 3600


@pytest.mark.parametrize(("done", "told"), [("saved", True), ("x", False), ("", False)])
def test_page_says_what_was_done(client, addresses, done, told):
    html = client.get(f"{addresses['page']}?done={done}").content.decode()

    assert ('role="status"' in html) == told
