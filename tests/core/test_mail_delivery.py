"""Delivery by SMTP to a server that does well, is slow, refuses, or breaks off; and what a killed process leaves."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from post_office.models import STATUS, Email

from core import jobs, mail, mail_delivery, mail_server
from core.mail_delivery import IN_DOUBT, LEASE, SENDING, WORKING, Timeouts
from pageant.models import Entry
from privacy.models import Machine
from tests.core.concurrency import SECONDS, at_once, database_url, start, wait_until
from tests.core.factories import make_staff
from tests.core.mail_sink import GONE, SILENCE, Sink, at, dripping, free_port, listening, refuse_sign_in
from tests.pageant.factories import make_entry, make_pageant

pytestmark = pytest.mark.django_db
COMMITTED = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
A_WHILE = timedelta(minutes=2)


@pytest.fixture(autouse=True)
def smtp(settings, monkeypatch) -> Any:
    """Mails go by SMTP, with little patience."""
    monkeypatch.setattr(mail_delivery, "WORKING", Timeouts(connect=2, mail=1, answer=0.5))
    settings.EMAIL_BACKEND = "core.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT, settings.WORK = "127.0.0.1", 0.3, "worker"
    settings.EMAIL_PORT = free_port()
    return settings


@pytest.fixture
def noon(time_machine) -> Any:
    """The time stands still unless a test moves it."""
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def sink(smtp) -> Iterator[Sink]:
    with listening(Sink(), port=smtp.EMAIL_PORT) as sink:
        yield sink


def queue(*names: str) -> list[str]:
    addresses = [f"{name}@example.com" for name in names or ("anh",)]
    for address in addresses:
        mail.queue("privacy/your_link", {"link": "http://testserver/x/"}, to=address, language="en")
    return addresses


def many(number: int) -> list[str]:
    return queue(*(f"person-{n}" for n in range(number)))


def outcome() -> tuple[Any, ...]:
    """How the one mail stands, its tries, why staff are told it failed, and the failures of the server."""
    email = Email.objects.get()
    reasons = list(email.logs.order_by("pk").values_list("exception_type", flat=True))
    return email.status, email.number_of_retries or 0, reasons, mail_server.state().failures


# Whose fault it is

KEPT = (STATUS.queued, 0, [], 1)


@pytest.mark.parametrize(
    ("step", "reply", "expected"),
    [
        ("RCPT", "550 5.1.1 no such mailbox", (STATUS.failed, 0, ["SMTPRecipientsRefused"], 0)),
        ("RCPT", "450 mailbox busy", (STATUS.requeued, 1, ["SMTPRecipientsRefused"], 0)),
        ("DATA", "554 no spam please", (STATUS.failed, 0, ["SMTPDataError"], 0)),
        ("DATA", "451 try later", (STATUS.requeued, 1, ["SMTPDataError"], 0)),
        ("MAIL", "553 sender refused", KEPT),
        ("MAIL", "451 sender not now", KEPT),
        ("RCPT", "530 authentication required", KEPT),
        ("RCPT", "421 closing", KEPT),
        ("EHLO", SILENCE, KEPT),
        ("MAIL", SILENCE, KEPT),
        ("RCPT", GONE, KEPT),
        ("DATA", SILENCE, (STATUS.requeued, 0, [IN_DOUBT], 1)),
        ("DATA", GONE, (STATUS.requeued, 0, [IN_DOUBT], 1)),
    ],
)
def test_mail_fails_waits_or_is_kept_by_whose_fault_it_is(sink, step, reply, expected):
    queue()
    sink.behaviour = at(step, reply)

    mail.deliver_due()

    assert outcome() == expected
    assert mail_server.state().doubts == (IN_DOUBT in expected[2])


def test_mail_is_kept_while_there_is_no_server():
    queue()
    mail.deliver_due()

    assert outcome() == KEPT
    assert mail_server.state().problem == "ConnectionRefusedError"


def test_mail_is_kept_while_our_password_is_wrong(smtp):
    smtp.EMAIL_HOST_USER = smtp.EMAIL_HOST_PASSWORD = "x"
    queue()
    options = {"authenticator": refuse_sign_in, "auth_require_tls": False}
    with listening(Sink(), port=smtp.EMAIL_PORT, **options) as sink:
        mail.deliver_due()

    assert (outcome(), sink.steps) == (KEPT, ["EHLO"])
    assert mail_server.state().problem == "SMTPAuthenticationError 535"


def test_server_that_drips_holds_nobody_for_long(smtp):
    queue()
    with dripping(b"2" * 100, 0.05) as smtp.EMAIL_PORT:
        began = time.monotonic()
        mail.deliver_due()
        seconds = time.monotonic() - began

    assert (outcome(), seconds < 2) == (KEPT, True)


# One mail tries a broken server, then all go


def test_broken_server_is_tried_with_one_mail_after_growing_pauses_then_all_go_over_one_connection(sink, noon):
    addresses = many(20)
    sink.behaviour = at("MAIL", "451 disk full")
    pauses, now = [], NOON
    for _ in range(7):
        mail.deliver_due()
        mail.deliver_due()  # rests
        pauses.append((mail_server.state().next_try_at - now).total_seconds())
        now = mail_server.state().next_try_at
        noon.move_to(now, tick=False)
    assert (pauses, sink.steps.count("MAIL")) == ([5, 10, 20, 40, 60, 60, 60], 7)

    sink.behaviour, sink.connections = at("never", ""), 0
    mail.deliver_due()

    assert (sorted(sink.recipients), sink.connections) == (sorted(addresses), 1)
    assert (mail_server.state().failures, set(Email.objects.values_list("number_of_retries", flat=True))) == (0, {None})


def test_mail_on_which_the_server_breaks_off_lets_the_others_pass(sink, noon):
    queue("poison")
    others = many(3)
    sink.behaviour = lambda step, address: GONE if step == "RCPT" and address.startswith("poison") else None
    mail.deliver_due()
    before = sink.recipients.copy()
    noon.move_to(NOON + A_WHILE, tick=False)
    mail.deliver_due()

    assert (before, sorted(sink.recipients)) == ([], others)


def test_mail_on_which_the_server_breaks_off_fails_at_last_and_lets_the_server_count_as_well(sink, noon):
    queue("poison")
    sink.behaviour = lambda step, address: "421 no" if step == "RCPT" and address.startswith("poison") else None
    for n in range(12):
        queue(f"other-{n}")
        mail.deliver_due()
        noon.move_to(NOON + timedelta(days=n + 1), tick=False)

    assert (Email.objects.get(to="poison@example.com").status, len(sink.recipients)) == (STATUS.failed, 12)
    assert mail_server.state().failures == 0


def test_web_process_has_little_patience_with_the_server_in_passing(sink, monkeypatch):
    queue()
    monkeypatch.setattr(mail_delivery, "WORKING", None)
    with jobs.within(timedelta(seconds=5)):
        mail.deliver_due()
    assert len(sink.recipients) == 1


def test_connection_is_renewed_now_and_then_and_where_the_server_has_had_enough(sink, monkeypatch):
    monkeypatch.setattr(mail_delivery, "MAILS_PER_CONNECTION", 3)
    addresses = many(7)
    mail.deliver_due()
    assert (sink.recipients, sink.connections) == (addresses, 3)

    sink.taken.clear()
    sink.behaviour = lambda step, _: "421 enough" if step == "MAIL" and len(sink.steps) % 5 == 0 else None
    many(7)
    mail.deliver_due()

    assert sorted(sink.recipients) == addresses
    assert mail_server.state().failures == 0


@COMMITTED
def test_one_of_many_processes_tries_a_broken_server(sink, noon):
    many(8)
    sink.behaviour = at("MAIL", "451 not now")
    mail.deliver_due()
    noon.move_to(NOON + A_WHILE, tick=False)
    sink.steps.clear()
    at_once(*[mail.deliver_due] * 4)

    assert sink.steps.count("MAIL") == 1


@COMMITTED
def test_mails_are_each_sent_once_over_one_connection_for_each_of_many_workers(sink):
    addresses = many(30)
    at_once(*[mail.deliver_due] * 3)

    assert sorted(sink.recipients) == sorted(addresses)
    assert (sink.connections <= 3, set(Email.objects.values_list("status", flat=True))) == (True, {STATUS.sent})


# In doubt


def test_mail_in_doubt_is_sent_once_more_with_the_same_id_and_never_again(sink, noon):
    queue()
    sink.behaviour = at("DATA", SILENCE)
    for minutes in range(5):
        noon.move_to(NOON + minutes * A_WHILE, tick=False)
        mail.deliver_due()

    assert (len(sink.taken), len(set(sink.taken))) == (2, 1)
    assert outcome()[:3] == (STATUS.failed, 0, [IN_DOUBT, IN_DOUBT])
    assert mail_server.state().doubts == 1


def test_outcome_is_recorded_although_the_database_restarts(sink, transactional_db, monkeypatch):
    monkeypatch.setattr(mail_delivery, "RECORD_PAUSES", (0, 0))
    queue()
    broken = [2]

    def restart(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sink.taken and broken[0] and sql.startswith("UPDATE"):
            broken[0] -= 1
            raise OperationalError
        return execute(sql, params, many, context)

    with connection.execute_wrapper(restart):
        mail.deliver_due()
    mail.deliver_due()

    assert (len(sink.taken), outcome()) == (1, (STATUS.sent, 0, [], 0))


def test_machine_whose_clock_is_wrong_ends_nobodys_claim(sink, noon):
    queue()
    mail_delivery.claim_next()
    noon.move_to(NOON + timedelta(hours=1), tick=False)
    mail.deliver_due()

    one_clock = connection.vendor == "sqlite"  # it has one machine
    assert (len(sink.taken), mail_server.state().doubts) == ((1, 1) if one_clock else (0, 0))


# Without a worker


@COMMITTED
def test_visitor_does_not_wait_for_a_slow_server_but_once_and_briefly(sink, smtp, monkeypatch):
    smtp.WORK = "inline"
    monkeypatch.setattr(mail_delivery, "WAITED_FOR", Timeouts(connect=0.5, mail=0.5, answer=0.5))
    smtp.EMAIL_TIMEOUT = 20
    sink.behaviour = at("MAIL", SILENCE)
    seconds = []
    for n in range(3):
        began = time.monotonic()
        assert Client().post("/privacy/you/", {"email": f"anh-{n}@example.com"}).status_code == 302
        seconds.append(time.monotonic() - began)

    assert (max(seconds) < 2, sink.steps.count("MAIL")) == (True, 1)
    assert Email.objects.filter(status=STATUS.queued).count() == 3


# The worker


def production(sink: Sink, settings: Any, timeout: int = 20) -> dict[str, str]:
    return {
        "SECRET_KEY": settings.SECRET_KEY,
        "ALLOWED_HOSTS": "testserver",
        "SITE_URL": "http://testserver",
        "DATABASE_URL": database_url(),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "PRIVATE_MEDIA_ROOT": str(settings.PRIVATE_MEDIA_ROOT),
        "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
        "EMAIL_TIMEOUT": str(timeout),
        "WORK": "worker",
    }


@pytest.mark.slow
@COMMITTED
@pytest.mark.parametrize("step", ["MAIL", "DATA"])
def test_mail_that_a_killed_worker_was_sending_waits_a_minute_and_is_counted(sink, smtp, step):
    sink.behaviour = at(step, SILENCE)
    queue()
    with start(["manage.py", "work"], **production(sink, smtp)) as worker:
        wait_until(lambda: step in sink.steps)
        worker.kill()
        worker.communicate()
    sink.behaviour = at("never", "")
    email = Email.objects.get()
    assert (email.status, email.scheduled_time - email.last_updated) == (SENDING, LEASE)
    assert timedelta(seconds=WORKING.mail + WORKING.answer) < LEASE == timedelta(seconds=60)
    taken = []
    for left in (timedelta(seconds=10), timedelta()):
        Email.objects.update(scheduled_time=mail_delivery.database_now() + left)
        mail.deliver_due()
        taken.append(len(sink.taken))

    before = int(step == "DATA")
    assert (taken, len(set(sink.taken))) == ([before, before + 1], 1)
    assert (outcome(), mail_server.state().doubts) == ((STATUS.sent, 0, [IN_DOUBT], 0), 1)


@pytest.mark.slow
@COMMITTED
def test_slow_mail_server_holds_up_neither_publishing_nor_the_end_of_the_worker(sink, smtp):
    sink.behaviour = at("RCPT", SILENCE)
    queue()
    with start(["manage.py", "work"], **production(sink, smtp)) as worker:
        try:
            wait_until(lambda: "RCPT" in sink.steps)
            entry = make_entry(status="waiting")
            Entry.objects.get(pk=entry.pk).approve(by=make_staff())
            wait_until(Entry.objects.public().exists)
            tried = sink.steps.count("RCPT")
            told = time.monotonic()
            worker.send_signal(signal.SIGTERM)
            _out, _err = worker.communicate(timeout=SECONDS)
        finally:
            worker.kill()

    assert (tried, worker.returncode, time.monotonic() - told < 9) == (1, 0, True)
    link, decision = Email.objects.order_by("pk")
    assert (link.status, link.number_of_retries or 0, list(link.logs.all())) == KEPT[:3]
    assert (decision.to, decision.status) == ([entry.email], STATUS.queued)


@pytest.mark.slow
@COMMITTED
def test_workers_of_two_machines_work_side_by_side_and_do_nothing_twice(sink, smtp, tmp_path):
    """Publishing mails each person once. The server takes its time, so that one worker alone doesn't get all done."""
    sink.behaviour = lambda step, _address: time.sleep(0.05) if step == "DATA" else None
    staff, pageant = make_staff(), make_pageant()
    entries = [make_entry(pageant, status="waiting", email=f"entrant-{n}@example.com") for n in range(6)]
    with ExitStack() as stack:
        for name in "ab":
            own = {"MACHINE": name, "VISIT_SPOOL": str(tmp_path / name)}
            worker = stack.enter_context(start(["manage.py", "work"], **production(sink, smtp), **own))
            stack.callback(worker.kill)
        wait_until(lambda: Machine.objects.count() == 2)
        addresses = many(120)
        for entry in entries:
            Entry.objects.get(pk=entry.pk).approve(by=staff)
        wait_until(
            lambda: (
                not mail_delivery.unsent().exists() and Entry.objects.public().count() == 6 and len(sink.taken) >= 126
            )
        )

    assert sorted(sink.recipients) == sorted([*addresses, *(entry.email for entry in entries)])
    assert (sink.connections >= 2, mail_server.state().doubts) == (True, 0)


@pytest.mark.slow
@COMMITTED
def test_worker_that_is_told_to_stop_between_mails_loses_and_doubles_none(sink, smtp):
    def slowly(step: str, address: str) -> None:
        time.sleep(0.02)

    sink.behaviour = slowly
    addresses = many(30)
    with start(["manage.py", "work"], **production(sink, smtp)) as worker:
        try:
            wait_until(lambda: len(sink.taken) > 3)
            worker.send_signal(signal.SIGTERM)
            worker.communicate(timeout=SECONDS)
        finally:
            worker.kill()
    sent = Email.objects.filter(status=STATUS.sent).count()
    assert 3 < sent < 30
    assert (sent, Email.objects.filter(status=STATUS.queued).count()) == (len(sink.taken), 30 - sent)

    call_command("work", "--once")
    assert sorted(sink.recipients) == sorted(addresses)


def test_jobs_are_asked_to_end_in_passing():
    with jobs.within(timedelta(seconds=10)), jobs.within(timedelta()):
        assert jobs.seconds_left() == 0
    assert jobs.seconds_left() > 10**9


# By staff


def rows_of_card(staff: Client) -> dict[str, Any]:
    cards = {card.name: card for card in staff.get("/admin/").context["cards"]}
    return {name: number for name, (number,) in cards["Mails"].rows} if "Mails" in cards else {}


def test_all_staff_read_that_the_server_fails_and_those_who_see_mails_how_many_wait(sink):
    queue("anh", "em")
    staff, moderator = Client(), Client()
    staff.force_login(make_staff(is_superuser=True))
    moderator.force_login(make_staff())
    words = "The mail server has taken no mail since"
    pages = [words in moderator.get("/admin/").content.decode()]
    cards = [rows_of_card(staff)]
    sink.behaviour = at("DATA", SILENCE)
    mail.deliver_due()
    pages.append(words in moderator.get("/admin/").content.decode())
    cards += [rows_of_card(staff), rows_of_card(moderator)]

    assert pages == [False, True]
    number = {"waiting to be sent": 2, "could not be delivered": 0, "may have arrived twice, so far": 1}
    assert cards == [{}, number, {}]


@COMMITTED
def test_staff_send_again_what_has_failed_through_the_queue_alone(sink, smtp):
    queue()
    sink.behaviour = at("RCPT", "550 no such mailbox")
    mail.deliver_due()
    staff = Client()
    staff.force_login(make_staff(is_superuser=True))
    assert rows_of_card(staff) == {
        "waiting to be sent": 0,
        "could not be delivered": 1,
        "may have arrived twice, so far": 0,
    }
    sink.behaviour = at("never", "")

    pk = Email.objects.get().pk
    again = {"action": "requeue", "_selected_action": [pk]}
    assert staff.post("/admin/post_office/email/", again).status_code == 302
    assert (outcome()[0], sink.taken) == (STATUS.queued, [])
    mail.deliver_due()
    assert staff.post(f"/admin/post_office/email/{pk}/resend/").status_code == 302
    mail.deliver_due()

    assert sink.recipients == ["anh@example.com"] * 2
