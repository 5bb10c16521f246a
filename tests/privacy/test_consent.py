"""Choosing, changing and withdrawing; Global Privacy Control; what is kept of it."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import RequestFactory
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from privacy import rate_limits
from privacy.cookies import consent
from privacy.cookies.consent import Consent
from privacy.cookies.consent_record import path_back
from privacy.models import Attempt, CookieChoice, PolicyVersion
from privacy.registry.purposes import ADVERTISING, ASKED, PREFERENCES, STATISTICS, Purpose
from tests.pageant.factories import make_pageant
from tests.privacy.factories import publish_policy

pytestmark = pytest.mark.django_db

PAGE = "/privacy/cookies/"
ALL = {"preferences": True, "statistics": True, "advertising": True}
NONE = dict.fromkeys(ALL, False)
GPC = {"sec-gpc": "1"}
NOTICE = 'class="cookie-notice"'


def choose(client, choice, **options):
    headers = options.pop("headers", None)
    return client.post(PAGE, {"choice": choice, **options}, headers=headers)


def cookie_of(client):
    return client.cookies["choice"].value


def consent_in(value, **headers):
    request = RequestFactory().get("/", headers=headers)
    request.COOKIES["choice"] = value
    return Consent.read(request)


def value_of(*, made_at=None, signs=":+preferences:-statistics:-advertising"):
    return f"1:{'a' * 32}:{int((made_at or timezone.now()).timestamp())}{signs}"


def asks(response):
    return NOTICE in response.content.decode()


# Before a choice


@pytest.mark.parametrize("address", ["/", "/vi/", "/pageants/", "/pageants/spring/", "/privacy/you/", "/nothing/"])
def test_first_visit_is_asked_without_a_cookie(client, address):
    make_pageant(slug="spring")
    response = client.get(address)
    body = response.content.decode().partition("<body>")[2]

    sheet = r'<link rel="stylesheet"[^>]*>'
    assert re.match(rf'\s*{sheet}\s*<a class="skip-link"[^>]*>[^<]*</a>\s*<section class="cookie-notice"', body)
    assert re.findall(r'<button class="button" type="submit" name="choice" value="(\w+)"', body) == [
        "all",
        "none",
        "chosen",
    ]
    assert "checked" not in body
    assert (response.cookies, response.get("Cache-Control")) == ({}, None)
    assert {"Cookie", "Sec-GPC"} <= set(re.split(r",\s*", response["Vary"]))


def test_page_about_cookies_holds_the_form_just_once(client):
    html = client.get(PAGE).content.decode()

    assert NOTICE not in html
    assert [html.count(f'name="{name}"') for name in ALL] == [1, 1, 1]
    assert re.findall(r'name="choice" value="(\w+)"', html) == ["chosen", "all", "none"]
    assert "checked" not in html


def test_asking_takes_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert asks(client.get("/privacy/you/"))


def test_machines_are_not_asked(client):
    for address in ("/robots.txt", "/healthz", "/.well-known/gpc.json", "/sitemap.xml"):
        assert "Cookie" not in client.get(address).get("Vary", "")


def test_staff_is_not_asked(client):
    assert not asks(client.get("/admin/login/"))


# Choosing


@pytest.mark.parametrize(
    ("posted", "answers"),
    [
        ({"choice": "all"}, ALL),
        ({"choice": "none"}, NONE),
        ({"choice": "chosen"}, NONE),
        ({"choice": "chosen", "preferences": "on"}, {**NONE, "preferences": True}),
        ({"choice": "chosen", "statistics": "True", "advertising": "1"}, {**ALL, "preferences": False}),
        ({"choice": "chosen", "preferences": "no", "statistics": "0", "advertising": "off"}, NONE),
        ({"choice": "none", "preferences": "on"}, NONE),
        ({"choice": "all", "pageant": "on"}, ALL),
    ],
)
def test_choice_is_kept_in_a_cookie_and_a_record(client, posted, answers):
    response = client.post(PAGE, posted)

    record = CookieChoice.objects.get()
    read = consent_in(cookie_of(client))
    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert (read.answers, record.answers, read.key) == (answers, answers, record.key)
    assert (client.cookies["choice"]["max-age"], list(response.cookies)) == (182 * 24 * 60 * 60, ["choice"])
    assert not asks(client.get("/"))


def test_record_holds_neither_address_nor_browser(client):
    choose(client, "all", headers={"user-agent": "Browser 9", "referer": "http://testserver/you"})
    (record,) = CookieChoice.objects.values()

    assert record.keys() == {
        "id", "key", "made_at", "answers", "signal", "language", "text_digest", "policy_id",
    }  # fmt: skip
    assert re.fullmatch(r"[0-9a-f]{32}", record["key"])
    assert not re.search(r"127\.0\.0\.1|Browser|testserver", str(record))


def test_record_names_language_words_and_policy(client):
    PolicyVersion.objects.create(text_en="draft", text_vi="nháp")
    publish_policy()
    client.post(f"/vi{PAGE}", {"choice": "all"})

    record = CookieChoice.objects.get()
    with translation.override("vi"):
        assert (record.language, record.text_digest) == ("vi", consent.digest())
    assert record.policy.number == 2


@pytest.mark.parametrize("shown", ["", "x", "0" * 64])
def test_words_that_were_refused_are_recorded_if_the_form_tells_them(client, shown):
    choose(client, "none", shown=shown)

    assert CookieChoice.objects.get().text_digest == (shown if len(shown) == 64 else consent.digest())


@pytest.mark.parametrize("choice", ["all", "chosen"])
def test_yes_to_words_that_have_changed_is_asked_again(client, choice):
    response = choose(client, choice, preferences="on", shown="0" * 64)

    assert (response.status_code, response.cookies, CookieChoice.objects.count()) == (409, {}, 0)
    assert "The wording has changed" in response.content.decode()
    assert choose(client, choice, preferences="on", shown=consent.digest()).status_code == 302


@pytest.mark.parametrize(
    "posted",
    [{}, {"choice": ""}, {"choice": "ALL"}, {"choice": "a\0b"}, {"choice": ["none", "all"]}, {"preferences": "on"}],
)
def test_odd_choice_is_an_error_on_the_page(client, posted):
    response = client.post(PAGE, posted)

    assert (response.status_code, response.cookies, CookieChoice.objects.count()) == (400, {}, 0)
    assert "Please press one of the buttons." in response.content.decode()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, method):
    assert getattr(client, method)(PAGE).status_code == 405
    assert getattr(client, method)(f"{PAGE}preferences/").status_code == 405


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}],
)
def test_other_site_cannot_choose_for_its_visitors(client, headers):
    assert choose(client, "all", headers=headers).status_code == 403
    assert client.post(f"{PAGE}preferences/", {}, headers=headers).status_code == 403
    assert CookieChoice.objects.count() == 0


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"}, {}])
def test_choice_needs_no_token(headers):
    from django.test import Client  # noqa: PLC0415

    assert choose(Client(enforce_csrf_checks=True), "all", headers=headers).status_code == 302


def test_same_answer_again_changes_nothing(client):
    choose(client, "all")
    before = cookie_of(client)
    response = choose(client, "all")

    assert (response.status_code, response.cookies) == (302, {})
    assert (cookie_of(client), CookieChoice.objects.count()) == (before, 1)


def test_other_answer_is_a_record_of_its_own(client):
    choose(client, "all")
    first = consent_in(cookie_of(client))
    choose(client, "none")

    assert CookieChoice.objects.count() == 2
    assert consent_in(cookie_of(client)).key != first.key


# Where it leads


@pytest.mark.parametrize("path", ["/", "/vi/pageants/spring/?q=hu%E1%BA%BF&sort=oldest", "/nothing/"])
def test_choice_leads_back_to_the_page(client, path):
    assert choose(client, "none", next=path)["Location"] == path


HOSTILE = [
    "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example", "evil", "",
    "javascript:x", "/\n/evil.example", "/" + "a" * 3000, "/\0", "/a\r\nSet-Cookie: x=y", "http:///evil.example",
    " //evil.example", "http://testserver/",
]  # fmt: skip


@pytest.mark.parametrize("path", HOSTILE)
def test_choice_leads_nowhere_else(client, path):
    assert choose(client, "none", next=path)["Location"] == PAGE


@given(st.text(st.characters(max_codepoint=0x2FFF), max_size=30).map(lambda text: "/" + text))
def test_way_back_is_always_a_plain_path(path):
    back = path_back(path)

    assert back == "" or (back.startswith("/") and back[1:2] not in {"/", "\\"} and "\n" not in back)


def test_form_carries_the_way_back(client):
    make_pageant(slug="spring")
    html = client.get("/pageants/spring/?q=a&sort=oldest").content.decode()

    assert re.findall(r'name="next" value="([^"]*)"', html) == ["/pageants/spring/?q=a&amp;sort=oldest"] * 2


@pytest.mark.parametrize("address", ["/privacy/you/secret-token/", "/vi/privacy/you/secret-token/", "/%2F%2Fevil/"])
def test_form_carries_no_token_and_no_path_that_misleads(client, address):
    html = client.get(address).content.decode()

    assert asks(client.get(address))
    assert 'name="next"' not in html


# Withdrawing


def test_foot_shows_what_was_chosen_and_withdraws_it_with_one_button(client):
    choose(client, "chosen", preferences="on")
    foot = client.get("/").content.decode().partition("<footer")[2]

    assert "You allowed: Remembering what you like." in re.sub(r"\s+", " ", foot)
    assert re.findall(r'name="choice" value="(\w+)"', foot) == ["none", "chosen"]
    assert re.findall(r'name="(\w+)" checked', foot) == ["preferences"]


def test_foot_after_a_refusal_offers_to_change_it(client):
    choose(client, "none")
    foot = client.get("/").content.decode().partition("<footer")[2]

    assert re.findall(r'name="choice" value="(\w+)"', foot) == ["chosen"]
    assert "checked" not in foot
    assert "sets no cookie" not in foot


def test_withdrawal_takes_the_cookies_back_in_the_same_response(client):
    choose(client, "all")
    client.get("/")
    assert client.cookies["preferences"].value
    response = choose(client, "none")

    assert response.cookies["preferences"]["max-age"] == 0
    assert response.cookies["choice"].value.endswith(":-preferences:-statistics:-advertising")
    client.cookies.pop("preferences")
    assert client.get("/").cookies == {}


def test_refused_pages_are_as_complete_as_before(client):
    make_pageant(slug="spring")
    before = client.get("/pageants/spring/").content.decode()
    choose(client, "none")
    after = client.get("/pageants/spring/").content.decode()

    def main(html):
        return html.partition("<main")[2].partition("</main>")[0]

    assert main(after) == main(before)


def test_nobody_is_asked_again_for_182_days(client, time_machine):
    time_machine.move_to(datetime(2026, 3, 1, tzinfo=UTC), tick=False)
    choose(client, "none")
    value = cookie_of(client)
    for days, asked in ((181, False), (183, True)):
        time_machine.move_to(datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=days), tick=False)
        client.cookies["choice"] = value
        assert asks(client.get("/")) is asked


def test_new_purpose_is_asked_about_and_the_other_answers_stand(client, monkeypatch):
    choose(client, "all")
    new = Purpose("letters", "Letters", "To write to you.", asked=True)
    monkeypatch.setattr(consent, "ASKED", (*ASKED, new))
    response = client.get("/")

    assert asks(response)
    assert response.wsgi_request.consent.allows(PREFERENCES)
    assert not response.wsgi_request.consent.allows(new)


def test_answer_that_has_run_out_takes_its_cookies_along(client):
    client.cookies["choice"] = value_of(made_at=timezone.now() - timedelta(days=183))
    client.cookies["preferences"] = "v:1&language:vi"
    response = client.get("/")

    assert response.cookies["preferences"]["max-age"] == 0
    assert response["Cache-Control"] == "private"


# Limits


def test_beyond_the_limit_only_a_refusal_is_kept(client, monkeypatch):
    monkeypatch.setattr(rate_limits, "CHOICES", rate_limits.Limit("choices", 1, timedelta(hours=1)))
    choose(client, "all")
    client.cookies.clear()

    beyond = choose(client, "all")
    assert (beyond.status_code, beyond.cookies, "Retry-After" in beyond) == (429, {}, True)
    refused = choose(client, "none")
    assert (refused.status_code, list(refused.cookies), CookieChoice.objects.count()) == (302, ["choice"], 1)
    assert not asks(client.get("/"))
    assert "Your receipt" not in client.get(PAGE).content.decode()
    assert Attempt.objects.count() == 1


# Global Privacy Control


@pytest.mark.parametrize("value", ["0", "", "true", "11", "1, 1", "yes", "１"])
def test_only_one_value_is_the_signal(value):
    assert not consent_in(value_of(), **{"sec-gpc": value.encode().decode("latin-1")}).signalled


def test_signal_alone_sets_no_cookie_and_is_told(client):
    response = client.get(PAGE, headers=GPC)

    assert response.cookies == {}
    assert "Global Privacy Control signal, and we honour it" in response.content.decode()
    assert "Global Privacy Control" in client.get("/", headers=GPC).content.decode()
    assert "we honour it" not in client.get(PAGE).content.decode()


@pytest.mark.parametrize("then", [False, True])
@pytest.mark.parametrize("now", [False, True])
def test_signal_wins_over_a_yes_even_one_in_its_presence(client, then, now):
    choose(client, "all", headers=GPC if then else None)
    consent = client.get("/", headers=GPC if now else None).wsgi_request.consent

    assert CookieChoice.objects.get().signal is then
    assert consent.allowed == ([PREFERENCES] if now else list(ASKED))
    assert [consent.refuses(purpose) for purpose in (PREFERENCES, STATISTICS, ADVERTISING)] == [False, now, now]


def test_page_about_cookies_says_that_the_signal_wins_over_a_yes(client):
    choose(client, "all", headers=GPC)
    html = client.get(PAGE, headers=GPC).content.decode()

    assert re.findall(r"You allowed: <strong>([^<]*)</strong>", html) == [PREFERENCES.name]
    assert re.findall(r'name="(\w+)" checked', html) == ["preferences"]
    assert "whatever you choose below" in html


@pytest.mark.parametrize("path", ["/", PAGE])
def test_yes_that_the_signal_overrules_is_not_called_a_refusal(client, path):
    choose(client, "chosen", statistics="on")
    html = client.get(path, headers=GPC).content.decode()

    assert "We do nothing that you can refuse" in html
    assert "You refused" not in html
    assert "You allowed: <strong>" + STATISTICS.name in client.get(PAGE).content.decode()


def test_gpc_json_is_dated_by_the_policy(client):
    # 20:00 in London is the next day in Vietnam.
    with time_machine.travel(datetime(2036, 3, 1, 20, tzinfo=UTC), tick=False):
        publish_policy()
    PolicyVersion.objects.create(text_en="draft", text_vi="nháp")
    response = client.get("/.well-known/gpc.json")

    assert (response["Content-Type"], response.cookies) == ("application/json", {})
    assert json.loads(response.content) == {"gpc": True, "lastUpdate": "2036-03-02"}


# Receipt


def test_receipt_tells_all_that_is_kept(client):
    publish_policy(), publish_policy()
    choose(client, "chosen", statistics="on")
    html = client.get(PAGE).content.decode()
    record = CookieChoice.objects.get()

    receipt = re.sub(r"\s+", " ", html.partition('<section class="receipt"')[2].partition("</section>")[0])
    assert [text in receipt for text in (record.key, record.text_digest, "Version 3", "English")] == [True] * 4
    assert re.findall(r"</dt><dd>(yes|no)</dd>", receipt) == ["no", "yes", "no"]
    assert consent.question().split(".", maxsplit=1)[0] in receipt


def test_receipt_keeps_answers_to_what_is_asked_no_more(client):
    choose(client, "none")
    CookieChoice.objects.update(answers={"zither": True, **NONE, "banjo": False})
    receipt = client.get(PAGE).content.decode().partition('<section class="receipt"')[2]

    found = re.findall(r"<dt>([^<]*)</dt><dd>(yes|no)</dd>", receipt)
    assert found == [*((str(purpose.name), "no") for purpose in ASKED), ("banjo", "no"), ("zither", "yes")]


def test_receipt_of_other_words_shows_their_digest_only(client):
    choose(client, "all")
    CookieChoice.objects.update(text_digest="0" * 64)
    html = client.get(PAGE).content.decode()

    assert "The wording was different" in html
    assert "0" * 64 in html


def test_receipt_is_shown_only_to_who_holds_its_number(client):
    choose(client, "all")
    client.cookies["choice"] = value_of()

    assert "Your receipt" not in client.get(PAGE).content.decode()


# The cookie as strangers may send it


def test_cookie_is_read_as_it_was_written():
    read = consent_in(value_of())

    assert (read.is_made, read.asks, read.allowed) == (True, False, [PREFERENCES])
    assert consent_in(read.write()) == read


ODD = [
    "", "1", "x" * 100_000, value_of() + " ", value_of(signs=""), value_of(signs=":+a:+a"), value_of(signs=":*a"),
    value_of(signs=":0:+preferences"), value_of(made_at=timezone.now() + timedelta(days=1)),
    value_of().replace("1:", "2:", 1),
    value_of(made_at=timezone.now() - timedelta(days=182, seconds=5)), "' OR 1=1 --", "1:" + "A" * 32 + ":1:+a",
    value_of(signs=":+" + "a" * 31), value_of() + "\n", "é", "\ud800", "1:" + "a" * 32 + ":99999999999999999999:+a",
    "1:" + "٣" * 32 + ":1795448210:+a", value_of(signs="".join(f":+{letter}" for letter in "abcdefghijklmnopqrstuv")),
]  # fmt: skip


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))  # the values hold the time of day
def test_odd_cookie_is_no_answer(value):
    read = consent_in(value)

    assert (read.is_made, read.asks, read.allowed) == (False, True, [])


@given(st.one_of(st.text(), st.from_regex(consent.COOKIE, fullmatch=True)))
def test_any_cookie_is_read_without_an_error(value):
    read = consent_in(value)

    assert not read.is_made or consent_in(read.write()) == read


RAW = [
    'choice="\\000"', "choice=\\ud800", "choice=a; choice=b", "choice=" + "a" * 100_000, "choice=1:é:\x01", "choice",
    "choice=%00; preferences=%ff%fe", "preferences=v:1&place:%00", "preferences=" + "&" * 5000, ";;;=;=",
]  # fmt: skip


@pytest.mark.parametrize("raw", RAW)
@pytest.mark.parametrize("address", ["/", PAGE, "/nothing/"])
def test_odd_header_is_refused_or_as_good_as_none(client, raw, address):
    header = f"{raw}; preferences=v:1&place:%FF" if "preferences" not in raw else f"{raw}; choice={value_of()}"

    assert client.get(address, HTTP_COOKIE=header).status_code in {200, 400, 404}
    assert client.post(PAGE, {"choice": "none"}, HTTP_COOKIE=header).status_code in {302, 400}
