"""Suggesting a website: what is taken, what is asked again, and what a machine gets."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.utils import timezone
from post_office.models import Email

from privacy.models import Attempt
from privacy.rate_limits import Limit
from suggestions.form_timestamp import sign_now
from suggestions.models import Suggestion
from suggestions.rate_limits import SUGGESTIONS
from tests.core.concurrency import at_once
from tests.suggestions.conftest import started_in
from tests.suggestions.factories import make_website

pytestmark = pytest.mark.django_db(transaction=True)

FORM = "/websites/suggest/"
SENT = "/websites/suggest/sent/"


def errors(response):
    return {name: [str(error) for error in found] for name, found in response.context["form"].errors.items()}


@pytest.mark.parametrize(("prefix", "language"), [("", "en"), ("/vi", "vi")])
def test_six_fields_make_a_suggestion_that_waits_and_a_mail(client, fields, category, mailoutbox, prefix, language):
    response = client.post(prefix + FORM, fields)

    assert (response.status_code, response["Location"].partition("?")[0]) == (302, prefix + SENT)
    one = Suggestion.objects.get()
    assert (one.status, one.name, one.email, one.url) == ("waiting", "Ánh", "anh@example.com", "https://nhac.example/")
    assert (one.title, one.description, one.category) == ("Nhạc hay", "Trang về nhạc.", category)
    assert (one.normal_url, one.host, one.language, one.site_language) == (
        "nhac.example", "nhac.example", language, "vi",
    )  # fmt: skip
    assert (one.show_name, one.is_untimed, one.search_key) == (False, True, " nhac hay trang ve nhac nhac example")
    assert [mail.to for mail in mailoutbox] == [["anh@example.com"]]
    assert client.get(response["Location"]).status_code == 200
    assert client.cookies == {}


def test_mailed_link_leads_to_the_persons_page(client, fields, mailoutbox):
    client.post(FORM, fields)
    address = urlsplit(re.search(r"^http\S+/privacy/you/\S+$", mailoutbox[0].body, re.MULTILINE)[0]).path
    assert client.get(address).status_code == 200

    html = client.post(address, follow=True).content.decode()

    assert "Received: waiting for our staff to look at it" in html
    assert "Nhạc hay" in html
    assert Suggestion.objects.get().status == "waiting"


def test_what_was_typed_is_stored_beside_its_normal_form(client, fields):
    typed = "HTTP://Nhac.Example:80/a/../b/?utm_source=x#y"
    client.post(FORM, {**fields, "url": typed})

    one = Suggestion.objects.get()
    assert (one.url, one.normal_url) == (typed, "nhac.example/b")
    assert one.link == "http://nhac.example/b/#y"


@pytest.mark.parametrize("missing", ["name", "email", "url", "title", "description", "category"])
def test_error_keeps_what_was_typed(client, fields, missing):
    response = client.post(FORM, {**fields, missing: ""})
    html = response.content.decode()

    assert response.status_code == 200
    assert list(errors(response)) == [missing]
    kept = [str(value) for name, value in fields.items() if name not in {missing, "category"}]
    assert [value for value in kept if value not in html] == []
    assert Suggestion.objects.count() == Email.objects.count() == Attempt.objects.count() == 0


@pytest.mark.parametrize(
    "change",
    [
        {"url": "javascript:alert(1)"},
        {"url": "http://127.0.0.1/"},
        {"url": "http://user:pw@nhac.example/"},
        {"url": "http://" + "a" * 5000 + ".example"},
        {"url": "nhac\u202e.example"},
        {"url": "http://[::1"},
        {"title": "\u202eabc"},
        {"title": "!!!"},
        {"title": "x" * 101},
        {"description": "x" * 601},
        {"name": "…"},
        {"email": "no address"},
        {"email": "a@example.com,b@example.com"},
        {"category": "0"},
        {"category": "x"},
        {"category": "9" * 50},
        {"language": "tlh"},
        {"title": "a\0b"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_is_not_right_is_said_and_nothing_is_stored(client, fields, change):
    response = client.post(FORM, {**fields, **change})

    assert response.status_code == 200
    assert list(errors(response)) == list(change)
    assert Suggestion.objects.count() == 0


@pytest.mark.parametrize("spelling", ["http://nhac.example", "https://NHAC.example/?utm_source=x", "nhac.example"])
def test_listed_site_is_linked_to(client, fields, spelling):
    listing = make_website(url="https://nhac.example/", title="Đã có")

    response = client.post(FORM, {**fields, "url": spelling})

    assert errors(response) == {"url": ["This site is already listed here."]}
    assert f'<a href="/websites/listings/{listing.key}/">Đã có (nhac.example)</a>' in response.content.decode()
    assert Suggestion.objects.count() == 1


def test_site_that_waits_is_not_taken_twice_and_its_words_stay_hidden(client, fields):
    make_website(url="https://nhac.example/", status="waiting", title="Giấu kín", name="Bình")

    response = client.post(FORM, fields)

    assert errors(response) == {"url": ["This site has already been suggested and is waiting for a decision."]}
    assert "Giấu kín" not in response.content.decode()
    assert Suggestion.objects.count() == 1


@pytest.mark.parametrize("status", ["rejected", "withdrawn"])
def test_site_may_be_suggested_anew_after(client, fields, status):
    make_website(url="https://nhac.example/", status=status)

    assert client.post(FORM, fields).status_code == 302
    assert Suggestion.objects.waiting().count() == 1


def test_form_sent_twice_makes_one_suggestion_and_one_mail(client, fields, mailoutbox):
    answers = [client.post(FORM, fields) for _ in range(2)]

    assert [answer["Location"].partition("?")[0] for answer in answers] == [SENT, SENT]
    assert (Suggestion.objects.count(), len(mailoutbox)) == (1, 1)


def test_form_sent_twice_at_once_makes_one_suggestion_and_one_mail(client, fields, mailoutbox):
    answers = at_once(*[lambda: client.__class__().post(FORM, fields) for _ in range(3)])

    assert {answer.status_code for answer in answers} == {302}
    assert (Suggestion.objects.count(), len(mailoutbox)) == (1, 1)


def test_of_two_people_who_suggest_one_site_at_once_one_hears_that_it_waits(client, fields, mailoutbox):
    answers = at_once(
        *[
            lambda n=n: client.__class__().post(FORM, {**fields, "email": f"p{n}@example.com", "title": f"T{n}"})
            for n in (1, 2)
        ]
    )

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert (Suggestion.objects.count(), len(mailoutbox)) == (1, 1)


def test_machine_that_fills_the_trap_is_thanked_and_nothing_is_stored(client, fields):
    response = client.post(FORM, {**fields, "homepage": "https://spam.example"})

    assert (response.status_code, response["Location"]) == (302, SENT)
    assert Suggestion.objects.count() == Email.objects.count() == Attempt.objects.count() == 0


def test_form_that_came_from_us_is_taken_after_a_while(client, fields):
    with time_machine.travel(timezone.now() - timedelta(seconds=5)):
        started = started_in(client.get(FORM).content.decode())

    assert client.post(FORM, {**fields, "started": started}).status_code == 302
    assert Suggestion.objects.get().is_untimed is False


def test_form_from_before_the_clock_was_set_back_is_not_too_fast(client, fields):
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        started = sign_now()

    assert client.post(FORM, {**fields, "started": started}).status_code == 302
    assert Suggestion.objects.get().is_untimed is False


def test_form_that_comes_back_at_once_is_asked_again_and_then_taken(client, fields):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        started = started_in(client.get(FORM).content.decode())
        response = client.post(FORM, {**fields, "started": started})
        assert errors(response) == {"__all__": ["That was very quick. Please look at it once more and send it again."]}
        assert response.content.decode().count("That was very quick") == 1
        assert started_in(response.content.decode()) == started
        clock.shift(3)
        assert client.post(FORM, {**fields, "started": started}).status_code == 302
    assert Suggestion.objects.count() == 1


def test_form_that_was_open_for_days_is_asked_again_with_a_new_time(client, fields):
    with time_machine.travel(timezone.now() - timedelta(hours=25)):
        started = sign_now()
    response = client.post(FORM, {**fields, "started": started})
    assert list(errors(response)) == ["__all__"]
    assert "Trang về nhạc." in response.content.decode()

    again = started_in(response.content.decode())
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        assert client.post(FORM, {**fields, "started": again}).status_code == 302
    assert Suggestion.objects.get().is_untimed is False


@pytest.mark.parametrize("started", ["", "x", "form:1x:abc", "ế:é", ":" * 190])
def test_time_that_is_not_ours_is_for_staff_to_judge(client, fields, started):
    assert client.post(FORM, {**fields, "started": started}).status_code == 302
    assert Suggestion.objects.get().is_untimed is True


def test_suggestion_beyond_the_limit_has_to_wait(client, fields, mailoutbox, monkeypatch):
    monkeypatch.setattr("suggestions.views.submission.SUGGESTIONS", Limit("suggestions", 2, timedelta(hours=1)))

    def post(number):
        words = {"url": f"https://site-{number}.example", "email": f"p{number}@example.com"}
        return client.post(FORM, {**fields, **words})

    assert [post(number).status_code for number in range(2)] == [302] * 2
    response = post(2)

    assert response.status_code == 429
    assert 3500 < int(response["Retry-After"]) <= 3600
    assert "Trang về nhạc." in response.content.decode()
    assert (Suggestion.objects.count(), len(mailoutbox)) == (2, 2)


def test_address_that_got_three_mails_gets_no_fourth(client, fields, mailoutbox):
    answers = [
        client.post(FORM, {**fields, "url": f"https://site-{n}.example", "email": "ANH@example.com"}).status_code
        for n in range(4)
    ]

    assert answers == [302, 302, 302, 429]
    assert (Suggestion.objects.count(), len(mailoutbox)) == (3, 3)
    assert Attempt.objects.filter(scope=SUGGESTIONS.scope).count() == 3


def test_form_says_what_becomes_of_each_field(client, category):
    html = client.get(FORM).content.decode()

    assert "Never shown; only our privacy officers can see it. Erased 30 days after our decision." in html
    assert "Only our staff sees this. Erased 30 days after our decision, unless you let us show your name." in html
    assert 'href="/privacy/"' in html


def test_form_of_a_category_has_it_chosen(client, category):
    html = client.get(f"{FORM}?category={category.pk}").content.decode()

    assert f'<option value="{category.pk}" selected>Folk</option>' in html


@pytest.mark.parametrize("query", ["category=x", "category=" + "9" * 400, "category=%F0%9F%8E%B5", "category=-1"])
def test_odd_category_in_the_address_does_no_harm(client, category, query):
    assert client.get(f"{FORM}?{query}").status_code == 200


def test_post_of_another_site_is_refused(client, fields):
    response = client.post(FORM, fields, headers={"sec-fetch-site": "cross-site"})

    assert (response.status_code, Suggestion.objects.count()) == (403, 0)
