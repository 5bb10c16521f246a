"""The mail queue: rows in the transaction that needs them, delivered after it."""

import re
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import translation
from post_office.models import STATUS, Email

from core import mail
from pageant.models import SponsorReport
from privacy.models import DataRequest
from privacy.rights.purge import purge
from tests.core.concurrency import ROOT, at_once

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
REFUSING = "tests.core.backends.Refusing"
SLOW = "tests.core.backends.Slow"
MEMORY = "django.core.mail.backends.locmem.EmailBackend"

WAITS = [timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720)]


def queue(to="anh@example.com", template="privacy/your_link", **context):
    """A mail like any other; `link` is what it would lead to."""
    return mail.queue(template, {"link": "http://testserver/x/", **context}, to=to, language="en")


def statuses():
    return list(Email.objects.order_by("pk").values_list("status", flat=True))


# At once, or by the worker


@pytest.mark.django_db
def test_mail_without_a_worker_goes_out_with_the_commit(committing, mailoutbox):
    with committing():
        queue()
        assert (statuses(), mailoutbox) == ([STATUS.queued], [])

    assert [message.to for message in mailoutbox] == [["anh@example.com"]]
    assert statuses() == [STATUS.sent]


@pytest.mark.django_db
def test_mail_with_a_worker_waits_for_it(committing, mailoutbox, settings):
    settings.WORK = "worker"
    with committing():
        queue()
    assert (statuses(), mailoutbox) == ([STATUS.queued], [])

    call_command("work", "--once")

    assert [message.to for message in mailoutbox] == [["anh@example.com"]]
    assert statuses() == [STATUS.sent]


@pytest.mark.django_db
def test_mail_that_was_sent_is_not_sent_again(committing, mailoutbox):
    with committing():
        queue()

    call_command("work", "--once")
    mail.deliver_due()

    assert len(mailoutbox) == 1


@transaction.atomic
def queue_and_fail():
    queue(to="lost@example.com")
    raise RuntimeError


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("work", ["inline", "worker"])
def test_mail_of_a_transaction_that_rolls_back_never_was(settings, mailoutbox, work):
    settings.WORK = work
    with pytest.raises(RuntimeError):
        queue_and_fail()

    call_command("work", "--once")

    assert (statuses(), mailoutbox) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_mail_of_a_part_that_rolls_back_never_was(mailoutbox):
    with transaction.atomic():
        with pytest.raises(RuntimeError):
            queue_and_fail()
        queue(to="kept@example.com")

    assert [message.to for message in mailoutbox] == [["kept@example.com"]]


@pytest.mark.django_db(transaction=True)
def test_mail_that_the_server_refuses_breaks_no_request(client, settings):
    settings.EMAIL_BACKEND = REFUSING

    response = client.post("/privacy/you/", {"email": "anh@example.com"})

    assert (response.status_code, response["Location"]) == (302, "/privacy/you/asked/")
    assert statuses() == [STATUS.requeued]


# Tried again


@pytest.mark.django_db
def test_mail_is_tried_again_after_growing_waits_then_given_up(committing, settings, time_machine):
    settings.EMAIL_BACKEND = REFUSING
    now = NOON
    time_machine.move_to(now, tick=False)
    with committing():
        email = queue()

    tries = [1]
    for wait in WAITS:
        assert statuses() == [STATUS.requeued]
        time_machine.move_to(now + wait - timedelta(seconds=1), tick=False)
        mail.deliver_due()
        early = email.logs.count()
        now += wait
        time_machine.move_to(now, tick=False)
        mail.deliver_due()
        tries.append(email.logs.count())
        assert early == tries[-2]

    assert tries == [1, 2, 3, 4, 5, 6, 7, 8]
    assert statuses() == [STATUS.failed]
    time_machine.move_to(now + timedelta(days=2), tick=False)
    mail.deliver_due()
    assert email.logs.count() == 8


@pytest.mark.django_db
def test_mail_goes_out_when_the_server_is_back(committing, settings, time_machine, mailoutbox):
    settings.EMAIL_BACKEND = REFUSING
    time_machine.move_to(NOON, tick=False)
    with committing():
        queue()

    settings.EMAIL_BACKEND = MEMORY
    time_machine.move_to(NOON + timedelta(minutes=1), tick=False)
    mail.deliver_due()

    assert [message.to for message in mailoutbox] == [["anh@example.com"]]
    assert statuses() == [STATUS.sent]


@pytest.mark.django_db
def test_mail_that_fails_does_not_hold_up_the_others(settings, mailoutbox):
    settings.WORK = "worker"
    queue(to="first@example.com")
    Email.objects.update(headers={"X-Broken": "a\nb"})
    queue(to="second@example.com")

    mail.deliver_due()

    assert [message.to for message in mailoutbox] == [["second@example.com"]]
    assert statuses() == [STATUS.requeued, STATUS.sent]


@pytest.mark.django_db
def test_failure_is_told_to_staff_and_not_to_the_log(committing, settings, caplog):
    settings.EMAIL_BACKEND = REFUSING
    with committing():
        email = queue()

    told = email.logs.get()
    assert (told.status, told.exception_type) == (STATUS.failed, "SMTPRecipientsRefused")
    assert "mailbox busy" in told.message
    assert [record.getMessage() for record in caplog.records] == [
        f"Mail {email.pk} was not sent: SMTPRecipientsRefused"
    ]
    assert "anh@example.com" not in caplog.text


# Several processes


@pytest.mark.django_db(transaction=True)
def test_mail_is_claimed_by_one_of_many(settings, mailoutbox):
    settings.WORK = "worker"
    settings.EMAIL_BACKEND = SLOW
    email = queue()

    sent = at_once(*[partial(mail.deliver, Email.objects.get(pk=email.pk)) for _ in range(4)])

    assert sorted(sent) == [False, False, False, True]
    assert len(mailoutbox) == 1


@pytest.mark.django_db(transaction=True)
def test_mails_are_each_sent_once_by_many_workers(settings, mailoutbox):
    settings.WORK = "worker"
    addresses = [f"person-{n}@example.com" for n in range(12)]
    for address in addresses:
        queue(to=address)

    at_once(*[mail.deliver_due] * 3)

    assert sorted(message.to[0] for message in mailoutbox) == sorted(addresses)
    assert set(statuses()) == {STATUS.sent}


@pytest.mark.django_db
def test_mail_that_was_erased_meanwhile_is_not_sent(settings, mailoutbox):
    settings.WORK = "worker"
    email = queue()
    Email.objects.all().delete()

    assert mail.deliver(email) is False
    assert mailoutbox == []


# Kept no longer than needed


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "age", "left"),
    [
        (STATUS.sent, timedelta(hours=23), 1),
        (STATUS.sent, timedelta(hours=25), 0),
        (STATUS.failed, timedelta(days=29), 1),
        (STATUS.failed, timedelta(days=31), 0),
        (STATUS.queued, timedelta(days=59), 1),
        (STATUS.requeued, timedelta(days=61), 0),
    ],
)
def test_old_mail_is_forgotten(settings, time_machine, status, age, left):
    settings.WORK = "worker"
    time_machine.move_to(NOON, tick=False)
    queue()
    Email.objects.update(status=status)

    time_machine.move_to(NOON + age, tick=False)
    purge()

    assert Email.objects.count() == left


# What strangers wrote

CONFIRM = "pageant/confirm"


class Someone:
    """As much of an entry as a mail shows."""

    def __init__(self, name, title="Faces"):
        self.display_name = name
        self.title = title


def mail_about(name, *, title="Faces"):
    return queue(template=CONFIRM, entry=Someone(name), pageant=Someone(name, title))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    ["{{ link }}", "{% now 'Y' %}", "{% load x %}", "{{", "{%", "%(name)s", "%s", "{0}", "${link}", "{# x #}"],
)
def test_name_with_template_syntax_is_just_text(committing, mailoutbox, name):
    with committing():
        mail_about(name)

    (message,) = mailoutbox
    assert f"Hello {name}," in message.body.split("\n\n")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["<b>Ánh</b>", "<script>alert(1)</script>", '"><img src=x>', "a & b"])
def test_name_with_markup_is_escaped_in_html_and_plain_in_text(committing, mailoutbox, name):
    with committing():
        mail_about(name)

    (message,) = mailoutbox
    ((html, kind),) = [(part.content, part.mimetype) for part in message.alternatives]
    escaped = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    assert kind == "text/html"
    assert f"<p>Hello {escaped},</p>" in html
    assert f"Hello {name}," in message.body.split("\n\n")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    ["Ánh\nBcc: b@example.com", "Ánh\r\n\r\nSubject: x", "Ánh\n\nhttps://evil.example/", "Ánh\u2028x", "Ánh\n.\nQUIT"],
)
def test_name_with_line_breaks_adds_no_header(committing, mailoutbox, name):
    with committing():
        mail_about(name)

    (message,) = mailoutbox
    parsed = message.message()
    assert sorted(parsed.keys()) == [
        "Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Reply-To", "Subject", "To",
    ]  # fmt: skip
    assert (parsed["To"], parsed["Subject"]) == ("anh@example.com", "Confirm your entry: Faces")


@pytest.mark.django_db
@pytest.mark.parametrize("title", ["Faces\nBcc: b@example.com", "Faces\r\nof Huế", "Faces\tof Huế"])
def test_title_with_line_breaks_makes_a_subject_of_one_line(committing, mailoutbox, title):
    with committing():
        mail_about("Ánh", title=title)

    (message,) = mailoutbox
    assert (message.subject, message.to, message.bcc) == (
        "Confirm your entry: " + " ".join(title.split()),
        ["anh@example.com"],
        [],
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "other"), [("en", "vi"), ("vi", "en")])
def test_mail_speaks_the_language_that_it_is_given(committing, mailoutbox, language, other):
    with translation.override(other), committing():
        mail.queue("privacy/your_link", {"link": "http://testserver/x/"}, to="anh@example.com", language=language)

    html = mailoutbox[0].alternatives[0].content
    assert re.findall(r"<html lang=\"(\w+)\">", html) == [language]


@pytest.mark.django_db
def test_mail_is_text_and_html_with_the_same_words(committing, mailoutbox):
    with committing():
        queue(link="http://testserver/privacy/you/abc/")

    (message,) = mailoutbox
    assert message.from_email == "Vietmusic <hello@localhost>"
    assert message.body.split("\n\n")[2] == "http://testserver/privacy/you/abc/"
    assert 'href="http://testserver/privacy/you/abc/"' in message.alternatives[0].content
    assert message.body.endswith("Vietmusic\nhttp://testserver\n")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["anh@bücher.example", "o'neill@example.com", "a!#$%&'*+/=?^_`{|}~b@example.com"],
)
def test_mail_arrives_at_any_address_that_a_form_accepts(client, settings, mailoutbox, address):
    settings.WORK = "worker"
    response = client.post("/privacy/you/", {"email": address})
    assert response.status_code == 302

    mail.deliver_due()

    assert [message.to for message in mailoutbox] == [[address]]


# Who reads the replies

LETTERS = sorted(
    f"{file.parent.name}/{file.stem}"
    for file in (ROOT / "templates" / "mail").glob("*/*.txt")
    if file.stem not in {"changes", "recall_text", "sponsor_report_text"}  # parts of others
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "asks", "unread"),
    [("en", "reply to this e-mail", "Nobody reads replies to it."), ("vi", "trả lời thư này", None)],
)
@pytest.mark.parametrize("reply_to", ["Vietmusic <answers@vietmusic.example>", ""])
def test_mail_asks_for_replies_only_where_somebody_reads_them(settings, reply_to, language, asks, unread):
    settings.WORK = "worker"
    settings.REPLY_TO_EMAIL = reply_to
    about = {
        "request": DataRequest(received_at=NOON, due_at=NOON),
        "report": SponsorReport(month=NOON.date()),
        "at": NOON,
        "count": 1,
    }

    mails = {letter: mail.queue(letter, about, to="anh@example.com", language=language) for letter in LETTERS}

    assert len(mails) == 15
    expected = {"Auto-Submitted": "auto-generated", **({"Reply-To": reply_to} if reply_to else {})}
    assert [queued.headers for queued in mails.values()] == [expected] * len(mails)
    asking = {letter for letter, queued in mails.items() if asks in queued.message}
    decisions = {f"{app}/{decision}" for app in ("pageant", "suggestions") for decision in ("approved", "rejected")}
    assert asking == ({*decisions, "privacy/request_answered", "pageant/recall"} if reply_to else set())
    if unread:
        assert {unread in queued.message for queued in mails.values()} == {not reply_to}
