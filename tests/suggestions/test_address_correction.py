"""The page after suggesting a website: where the mail went, and how another address is put in its place."""

import re

import pytest
from django.test import Client

from suggestions.models import Suggestion
from tests.core.factories import make_staff

pytestmark = pytest.mark.django_db(transaction=True)

RIGHT = "ngoc@example.com"


@pytest.fixture
def sent(client, fields):
    return client.post("/websites/suggest/", fields)["Location"]


def correct(page, email=RIGHT):
    return Client().post(page, {"email": email})


def link_in(message):
    return re.search(r"http://testserver(\S*/privacy/you/[\w-]{43}/)", message.body)[1]


def test_corrected_address_gets_the_mail_and_the_other_link_dies(client, sent, mailoutbox):
    assert "We wrote to anh@example.com" in client.get(sent).content.decode()

    response = correct(sent)

    assert f"We wrote to {RIGHT}" in client.get(response["Location"]).content.decode()
    assert [message.to[0] for message in mailoutbox] == ["anh@example.com", RIGHT]
    old, new = map(link_in, mailoutbox)
    assert (client.get(old).status_code, client.post(old).status_code) == (410, 410)
    assert "Nhạc hay" in client.post(new, follow=True).content.decode()
    suggestion = Suggestion.objects.get()
    assert (suggestion.email, Suggestion.objects.of(RIGHT).get(), suggestion.status) == (RIGHT, suggestion, "waiting")


def press(suggestion, mailoutbox):
    Client().post(link_in(mailoutbox[0]))


def approve(suggestion, mailoutbox):
    suggestion.approve(by=make_staff())


def delete(suggestion, mailoutbox):
    suggestion.delete()


@pytest.mark.parametrize("act", [press, approve, delete])
def test_address_stays_once_the_link_was_used_or_staff_have_decided(sent, mailoutbox, act):
    act(Suggestion.objects.get(), mailoutbox)

    response = correct(sent)

    assert (response.status_code, "can no longer be changed here" in response.content.decode()) == (410, True)
    assert set(Suggestion.objects.values_list("email", flat=True)) <= {"anh@example.com"}
    assert RIGHT not in [message.to[0] for message in mailoutbox]


def test_whoever_suggests_the_same_again_gets_no_hold_of_it(client, fields, sent):
    again = Client().post("/websites/suggest/", fields)["Location"]

    assert again == "/websites/suggest/sent/"
    assert correct(again).status_code == 410
    assert Suggestion.objects.get().email == "anh@example.com"
