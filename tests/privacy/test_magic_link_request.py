"""Asking for one's own link."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from post_office.models import Email

from privacy import rate_limits
from privacy.models import MailedLink
from tests.pageant.factories import make_entry

pytestmark = pytest.mark.django_db


def answer_to(client, email, **options):
    response = client.post("/privacy/you/", {"email": email}, **options)
    headers = {k: v for k, v in response.headers.items() if k != "Date"}
    return response.status_code, headers, response.content


@pytest.mark.parametrize("status", ["unconfirmed", "waiting", "approved", "rejected", "withdrawn"])
def test_answer_is_the_same_for_known_and_unknown_addresses(client, status):
    make_entry(email="known@example.com", status=status, photos=0)

    known, unknown = answer_to(client, "known@example.com"), answer_to(client, "unknown@example.com")

    assert known == unknown
    assert (known[0], known[1]["Location"]) == (302, "/privacy/you/asked/")


def test_answer_beyond_the_limit_is_the_same_for_known_and_unknown_addresses(client, time_machine):
    time_machine.move_to("2026-03-01T12:00Z", tick=False)
    make_entry(email="known@example.com", status="waiting", photos=0)

    known, unknown = ([answer_to(client, f"{who}@example.com") for _ in range(4)][-1] for who in ("known", "unknown"))

    assert (known[0], known) == (429, unknown)


def test_who_has_to_wait_for_a_link_is_told_that_those_sent_still_work(client):
    for _time in range(rate_limits.MAILS.most):
        rate_limits.MAILS.spend("anh@example.com")

    response = client.post("/privacy/you/", {"email": "anh@example.com"})

    assert "already e-mailed to you work for 72 hours" in response.content.decode()


def test_mail_is_the_same_for_known_and_unknown_addresses(client, committing, mailoutbox):
    make_entry(email="known@example.com", status="waiting", photos=0)
    mailoutbox.clear()
    with committing():
        answer_to(client, "known@example.com")
        answer_to(client, "unknown@example.com")

    assert [message.to for message in mailoutbox] == [["known@example.com"], ["unknown@example.com"]]
    bodies = [re.sub(r"/you/[\w-]{43}/", "/you/…/", message.body) for message in mailoutbox]
    assert (mailoutbox[0].subject, bodies[0]) == (mailoutbox[1].subject, bodies[1])


def test_answer_takes_the_same_queries_for_known_and_unknown_addresses(client, django_assert_num_queries, settings):
    settings.WORK = "worker"
    make_entry(email="known@example.com", status="waiting", photos=0)
    with CaptureQueriesContext(connection) as unknown:
        answer_to(client, "unknown@example.com")
    with django_assert_num_queries(len(unknown)):
        answer_to(client, "known@example.com")


def test_mail_is_queued_and_not_sent_in_the_request(client, mailoutbox, settings):
    settings.WORK = "worker"
    answer_to(client, "anh@example.com")

    assert (mailoutbox, [email.to for email in Email.objects.all()]) == ([], [["anh@example.com"]])


@pytest.mark.parametrize(("prefix", "language"), [("", "en"), ("/vi", "vi")])
@pytest.mark.parametrize("accepted", ["en", "vi", "fr", ""])
def test_mail_speaks_the_language_of_the_page(client, committing, mailoutbox, prefix, language, accepted):
    with committing():
        response = client.post(
            f"{prefix}/privacy/you/", {"email": "anh@example.com"}, headers={"accept-language": accepted}
        )

    assert response["Location"] == f"{prefix}/privacy/you/asked/"
    assert re.findall(r"^http://testserver(\S*)/privacy/you/[\w-]{43}/$", mailoutbox[0].body, re.MULTILINE) == [prefix]
    assert re.findall(r'<html lang="(\w+)">', mailoutbox[0].alternatives[0].content) == [language]
    assert MailedLink.objects.get().language == language


@pytest.mark.parametrize(
    "email",
    [
        "",
        " ",
        "anh",
        "anh@example",
        "a\0@example.com",
        "a\u202e@example.com",
        "a" * 250 + "@example.com",
        "a@b.example, c@d.example",
    ],
)
def test_address_that_is_none_comes_back_with_an_error(client, email):
    response = client.post("/privacy/you/", {"email": email})

    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["email"]
    assert (Email.objects.count(), MailedLink.objects.count()) == (0, 0)


def test_address_with_an_error_is_kept_in_the_form(client):
    html = client.post("/privacy/you/", {"email": 'anh"><b>'}).content.decode()

    assert ('value="anh&quot;&gt;&lt;b&gt;"' in html, '"><b>' in html) == (True, False)


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("address", ["", "asked/", "closed/"])
@pytest.mark.parametrize("prefix", ["", "/vi"])
def test_looking_sends_nothing_and_sets_no_cookie(client, method, address, prefix):
    response = getattr(client, method)(f"{prefix}/privacy/you/{address}?email=anh@example.com")

    assert (response.status_code, response.cookies) == (200, {})
    assert (Email.objects.count(), MailedLink.objects.count()) == (0, 0)


@pytest.mark.parametrize("language", ["en", "vi"])
def test_button_speaks_the_language_of_the_page(client, language):
    with translation.override(language):
        page = client.get(reverse("privacy:ask")).content.decode()
        assert f'value="{gettext("Send me my link")}"' in page
