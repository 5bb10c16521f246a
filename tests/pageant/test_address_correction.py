"""The page after entering: where the mail went, and how another address is put in its place."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from core.moderation import Status
from pageant.models import Entry, Photo
from privacy.account import address_correction
from privacy.models import MailedLink
from privacy.rate_limits import CORRECTIONS, MAILS
from privacy.rights.purge import purge
from tests.core.concurrency import at_once
from tests.pageant.factories import make_entry, make_pageant
from tests.pageant.test_submission import send

pytestmark = pytest.mark.django_db(transaction=True)

WRONG, RIGHT = "lam@example.com", "lan@example.com"


@pytest.fixture
def pageant():
    return make_pageant(slug="faces", max_photos=3)


@pytest.fixture
def sent(client, pageant, mailoutbox):
    """The page after an entry was sent with WRONG."""
    page = send(client, email=WRONG)["Location"]
    assert [message.to for message in mailoutbox] == [[WRONG]]
    return page


def correct(page, email=RIGHT, **more):
    return Client().post(page, {"email": email, **more})


def link_in(message):
    return re.search(r"http://testserver(\S*/privacy/you/[\w-]{43}/)", message.body)[1]


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", response.content.decode()))


@pytest.mark.parametrize("language", ["en", "vi"])
def test_page_names_the_address_and_is_not_kept_anywhere(client, pageant, language):
    response = client.get(send(client, email=WRONG, language=language)["Location"])

    assert (response.status_code, response["Referrer-Policy"], response.cookies) == (200, "no-referrer", {})
    assert "no-store" in response["Cache-Control"]
    assert WRONG in words(response)
    assert f'value="{WRONG}"' in response.content.decode()
    assert WRONG not in response.request["QUERY_STRING"]


def test_corrected_address_gets_the_mail_and_the_other_link_dies(client, sent, mailoutbox):
    entry = Entry.objects.get()

    response = correct(sent)

    assert response.status_code == 302
    assert RIGHT in words(client.get(response["Location"]))
    assert [message.to[0] for message in mailoutbox] == [WRONG, RIGHT]
    old, new = map(link_in, mailoutbox)
    assert (client.get(old).status_code, client.post(old).status_code) == (410, 410)
    assert client.post(new).status_code == 302
    entry.refresh_from_db()
    assert (entry.status, entry.email) == ("waiting", RIGHT)
    assert (Entry.objects.of(RIGHT).get(), Entry.objects.of(WRONG).exists()) == (entry, False)
    assert entry.photos.count() == 1


def test_page_of_the_corrected_address_corrects_it_again_but_the_first_page_does_not(client, sent, mailoutbox):
    second = correct(sent, "lanh@example.com")["Location"]

    assert "lanh@example.com" not in words(client.get(sent))
    assert correct(sent, "thief@example.com").status_code == 410
    assert correct(second).status_code == 302
    assert Entry.objects.get().email == RIGHT
    assert len(mailoutbox) == 3


def test_address_that_is_none_or_looks_mistyped_is_asked_for_again(client, sent, mailoutbox):
    for email, said in [("lan", "must have an @"), ("lan@gmail.con", "Did you mean lan@gmail.com?")]:
        response = correct(sent, email)
        assert (response.status_code, said in words(response)) == (200, True)
        assert f'value="{email}"' in response.content.decode()
    assert correct(sent, "lan@gmail.con", email_asked="lan@gmail.con", email_taken="lan@gmail.con").status_code == 302
    assert [message.to[0] for message in mailoutbox] == [WRONG, "lan@gmail.com"]


# Nobody else's


@pytest.mark.parametrize(
    "forge",
    [
        lambda key, pk: "",
        lambda key, pk: "x",
        lambda key, pk: signing.dumps([key, pk]),
        lambda key, pk: signing.dumps([key, pk], salt="another"),
        lambda key, pk: signing.dumps([key, pk], salt=address_correction.SALT)[:-1] + "!",
        lambda key, pk: "\u202e" * 50,
    ],
)
def test_address_stays_without_the_token_of_the_form(sent, mailoutbox, forge):
    token = forge(Entry.objects.get().key, MailedLink.objects.get().pk)

    page = f"/pageants/faces/enter/sent/?mail={token}"

    assert WRONG not in words(Client().get(page))
    assert correct(page).status_code == 410
    assert (Entry.objects.get().email, len(mailoutbox)) == (WRONG, 1)


def confirm(page, mailoutbox):
    Client().post(link_in(mailoutbox[0]))


def erase(page, mailoutbox):
    Entry.objects.all().delete()
    MailedLink.objects.all().delete()


def withdraw(page, mailoutbox):
    Entry.objects.get().withdraw()


def confirm_otherwise(page, mailoutbox):
    Entry.objects.get().confirm()


@pytest.mark.parametrize("act", [confirm, confirm_otherwise, erase, withdraw])
def test_address_stays_once_the_entry_is_confirmed_or_gone(sent, mailoutbox, act):
    act(sent, mailoutbox)
    emails = list(Entry.objects.values_list("email", flat=True))

    response = correct(sent)

    assert (response.status_code, "can no longer be changed here" in words(response)) == (410, True)
    assert list(Entry.objects.values_list("email", flat=True)) == emails
    assert len(mailoutbox) == 1


def test_address_stays_after_an_hour(sent, mailoutbox, time_machine):
    time_machine.move_to(timezone.now() + timedelta(minutes=61), tick=False)

    assert WRONG not in words(Client().get(sent))
    assert correct(sent).status_code == 410
    assert (Entry.objects.get().email, len(mailoutbox)) == (WRONG, 1)


def test_another_sites_page_corrects_nothing(sent):
    response = Client().post(sent, {"email": RIGHT}, headers={"Sec-Fetch-Site": "cross-site"})

    assert (response.status_code, Entry.objects.get().email) == (403, WRONG)


def test_address_is_corrected_or_confirmed_but_not_both(sent, mailoutbox):
    link = link_in(mailoutbox[0])

    answers = at_once(partial(correct, sent), partial(Client().post, link))

    entry = Entry.objects.get()
    assert ([answer.status_code for answer in answers], entry.email, entry.status) in [
        ([302, 410], RIGHT, "unconfirmed"),
        ([410, 302], WRONG, "waiting"),
    ]


def test_address_corrected_twice_at_once_goes_to_one(sent, mailoutbox):
    answers = at_once(partial(correct, sent, "a@example.com"), partial(correct, sent, "b@example.com"))

    assert sorted(answer.status_code for answer in answers) == [302, 410]
    assert [message.to[0] for message in mailoutbox[1:]] == [Entry.objects.get().email]


# Mailboxes are protected


def test_address_is_corrected_three_times_at_most(sent, mailoutbox):
    page = sent
    for number in range(CORRECTIONS.most):
        page = correct(page, f"lan-{number}@example.com")["Location"]

    response = correct(page, "one-too-many@example.com")

    assert (response.status_code, "can no longer be changed here" in words(response)) == (410, True)
    assert len(mailoutbox) == 1 + CORRECTIONS.most


def test_mailbox_that_got_too_many_mails_gets_none(sent, mailoutbox):
    for _time in range(MAILS.most):
        MAILS.spend(RIGHT)

    assert correct(sent).status_code == 429
    assert (Entry.objects.get().email, len(mailoutbox)) == (WRONG, 1)
    assert correct(sent, "other@example.com").status_code == 302  # and the page still works


# Whether an address has an entry is nobody's business


@pytest.mark.parametrize("status", ["unconfirmed", "waiting", "approved", "rejected", None])
def test_entry_sent_with_the_address_of_another_one_is_corrected_like_any(client, pageant, mailoutbox, status):
    theirs = make_entry(pageant, status=status, email="Lam@Example.com", display_name="Lâm") if status else None
    mailoutbox.clear()

    page = send(client, email=WRONG)["Location"]
    shown = words(client.get(page))
    response = correct(page)

    assert response.status_code == 302
    assert f"We wrote to {WRONG}" in shown
    mine = Entry.objects.of(RIGHT).get()
    assert (mine.email, mine.display_name, mine.photos.count()) == (RIGHT, "Nguyễn Thị Ánh", 1)
    old, new = map(link_in, mailoutbox)
    assert [client.post(link).status_code for link in (old, new)] == [410, 302]
    mine.refresh_from_db()
    assert mine.status == "waiting"
    if theirs:
        email, name = theirs.email, theirs.display_name
        theirs.refresh_from_db()
        assert (theirs.email, theirs.display_name, theirs.status) == (email, name, status)
        assert mailoutbox[0].to == [email]


def test_page_is_the_same_whether_the_address_has_an_entry_or_not(client, pageant):
    make_entry(pageant, status="waiting", email="LAM@example.com")

    pages = [client.get(send(client, email=email)["Location"]) for email in (WRONG, "lem@example.com")]

    known, unknown = (words(page) for page in pages)
    assert known == unknown.replace("lem@", "lam@")


def test_address_corrected_to_one_that_has_an_entry_leads_to_that_one(client, pageant, sent, mailoutbox):
    theirs = make_entry(pageant, status="waiting", email=RIGHT, language="en")

    response = correct(sent)

    assert f"We wrote to {RIGHT}" in words(client.get(response["Location"]))
    assert Entry.objects.of(RIGHT).get() == theirs
    assert "already entered" in mailoutbox[-1].subject
    assert correct(response["Location"], "lanh@example.com").status_code == 302
    assert Entry.objects.of("lanh@example.com").get().photos.count() == 1


def test_entry_that_is_nobodys_is_seen_by_nobody_and_goes_in_time(client, pageant, time_machine):
    make_entry(pageant, status="waiting", email=WRONG, photos=0)
    send(client, email=WRONG)
    nobodys = Entry.objects.get(email="")
    assert (nobodys.status, Entry.objects.of("").exists()) == (Status.UNCONFIRMED, False)

    time_machine.move_to(timezone.now() + Entry.TIME_TO_CONFIRM + timedelta(minutes=1), tick=False)
    purge()

    assert (Entry.objects.filter(pk=nobodys.pk).exists(), Photo.objects.exists()) == (False, False)
