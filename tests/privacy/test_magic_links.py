"""Links in mails: their tokens, what they are bound to, how long they live."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from post_office.models import STATUS, Email

from core import mail
from pageant import mails
from pageant.models import Entry
from privacy.account import magic_links
from privacy.models import MailedLink
from privacy.rights.purge import purge
from tests.core.concurrency import at_once
from tests.pageant.factories import make_entry, make_pageant

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Purpose = MailedLink.Purpose


def tokens_in(message):
    return re.findall(r"/privacy/you/([\w-]{43})/", message.body)


def everything_in_the_database():
    """All that the queue and the links hold, as text."""
    rows = [*Email.objects.values(), *MailedLink.objects.values()]
    return " ".join(str(value) for row in rows for value in row.values())


# What is kept of a token


@pytest.mark.django_db
def test_token_has_256_bits_and_only_its_digest_is_kept(mailed):
    token = mailed()

    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert MailedLink.objects.get().token_digest == hashlib.sha256(token.encode()).hexdigest()
    assert token not in everything_in_the_database()


@pytest.mark.django_db
def test_tokens_differ(mailed):
    assert len({mailed() for _ in range(5)}) == 5


@pytest.mark.django_db
@pytest.mark.parametrize("work", ["inline", "worker"])
def test_queue_never_holds_a_token(committing, mailoutbox, settings, work):
    settings.WORK = work
    with committing():
        magic_links.queue_mail("privacy/your_link", {}, to="a@example.com", language="vi", purpose=Purpose.OPEN)
        queued = everything_in_the_database()
        assert MailedLink.objects.get().token_digest is None
    mail.deliver_due()

    (token,) = tokens_in(mailoutbox[0])
    assert token not in queued
    assert token not in everything_in_the_database()
    assert (magic_links.find_link(token).email, Email.objects.get().get_status_display()) == ("a@example.com", "sent")


@pytest.mark.django_db
def test_mail_in_the_queue_leads_nowhere(client, settings):
    settings.WORK = "worker"
    magic_links.queue_mail("privacy/your_link", {}, to="a@example.com", language="en", purpose=Purpose.OPEN)

    addresses = re.findall(r"http://testserver(/\S*you/\S+)", Email.objects.get().message)

    assert [client.get(address).status_code for address in addresses] == [404]
    assert [client.post(address).status_code for address in addresses] == [404]


@pytest.mark.django_db
def test_mail_has_the_link_in_text_and_html_and_no_inner_header(mailed, mailoutbox):
    token = mailed()

    (message,) = mailoutbox
    assert message.body.count(f"http://testserver/privacy/you/{token}/\n") == 1
    assert f'href="http://testserver/privacy/you/{token}/"' in message.alternatives[0].content
    assert len(re.findall(r"privacy/you/", message.body + message.alternatives[0].content)) == 3
    assert [name for name in message.message() if name.lower().startswith("x-")] == []


@pytest.mark.django_db
def test_mail_that_is_sent_again_carries_a_token_that_works(settings, committing, mailoutbox, time_machine):
    time_machine.move_to(NOON, tick=False)
    settings.EMAIL_BACKEND = "tests.core.backends.Refusing"
    with committing():
        magic_links.queue_mail("privacy/your_link", {}, to="a@example.com", language="en", purpose=Purpose.OPEN)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    time_machine.move_to(NOON + timedelta(minutes=2), tick=False)
    mail.deliver_due()

    (token,) = tokens_in(mailoutbox[0])
    assert magic_links.is_live(magic_links.find_link(token)) is True


def send_again(mailoutbox):
    """As after a crash between sending a mail and writing it down. The token of the copy."""
    Email.objects.update(status=STATUS.queued, scheduled_time=None)
    mail.deliver_due()
    (token,) = tokens_in(mailoutbox[-1])
    return token


@pytest.mark.django_db
@pytest.mark.parametrize("pressed", [0, 1, 2])
def test_mail_sent_again_has_one_link_that_works_once_from_each_copy(client, mailed, mailoutbox, pressed):
    tokens = [mailed(), send_again(mailoutbox), send_again(mailoutbox)]
    assert [client.get(f"/privacy/you/{token}/").status_code for token in tokens] == [200] * 3

    status, page = press(tokens[pressed])

    assert (status, client.get(page).status_code) == (302, 200)
    assert [client.get(f"/privacy/you/{token}/").status_code for token in tokens] == [410] * 3
    others = [token for token in tokens if token != tokens[pressed]]
    assert [press(token) for token in others] == [(410, None)] * 2  # though it was within a minute
    assert press(tokens[pressed]) == (302, page)
    assert MailedLink.objects.filter(purpose=Purpose.PAGE).count() == 1


@pytest.mark.django_db
def test_mail_sent_again_does_not_bring_a_used_link_back(client, mailed, mailoutbox):
    first = mailed()
    page = press(first)[1]

    again = send_again(mailoutbox)

    shown = client.get(f"/privacy/you/{again}/")
    assert (shown.status_code, "already been used" in shown.content.decode()) == (410, True)
    assert press(again) == (410, None)
    assert press(first) == (302, page)


@pytest.mark.django_db
def test_page_of_a_link_in_an_older_copy_offers_a_new_one(client, mailed, mailoutbox, committing, time_machine):
    time_machine.move_to(NOON, tick=False)
    first = mailed()
    send_again(mailoutbox)
    time_machine.move_to(NOON + timedelta(hours=72), tick=False)

    assert client.get(f"/privacy/you/{first}/erase/")["Location"] == f"/privacy/you/{first}/"
    assert client.get(f"/privacy/you/{first}/").status_code == 410
    with committing():
        client.post(f"/privacy/you/{first}/", {"again": "1"})
    assert client.get(f"/privacy/you/{tokens_in(mailoutbox[-1])[0]}/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_link_of_a_transaction_that_rolls_back_never_was(mailoutbox):
    def fail_in_the_end():
        magic_links.queue_mail("privacy/your_link", {}, to="a@example.com", language="en", purpose=Purpose.OPEN)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        transaction.atomic(fail_in_the_end)()

    assert (MailedLink.objects.count(), Email.objects.count(), mailoutbox) == (0, 0, [])


# A stranger types the place of the token into a name: the mail goes to somebody else, the name may be an address of
# the stranger's own.


@pytest.fixture
def place(settings):
    """What stands in the queue where a mail's token goes, as a stranger may know it from the code."""
    settings.WORK = "worker"
    magic_links.queue_mail("privacy/your_link", {}, to="evil@example.com", language="vi", purpose=Purpose.OPEN)
    (place,) = re.findall(r"http://testserver/vi/privacy/you/(\S+)/", Email.objects.get().message)
    return place


def tokens_of(row, text):
    """Where the token of that link stands in a text, with what is around it."""
    words = re.finditer(r"(?<![\w-])([\w-]{43})(?![\w-])", text)
    found = [word for word in words if hashlib.sha256(word[1].encode()).hexdigest() == row.token_digest]
    return [text[: word.start()].split()[-1] for word in found]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    [
        "{}",
        "https://e.example/{}",
        "e.example/?{}",
        "{}@e.example",
        "Link: {}",
    ],
)
@pytest.mark.parametrize("send", [mails.send_confirmation, mails.send_existing])
def test_name_that_looks_like_the_place_of_the_token_gets_none(mailoutbox, place, typed, send):
    name = typed.format(place)
    send(make_entry(status="unconfirmed", photos=0, email="victim@example.com", display_name=name))

    mail.deliver_due()

    row = MailedLink.objects.get(email="victim@example.com")
    (message,) = [message for message in mailoutbox if message.to == ["victim@example.com"]]
    link = "http://testserver/vi/privacy/you/"
    assert tokens_of(row, message.body) == [link]
    html = [re.split(r'["<>]', before)[-1] for before in tokens_of(row, message.alternatives[0].content)]
    assert html == [link, link]  # where it leads, and what is read


@pytest.mark.django_db
def test_mails_sent_together_have_a_token_each(committing, mailoutbox):
    with committing():
        for name in ("a", "b", "c"):
            magic_links.queue_mail(
                "privacy/your_link", {}, to=f"{name}@example.com", language="en", purpose=Purpose.OPEN
            )

    owners = {
        message.to[0]: [magic_links.find_link(token).email for token in tokens_in(message)] for message in mailoutbox
    }

    assert owners == {f"{name}@example.com": [f"{name}@example.com"] for name in ("a", "b", "c")}


# Built from SITE_URL


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "testserver:8000", "TESTSERVER"])
def test_link_is_built_from_the_setting_and_not_from_the_host(committing, client, mailoutbox, settings, host):
    settings.SITE_URL = "https://vietmusic.example"
    with committing():
        response = client.post("/privacy/you/", {"email": "a@example.com"}, headers={"host": host})
    assert response.status_code == 302

    addresses = re.findall(r"https?://\S+", mailoutbox[0].body)

    assert {re.match(r"https?://[^/]*", address)[0] for address in addresses} == {"https://vietmusic.example"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "host", ["evil.example", "vietmusic.example.evil.example", "evil.example:80", "testserver@evil.example"]
)
def test_hostile_host_gets_no_mail_sent(committing, client, mailoutbox, host):
    with committing():
        response = client.post("/privacy/you/", {"email": "a@example.com"}, headers={"host": host})

    assert (response.status_code, mailoutbox, Email.objects.count()) == (400, [], 0)


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["X-Forwarded-Host", "Forwarded", "X-Original-Host", "Origin-Host"])
def test_header_that_claims_another_host_is_not_in_the_mail(committing, client, mailoutbox, header):
    with committing():
        client.post("/privacy/you/", {"email": "a@example.com"}, headers={header: "evil.example"})

    assert "evil.example" not in mailoutbox[0].message().as_string()


# Lifetimes


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", [Purpose.CONFIRM, Purpose.OPEN])
@pytest.mark.parametrize(
    ("age", "status"),
    [
        (timedelta(0), 200),
        (timedelta(hours=72) - timedelta(seconds=1), 200),
        (timedelta(hours=72), 410),
        (timedelta(hours=72, seconds=1), 410),
        (timedelta(days=6), 410),
    ],
)
def test_mailed_link_lives_for_72_hours(client, mailed, time_machine, purpose, age, status):
    time_machine.move_to(NOON, tick=False)
    token = mailed(purpose=purpose, subject="entry:0123" if purpose == Purpose.CONFIRM else "")

    time_machine.move_to(NOON + age, tick=False)

    assert client.get(f"/privacy/you/{token}/").status_code == status
    assert client.post(f"/privacy/you/{token}/").status_code == (302 if status == 200 else 410)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("age", "status"),
    [(timedelta(minutes=59, seconds=59), 200), (timedelta(hours=1), 410), (timedelta(hours=2), 410)],
)
def test_page_stays_open_for_an_hour(client, opened, time_machine, age, status):
    time_machine.move_to(NOON, tick=False)
    token = opened()

    time_machine.move_to(NOON + age, tick=False)

    assert client.get(f"/privacy/you/{token}/").status_code == status


@pytest.mark.django_db
def test_page_closes_an_hour_after_the_button_and_not_after_the_mail(client, mailed, time_machine):
    time_machine.move_to(NOON, tick=False)
    token = mailed()
    time_machine.move_to(NOON + timedelta(hours=71), tick=False)
    page = client.post(f"/privacy/you/{token}/")["Location"]

    time_machine.move_to(NOON + timedelta(hours=71, minutes=59), tick=False)
    assert client.get(page).status_code == 200
    time_machine.move_to(NOON + timedelta(hours=72), tick=False)
    assert client.get(page).status_code == 410


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("purpose", "age", "left"),
    [
        (Purpose.OPEN, timedelta(hours=72) + timedelta(days=7), 1),
        (Purpose.OPEN, timedelta(hours=72) + timedelta(days=7, seconds=1), 0),
        (Purpose.PAGE, timedelta(hours=1) + timedelta(days=7), 1),
        (Purpose.PAGE, timedelta(hours=1) + timedelta(days=7, seconds=1), 0),
    ],
)
def test_link_is_forgotten_a_week_after_its_end(mailed, time_machine, purpose, age, left):
    time_machine.move_to(NOON, tick=False)
    mailed(purpose=purpose)

    time_machine.move_to(NOON + age, tick=False)
    purge()

    assert MailedLink.objects.count() == left


@pytest.mark.django_db
def test_mail_whose_link_is_gone_leads_nowhere(settings, mailoutbox):
    settings.WORK = "worker"
    magic_links.queue_mail("privacy/your_link", {}, to="a@example.com", language="en", purpose=Purpose.OPEN)
    MailedLink.objects.all().delete()

    mail.deliver_due()

    assert [magic_links.find_link(token) for message in mailoutbox for token in tokens_in(message)] == [None] * len(
        mailoutbox
    )


# Used once


def press(token):
    response = Client().post(f"/privacy/you/{token}/")
    return response.status_code, response.get("Location")


@pytest.mark.django_db(transaction=True)
def test_link_pressed_by_many_at_once_is_used_once_and_leads_to_one_page(mailed):
    entry = make_entry(make_pageant(), status="unconfirmed", photos=0, email="anh@example.com")
    revision = entry.revision
    token = mailed(purpose=Purpose.CONFIRM, subject=f"entry:{entry.key}")

    answers = at_once(*[partial(press, token)] * 4)

    entry.refresh_from_db()
    assert [status for status, _location in answers] == [302] * 4
    assert len({location for _status, location in answers}) == 1
    assert (entry.status, entry.revision) == ("waiting", revision + 1)
    assert MailedLink.objects.filter(purpose=Purpose.PAGE).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("later", "same_page"),
    [
        (timedelta(seconds=1), True),
        (timedelta(seconds=59), True),
        (timedelta(seconds=60), False),
        (timedelta(hours=1), False),
    ],
)
def test_second_press_arrives_at_the_same_page_within_a_minute(mailed, time_machine, later, same_page):
    time_machine.move_to(NOON, tick=False)
    token = mailed()
    first = press(token)

    time_machine.move_to(NOON + later, tick=False)

    assert press(token) == (first if same_page else (410, None))
    assert MailedLink.objects.filter(purpose=Purpose.PAGE).count() == 1


@pytest.mark.django_db
def test_second_press_does_not_open_a_page_for_longer(client, mailed, time_machine):
    time_machine.move_to(NOON, tick=False)
    token = mailed()
    page = press(token)[1]
    time_machine.move_to(NOON + timedelta(seconds=30), tick=False)
    press(token)

    time_machine.move_to(NOON + timedelta(hours=1), tick=False)

    assert client.get(page).status_code == 410


@pytest.mark.django_db
def test_second_press_does_not_open_a_page_that_was_closed(client, mailed):
    token = mailed()
    page = press(token)[1]
    client.post(page, {"close": "1"})

    assert client.get(press(token)[1]).status_code == 410


# Bound to a purpose and a subject


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", [Purpose.CONFIRM, Purpose.OPEN])
@pytest.mark.parametrize("what", ["confirm", "edit", "withdraw"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_token_from_a_mail_opens_nothing_without_its_button(client, mailed, purpose, what, method):
    entry = make_entry(make_pageant(), status="unconfirmed", photos=0, email="anh@example.com")
    token = mailed(purpose=purpose, subject=f"entry:{entry.key}" if purpose == Purpose.CONFIRM else "")

    response = getattr(client, method)(f"/privacy/you/{token}/entries/{entry.key}/{what}/")

    assert (response.status_code, response["Location"]) == (302, f"/privacy/you/{token}/")
    assert Entry.objects.get().status == "unconfirmed"


@pytest.mark.django_db
def test_link_that_opens_a_page_confirms_nothing(mailed):
    make_entry(make_pageant(), status="unconfirmed", photos=0, email="anh@example.com")

    press(mailed(purpose=Purpose.OPEN))

    assert Entry.objects.get().status == "unconfirmed"


@pytest.mark.django_db
def test_link_confirms_its_own_entry_only(mailed):
    mine, other, theirs = (
        make_entry(make_pageant(), status="unconfirmed", photos=0, email=email)
        for email in ("anh@example.com", "anh@example.com", "binh@example.com")
    )

    press(mailed(purpose=Purpose.CONFIRM, subject=f"entry:{mine.key}"))

    assert [Entry.objects.get(pk=entry.pk).status for entry in (mine, other, theirs)] == [
        "waiting",
        "unconfirmed",
        "unconfirmed",
    ]


@pytest.mark.django_db
def test_link_confirms_no_entry_of_another_address(mailed):
    theirs = make_entry(make_pageant(), status="unconfirmed", photos=0, email="binh@example.com")

    assert press(mailed(purpose=Purpose.CONFIRM, subject=f"entry:{theirs.key}"))[0] == 302
    assert Entry.objects.get().status == "unconfirmed"


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["waiting", "approved", "rejected", "withdrawn"])
def test_link_of_an_entry_that_went_on_changes_nothing(mailed, status):
    entry = make_entry(make_pageant(), status=status, photos=0, email="anh@example.com")
    revision = entry.revision

    assert press(mailed(purpose=Purpose.CONFIRM, subject=f"entry:{entry.key}"))[0] == 302
    entry.refresh_from_db()
    assert (entry.status, entry.revision) == (status, revision)


@pytest.mark.django_db
def test_link_of_an_entry_that_is_gone_still_opens_the_page(client, mailed):
    token = mailed(purpose=Purpose.CONFIRM, subject="entry:0123456789abcdef")

    assert client.get(f"/privacy/you/{token}/").status_code == 200
    status, page = press(token)
    assert (status, client.get(page).status_code) == (302, 200)


@pytest.mark.django_db
def test_page_shows_and_changes_nothing_of_others(client, opened):
    mine = make_entry(make_pageant(), status="waiting", photos=0, email="Anh@example.com", display_name="Ánh Một")
    theirs = make_entry(make_pageant(), status="waiting", photos=0, email="binh@example.com", display_name="Bình Hai")
    token = opened(to="anh@example.com")

    html = client.get(f"/privacy/you/{token}/").content.decode()
    statuses = [
        getattr(client, method)(f"/privacy/you/{token}/entries/{theirs.key}/{what}/").status_code
        for method, what in [
            ("get", "edit"),
            ("post", "edit"),
            ("get", "withdraw"),
            ("post", "withdraw"),
            ("post", "confirm"),
        ]
    ]

    assert ("Ánh Một" in html, "Bình Hai" in html, theirs.key in html) == (True, False, False)
    assert statuses == [404] * 5
    assert [Entry.objects.get(pk=entry.pk).status for entry in (mine, theirs)] == ["waiting", "waiting"]


@pytest.mark.django_db
@pytest.mark.parametrize("guess", ["x", "x" * 43, "a" * 64, "None", "", "%00x", "..", "é" * 43, "x" * 3000])
def test_unknown_token_opens_nothing(client, mailed, guess):
    mailed()

    assert client.get(f"/privacy/you/{guess or 'asked/..'}/").status_code in {400, 404}
    assert client.post(f"/privacy/you/{guess or 'asked/..'}/").status_code in {400, 404}
    assert MailedLink.objects.filter(used_at__isnull=False).count() == 0


@pytest.mark.django_db
def test_digest_in_the_database_opens_nothing(client, mailed):
    mailed()

    assert client.get(f"/privacy/you/{MailedLink.objects.get().token_digest}/").status_code == 404


@pytest.mark.django_db
def test_database_refuses_a_used_link_without_token():
    with pytest.raises(IntegrityError), transaction.atomic():
        MailedLink.objects.create(
            purpose=Purpose.OPEN,
            email="a@example.com",
            language="en",
            expires_at=timezone.now(),
            used_at=timezone.now(),
        )
