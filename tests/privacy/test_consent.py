"""Choosing, changing and withdrawing; Global Privacy Control; what is kept of it."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.test import RequestFactory
from django.utils import timezone, translation
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st

from privacy import rate_limits
from privacy.cookies import consent, questions
from privacy.cookies.consent import Consent
from privacy.cookies.consent_record import path_back
from privacy.models import Attempt, CookieChoice, PolicyVersion
from privacy.registry.purposes import ADVERTISING, ASKED, PREFERENCES, STATISTICS, Purpose
from tests.pageant.factories import make_entry, make_pageant
from tests.privacy.factories import publish_policy

pytestmark = pytest.mark.django_db

PAGE = "/privacy/cookies/"
ALL = {"preferences": True, "statistics": True, "advertising": True}
NONE = dict.fromkeys(ALL, False)
GPC = {"sec-gpc": "1"}
GALLERY = "/pageants/spring/?place=hue"
NOT_COUNTED, NOT_REMEMBERED, REMEMBERED = {"statistics": False}, {"preferences": False}, {"preferences": True}


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


def questions_in(html):
    """The buttons of each form about cookies in a page or a part of it, as lists of (class, value)."""
    forms = re.findall(r'<form[^>]*action="[^"]*/privacy/cookies/".*?</form>', html, re.DOTALL)
    button = r'<button class="([^"]*)" type="submit" name="choice" value="([^"]*)"'
    return [re.findall(button, form) for form in forms]


def buttons_in(html):
    return [value for form in questions_in(html) for _looks, value in form]


def part_of(client, path, tag, **headers):
    """The element of that name in a page, with its white space tidied."""
    html = client.get(path, headers=headers).content.decode()
    return re.sub(r"\s+", " ", html.partition(f"<{tag}")[2].partition(f"</{tag}>")[0])


def foot(client, path="/", **headers):
    """What the foot of a page says about cookies, as words, and its buttons."""
    section = part_of(client, path, "footer", **headers).partition('<section class="cookie-state"')[2]
    section = section.partition(">")[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", section).split()), buttons_in(section)


@pytest.fixture
def spring():
    pageant = make_pageant(slug="spring")
    make_entry(pageant, lives_in="Huế", hobbies=("hát",))
    return pageant


# Before a choice


@pytest.mark.parametrize("address", ["/", "/vi/", "/pageants/", GALLERY, "/privacy/you/", "/nothing/", PAGE])
def test_first_visit_begins_with_the_page_itself_and_no_cookie(client, spring, address):
    response = client.get(address)
    body = response.content.decode().partition("<body>")[2]

    assert re.match(r'\s*<a class="skip-link"[^>]*>[^<]*</a>\s*<header', body)
    assert "choice" not in body.partition("<main")[0]
    assert "checked" not in body
    assert response.cookies == {}
    assert response.get("Cache-Control") in {None, "no-cache"}
    assert {"Cookie", "Sec-GPC"} <= set(re.split(r",\s*", response["Vary"]))


def test_page_about_cookies_holds_the_form_just_once(client):
    html = client.get(PAGE).content.decode()

    assert [html.count(f'name="{name}"') for name in ALL] == [1, 1, 1]
    assert buttons_in(html) == ["chosen", "all", "none", "not-count"]
    assert "checked" not in html


def test_foot_takes_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert buttons_in(client.get("/privacy/you/").content.decode()) == ["not-count"]


@pytest.mark.parametrize("address", ["/robots.txt", "/healthz", "/readyz", "/.well-known/gpc.json", "/sitemap.xml"])
def test_what_is_for_machines_does_not_depend_on_an_answer(client, address):
    assert "Cookie" not in client.get(address).get("Vary", "")


# Asked where it is of use


@pytest.mark.parametrize(
    ("path", "asks"),
    [
        ("/", True),
        ("/vi/", True),
        (GALLERY, True),
        ("/pageants/spring/?hobby=hat", True),
        ("/pageants/spring/", False),
        ("/pageants/spring/?sort=oldest", False),
        ("/pageants/spring/?q=hue", False),  # words are never remembered
        ("/pageants/spring/?place=nowhere", False),  # nor what nobody answers to
        ("/websites/", False),
        (PAGE, False),  # it holds the whole form
    ],
)
@pytest.mark.parametrize("headers", [{}, GPC])
def test_page_asks_where_something_would_be_remembered(client, spring, path, asks, headers):
    questions = questions_in(client.get(path, headers=headers).content.decode().partition("<footer")[0])

    looks = "button button--quiet"  # of both: yes and no weigh the same
    expected = [(looks, "remember"), (looks, "not-remember")]
    assert (expected in questions) is asks
    assert [form for form in questions if form != expected] == (
        [[("button", "chosen"), ("button", "all"), ("button", "none")]] if path == PAGE else []
    )


@pytest.mark.parametrize("path", [GALLERY, "/vi" + GALLERY, "/pageants/spring/?place=hue&hobby=h%C3%A1t"])
def test_yes_remembers_what_was_looked_for_with_that_very_click(client, spring, path):
    main = part_of(client, path, "main")
    response = client.post(f"/vi{PAGE}" if path.startswith("/vi") else PAGE, posted_by(main, "remember"))

    assert (response.status_code, response["Location"]) == (302, f"{path}#remember")
    assert client.get(response["Location"]).status_code == 200
    held = client.cookies["preferences"].value
    assert ("place:Hu%E1%BA%BF" in held, "hobby:h%C3%A1t" in held) == (True, "hobby" in path)
    assert (consent_in(cookie_of(client)).answers, CookieChoice.objects.get().answers) == (REMEMBERED, REMEMBERED)
    assert "not-remember" not in buttons_in(part_of(client, path, "main"))


@pytest.mark.parametrize("path", ["/", GALLERY])
def test_no_keeps_nothing_but_itself_and_is_not_asked_again(client, spring, path):
    client.post(PAGE, posted_by(part_of(client, path, "main"), "not-remember"))
    for page in ("/", GALLERY, "/pageants/spring/?hobby=hat"):
        assert buttons_in(part_of(client, page, "main")) == []

    assert client.cookies.keys() == {"choice"}
    assert (consent_in(cookie_of(client)).answers, CookieChoice.objects.get().answers) == (
        NOT_REMEMBERED,
        NOT_REMEMBERED,
    )


def posted_by(html, value):
    """What the form with that button posts."""
    forms = re.findall(r"<form.*?</form>", html, re.DOTALL)
    (form,) = [form for form in forms if f'value="{value}"' in form]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form))
    return {**{name: unescape(text) for name, text in hidden.items()}, "choice": value}


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize("value", ["remember", "not-remember", "not-count", "forget"])
def test_record_is_of_the_words_that_stood_beside_the_button(client, spring, language, value):
    path = GALLERY if language == "en" else f"/vi{GALLERY}"
    if value == "forget":
        choose(client, "remember")
    html = client.get(path).content.decode()
    action = re.findall(r'action="([^"]*/cookies/)"', html)[0]
    client.post(action, posted_by(html, value))

    record = CookieChoice.objects.latest("pk")
    with translation.override(language):
        words = questions.words_of(record.text_digest)
        assert words != []
        assert [escape(text) in html for text in words] == [True] * len(words)
        assert words != questions.everything()
    assert record.language == language
    receipt = part_of(client, action, "main").partition('class="receipt"')[2]
    assert [escape(text) in receipt for text in words] == [True] * len(words)


def test_words_that_are_recorded_tell_nothing_about_anybody(client, spring):
    digests = {
        posted_by(client.get(f"/pageants/spring/?{query}").content.decode(), "remember")["shown"]
        for query in ("place=hue", "hobby=hat", "place=hue&hobby=hat")
    }

    assert digests == {questions.digest(questions.remembering())}


# One line at the foot of each page


KEPT, NONE_KEPT, COUNTED = "A cookie keeps what you answered.", "No cookie.", "Visits are counted without knowing you."
NOT_COUNT = f"{COUNTED} Don't count me One cookie keeps that wish for 182 days."
BY_SIGNAL = "Your browser asks not to be counted, and you aren't."
FORGET = (
    "Your browser remembers what you like. Forget my preferences All of it is deleted at once; one cookie keeps that "
    "wish for 182 days."
)
UNCOUNTED = "You aren't counted. Count me again"


@pytest.mark.parametrize(
    ("choices", "headers", "says", "buttons"),
    [
        ([], {}, f"{NONE_KEPT} {NOT_COUNT}", ["not-count"]),
        ([], GPC, f"{NONE_KEPT} {BY_SIGNAL}", []),
        (["remember"], {}, f"{FORGET} {NOT_COUNT}", ["forget", "not-count"]),
        (["remember"], GPC, f"{FORGET} {BY_SIGNAL}", ["forget"]),
        (["not-remember"], {}, f"{KEPT} {NOT_COUNT}", ["not-count"]),
        (["not-count"], {}, f"{KEPT} {UNCOUNTED}", ["count"]),
        (["not-count"], GPC, f"{KEPT} {BY_SIGNAL}", []),
        (["not-count", "count"], {}, f"{NONE_KEPT} {NOT_COUNT}", ["not-count"]),
        (["not-count", "remember"], {}, f"{FORGET} {UNCOUNTED}", ["forget", "count"]),
        (["remember", "forget"], {}, f"{KEPT} {NOT_COUNT}", ["not-count"]),
        (["none"], {}, f"{KEPT} {UNCOUNTED}", ["count"]),
        (["all"], {}, f"{FORGET} {NOT_COUNT} You allowed: Advertising.", ["forget", "not-count"]),
        (["all"], GPC, f"{FORGET} {BY_SIGNAL}", ["forget"]),
    ],
)
def test_foot_says_what_is_the_case(client, spring, choices, headers, says, buttons):
    for choice in choices:
        choose(client, choice)

    for path in ("/", "/pageants/spring/", PAGE, "/nothing/"):
        assert foot(client, path, **headers) == (says, buttons)


@pytest.mark.parametrize("path", ["/", "/vi/", GALLERY, PAGE])
def test_wish_not_to_be_counted_is_one_click_and_so_is_taking_it_back(client, spring, path):
    def click(value):
        response = client.post(PAGE, posted_by(part_of(client, path, "footer"), value))
        assert (response.status_code, response["Location"]) == (302, f"{path}#cookie-state")
        return client.get(path).wsgi_request.consent

    assert click("not-count").answers == NOT_COUNTED
    assert click("count").answers == {}
    assert [record.answers for record in CookieChoice.objects.all()] == [NOT_COUNTED]
    assert client.cookies["choice"]["max-age"] == 0  # nothing is left to be kept


def test_forgetting_deletes_what_was_remembered_in_the_same_response(client, spring):
    choose(client, "not-count")
    choose(client, "remember")
    client.get(GALLERY)
    assert client.cookies["preferences"].value
    response = client.post(PAGE, posted_by(part_of(client, "/", "footer"), "forget"))

    assert response.cookies["preferences"]["max-age"] == 0
    assert consent_in(cookie_of(client)).answers == NOT_COUNTED | NOT_REMEMBERED


def test_answer_to_one_question_leaves_the_others_as_they_were(client):
    choose(client, "chosen", advertising="on")
    first = consent_in(cookie_of(client)).given[0]
    choose(client, "remember")

    old, new = consent_in(cookie_of(client)).given
    assert (old.key, old.made_at, old.purposes) == (
        first.key,
        first.made_at,
        {"statistics": False, "advertising": True},
    )
    assert new.purposes == REMEMBERED
    assert [record.answers for record in CookieChoice.objects.order_by("pk")] == [
        ALL | NONE | {"advertising": True},
        REMEMBERED,
    ]
    html = client.get(PAGE).content.decode()
    assert [key in html for key in (old.key, new.key)] == [True, True]
    choose(client, "none")
    assert [answer.purposes for answer in consent_in(cookie_of(client)).given] == [NONE]


def test_each_answer_runs_out_by_itself(client, time_machine):
    start = datetime(2026, 3, 1, tzinfo=UTC)
    time_machine.move_to(start, tick=False)
    choose(client, "remember")
    time_machine.move_to(start + timedelta(days=100), tick=False)
    choose(client, "not-count")
    value = cookie_of(client)

    for days, answers in ((181, REMEMBERED | NOT_COUNTED), (183, NOT_COUNTED), (281, NOT_COUNTED), (283, {})):
        time_machine.move_to(start + timedelta(days=days), tick=False)
        assert consent_in(value).answers == answers


def test_page_about_cookies_tells_answers_apart_from_silence(client):
    allowed = f"You allowed: <strong>{PREFERENCES.name}</strong>."
    refused = f"You refused: <strong>{STATISTICS.name}</strong>."
    for choice, told in [
        ("not-count", refused),
        ("remember", f"{allowed} {refused}"),
        ("count", f"{allowed} Done unless you say no: <strong>{STATISTICS.name}</strong>."),
        ("none", "You refused everything that can be refused."),
    ]:
        choose(client, choice)
        assert told in part_of(client, PAGE, "main")


@pytest.mark.parametrize(("choice", "status"), [("remember", 429), ("not-remember", 302), ("not-count", 302)])
def test_beyond_the_limit_a_single_no_is_kept_and_a_yes_is_not(client, monkeypatch, choice, status):
    monkeypatch.setattr(rate_limits, "CHOICES", rate_limits.Limit("choices", 0, timedelta(hours=1)))

    response = choose(client, choice)
    assert (response.status_code, "choice" in client.cookies) == (status, status == 302)
    assert CookieChoice.objects.count() == 0


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
    assert (read.answers, record.answers, read.given[0].key) == (answers, answers, record.key)
    assert (client.cookies["choice"]["max-age"], list(response.cookies)) == (182 * 24 * 60 * 60, ["choice"])
    assert buttons_in(part_of(client, "/", "main")) == []


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
        assert (record.language, record.text_digest) == ("vi", questions.digest(questions.everything()))
    assert record.policy.number == 2


@pytest.mark.parametrize("shown", ["", "x", "0" * 64])
def test_words_that_were_refused_are_recorded_if_the_form_tells_them(client, shown):
    choose(client, "none", shown=shown)

    assert CookieChoice.objects.get().text_digest == (
        shown if len(shown) == 64 else questions.digest(questions.everything())
    )


@pytest.mark.parametrize("choice", ["all", "chosen", "remember"])
def test_yes_to_words_that_have_changed_is_asked_again(client, choice):
    response = choose(client, choice, preferences="on", shown="0" * 64)

    assert (response.status_code, response.cookies, CookieChoice.objects.count()) == (409, {}, 0)
    assert "The wording has changed" in response.content.decode()
    words = questions.remembering() if choice == "remember" else questions.everything()
    assert choose(client, choice, preferences="on", shown=questions.digest(words)).status_code == 302


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"choice": ""},
        {"choice": "ALL"},
        {"choice": "one"},
        {"choice": "a\0b"},
        {"choice": ["none", "all"]},
        {"preferences": "on"},
    ],
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


@pytest.mark.parametrize("again", ["all", "remember"])
def test_same_answer_again_changes_nothing(client, again):
    choose(client, "all")
    before = cookie_of(client)
    response = choose(client, again)

    assert (response.status_code, response.cookies) == (302, {})
    assert (cookie_of(client), CookieChoice.objects.count()) == (before, 1)


def test_other_answer_is_a_record_of_its_own(client):
    choose(client, "all")
    first = consent_in(cookie_of(client))
    choose(client, "none")

    assert CookieChoice.objects.count() == 2
    assert consent_in(cookie_of(client)).given[0].key != first.given[0].key


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


def test_forms_carry_the_way_back_to_their_part_of_the_page(client, spring):
    html = client.get("/pageants/spring/?place=hue&sort=oldest").content.decode()
    path = "/pageants/spring/?place=hue&amp;sort=oldest"

    assert re.findall(r'name="next" value="([^"]*)"', html) == [f"{path}#remember", f"{path}#cookie-state"]


@pytest.mark.parametrize("address", ["/privacy/you/secret-token/", "/vi/privacy/you/secret-token/", "/%2F%2Fevil/"])
def test_form_carries_no_token_and_no_path_that_misleads(client, address):
    html = client.get(address).content.decode()

    assert buttons_in(html) == ["not-count"]
    assert 'name="next"' not in html


# Withdrawing


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
        assert (buttons_in(part_of(client, "/", "main")) == ["remember", "not-remember"]) is asked


def test_new_purpose_is_unanswered_and_the_other_answers_stand(client, monkeypatch):
    choose(client, "all")
    new = Purpose("letters", "Letters", "To write to you.", asked=True)
    monkeypatch.setattr(consent, "ASKED", (*ASKED, new))
    read = client.get("/").wsgi_request.consent

    assert (read.is_open(new), read.allows(new), read.allows(PREFERENCES)) == (True, False, True)


def test_answer_that_has_run_out_takes_its_cookies_along(client):
    client.cookies["choice"] = value_of(made_at=timezone.now() - timedelta(days=183))
    client.cookies["preferences"] = "v:1&language:vi"
    response = client.get("/")

    assert response.cookies["preferences"]["max-age"] == 0
    assert set(response["Cache-Control"].split(", ")) == {"no-cache", "private"}


# Limits


def test_beyond_the_limit_only_a_refusal_is_kept(client, monkeypatch):
    monkeypatch.setattr(rate_limits, "CHOICES", rate_limits.Limit("choices", 1, timedelta(hours=1)))
    choose(client, "all")
    client.cookies.clear()

    beyond = choose(client, "all")
    assert (beyond.status_code, beyond.cookies, "Retry-After" in beyond) == (429, {}, True)
    refused = choose(client, "none")
    assert (refused.status_code, list(refused.cookies), CookieChoice.objects.count()) == (302, ["choice"], 1)
    assert foot(client)[1] == ["count"]
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
    assert foot(client, **GPC) == (f"{NONE_KEPT} {BY_SIGNAL}", [])
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


def test_yes_that_the_signal_overrules_is_not_called_a_refusal(client):
    choose(client, "chosen", statistics="on")
    html = client.get(PAGE, headers=GPC).content.decode()

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
    assert questions.introduction().split(".", maxsplit=1)[0] in receipt


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

    assert (read.is_made, read.allowed) == (True, [PREFERENCES])
    assert consent_in(read.write()) == read


def test_answer_from_before_the_clock_was_set_back_still_counts():
    read = consent_in(value_of(made_at=timezone.now() + timedelta(hours=1)))

    assert (read.is_made, read.allowed) == (True, [PREFERENCES])


ODD = [
    "", "1", "x" * 100_000, value_of() + " ", value_of(signs=""), value_of(signs=":+a:+a"), value_of(signs=":*a"),
    value_of(signs=":0:+preferences"), value_of(made_at=timezone.now() + timedelta(days=1)),
    value_of().replace("1:", "2:", 1),
    value_of(made_at=timezone.now() - timedelta(days=182, seconds=5)), "' OR 1=1 --", "1:" + "A" * 32 + ":1:+a",
    value_of(signs=":+" + "a" * 31), value_of() + "\n", "é", "\ud800", "1:" + "a" * 32 + ":99999999999999999999:+a",
    f"{value_of()}&", f"&{value_of()}", f"{value_of()}&{value_of()}",
    "&".join(value_of(signs=f":+{'a' * n}") for n in range(1, 23)),
    "1:" + "٣" * 32 + ":1795448210:+a", value_of(signs="".join(f":+{letter}" for letter in "abcdefghijklmnopqrstuv")),
]  # fmt: skip


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))  # the values hold the time of day
def test_odd_cookie_is_no_answer(value):
    read = consent_in(value)

    assert (read.is_made, read.answers, read.allowed) == (False, {}, [])


COOKIE = rf"{consent.ANSWER.pattern}(&{consent.ANSWER.pattern})*"


@given(st.one_of(st.text(), st.from_regex(COOKIE, fullmatch=True)))
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
