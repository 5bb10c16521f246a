"""Decisions that can be undone for ten seconds, and settle after that: told once, by whatever process is left."""

import errno
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone
from post_office.models import Email

from core import mail, moderation
from core.durable_files import DurableFileSystemStorage
from core.moderation import UNDO_FOR, AlreadyDecided, Moderated, Outdated, Refused, TooLate, settle_decisions
from pageant.jobs import publish_approved
from pageant.models import Entry, Tally
from pageant.sponsors.exports import consenting
from privacy.models import MailedLink
from suggestions.models import Category, Suggestion
from tests.core.concurrency import at_once
from tests.core.factories import make_staff
from tests.pageant.factories import answer, make_cosponsorship, make_entry
from tests.suggestions.factories import make_website

pytestmark = pytest.mark.django_db
COMMITTED = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
INSTANT = timedelta(milliseconds=1)
MAKE = {Entry: make_entry, Suggestion: make_website}
STATUS = {"approve": "approved", "reject": "rejected"}
OF_BOTH = pytest.mark.parametrize("model", list(MAKE))


@pytest.fixture(autouse=True)
def noon(time_machine, settings) -> Any:
    """The time stands still unless a test moves it, and jobs rest until a test does them."""
    settings.WORK = "worker"
    time_machine.move_to(NOON, tick=False)
    return time_machine


def work(time_machine: Any, at: datetime) -> None:
    time_machine.move_to(at, tick=False)
    for job in (settle_decisions, publish_approved, mail.deliver_due):
        job()


@pytest.fixture
def staff() -> Any:
    return make_staff(email="staff@example.com")


def make(model: type[Moderated], status: str, mailoutbox: list) -> Any:
    row = MAKE[model](status=status)
    Email.objects.all().delete()
    mailoutbox.clear()
    return model.objects.get(pk=row.pk)


def decide(row: Any, verb: str, staff: Any) -> None:
    why = {"reason": "other", "note": "Why."} if verb == "reject" else {}
    getattr(row, verb)(by=staff, undoable=True, **why)


def values(row: Any) -> dict[str, Any]:
    """All of a row but what goes up with each change."""
    return {
        name: value for name, value in type(row).objects.filter(pk=row.pk).values().get().items() if name != "revision"
    }


@OF_BOTH
@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_decision_stands_at_once_and_is_told_once_after_ten_seconds(staff, mailoutbox, noon, model, verb):
    row = make(model, "waiting", mailoutbox)
    decide(row, verb, staff)
    told = []
    for moment in (NOON, NOON + UNDO_FOR - INSTANT, NOON + UNDO_FOR, NOON + UNDO_FOR * 2):
        work(noon, moment)
        told.append((len(mailoutbox), Email.objects.count(), Entry.objects.public().count()))

    shown = int(model is Entry and verb == "approve")
    assert told == [(0, 0, 0), (0, 0, 0), (1, 1, shown), (1, 1, shown)]
    row = model.objects.get()
    assert (row.status, row.decided_by, row.settles_at, row.earlier) == (STATUS[verb], staff, None, None)


@OF_BOTH
@pytest.mark.parametrize(
    ("status", "verb"), [("waiting", "approve"), ("waiting", "reject"), ("rejected", "approve"), ("approved", "reject")]
)
def test_undone_decision_never_was(staff, mailoutbox, noon, model, status, verb):
    row = make(model, status, mailoutbox)
    before = values(row)
    noon.move_to(NOON + timedelta(hours=1), tick=False)  # an earlier decision comes back with its own time
    decide(row, verb, staff)
    assert values(row)["status"] != status
    if status == "approved":
        assert not model.objects.public().exists()
    model.objects.get().undo(by=staff)
    work(noon, NOON + timedelta(hours=2))

    after = values(row)
    if model is Suggestion:  # its link is checked again
        before["next_check_at"] = after["next_check_at"]
    assert after == before
    assert (len(mailoutbox), row.revision < model.objects.get().revision) == (0, True)


@COMMITTED
def test_entry_whose_rejection_is_undone_is_public_as_before(staff, noon):
    entry = make_entry(lives_in="Huế", hobbies=("hát",))
    names = entry.photos.get().rendition_names()
    decide(entry, "reject", staff)
    gone = [default_storage.exists(name) for name in names]
    Entry.objects.get().undo(by=staff)
    work(noon, NOON + UNDO_FOR * 9)

    assert (any(gone), all(default_storage.exists(name) for name in names)) == (False, True)
    entry = Entry.objects.public().get()
    assert (entry.published_at, entry.pageant.entry_count, entry.earlier) == (NOON, 1, None)
    assert sorted(Tally.objects.values_list("label", "entries")) == [("Huế", 1), ("hát", 1)]


def test_listing_is_counted_right_through_approval_and_undoing(staff):
    row = make_website(status="waiting")
    counts = []
    for change in (partial(decide, row, "approve", staff), lambda: Suggestion.objects.get().undo(by=staff)):
        change()
        counts.append((Category.objects.get(pk=row.category_id).websites, Suggestion.objects.public().count()))

    assert counts == [(1, 1), (0, 0)]


@OF_BOTH
def test_too_late_somebody_elses_and_changed_are_not_undone(staff, mailoutbox, noon, model):
    row = make(model, "waiting", mailoutbox)
    decide(row, "reject", staff)
    with pytest.raises(Outdated):
        model.objects.get().undo(by=make_staff())
    row.revision -= 1
    with pytest.raises(Outdated):
        row.undo(by=staff)
    noon.move_to(NOON + UNDO_FOR, tick=False)
    with pytest.raises(TooLate):  # whether the job has been there or not
        model.objects.get().undo(by=staff)
    work(noon, NOON + UNDO_FOR)
    with pytest.raises(TooLate):
        model.objects.get().undo(by=staff)

    assert (model.objects.get().status, len(mailoutbox)) == ("rejected", 1)


@OF_BOTH
def test_same_decision_again_is_told_as_such(staff, mailoutbox, model):
    first, second, third = (make(model, "waiting", mailoutbox) if not n else model.objects.get() for n in range(3))
    decide(first, "approve", staff)

    with pytest.raises(AlreadyDecided) as told:
        decide(second, "approve", make_staff())
    assert told.value.row.decided_by == staff
    with pytest.raises(Outdated) as told:
        decide(third, "reject", make_staff())
    assert not isinstance(told.value, AlreadyDecided)


def test_mail_of_a_replaced_decision_never_leaves(staff, mailoutbox, noon):
    entry = make(Entry, "waiting", mailoutbox)
    decide(entry, "approve", staff)
    decide(Entry.objects.get(), "reject", make_staff())
    work(noon, NOON + UNDO_FOR)

    assert ["Why." in message.body for message in mailoutbox] == [True]


def test_decision_under_an_undone_one_settles_itself(staff, mailoutbox, noon):
    entry, other = make(Entry, "waiting", mailoutbox), make_staff()
    decide(entry, "approve", staff)
    decide(Entry.objects.get(), "reject", other)
    Entry.objects.get().undo(by=other)
    assert (len(mailoutbox), Entry.objects.public().count()) == (0, 0)
    work(noon, NOON + UNDO_FOR)

    assert (len(mailoutbox), Entry.objects.public().get().decided_by) == (1, staff)


@OF_BOTH
def test_who_withdraws_meanwhile_is_told_nothing(staff, mailoutbox, noon, model):
    row = make(model, "waiting", mailoutbox)
    decide(row, "approve", staff)
    model.objects.get().withdraw()
    work(noon, NOON + UNDO_FOR)

    assert (len(mailoutbox), model.objects.public().count()) == (0, 0)


def test_nothing_is_handed_over_that_can_be_undone(staff, noon):
    cosponsorship = make_cosponsorship(fields=["display_name"])
    entry = make_entry(cosponsorship.pageant, status="waiting")
    answer(entry, cosponsorship)
    decide(entry, "approve", staff)
    before = consenting(cosponsorship).count()
    work(noon, NOON + UNDO_FOR)

    assert (before, consenting(cosponsorship).count()) == (0, 1)


def test_entry_that_can_be_undone_is_not_published_by_hand_either(staff):
    entry = make_entry(status="waiting")
    decide(entry, "approve", staff)

    assert Entry.objects.get().publish() is False
    assert not any(default_storage.exists(name) for name in entry.photos.get().rendition_names())


# Crashes and races


@OF_BOTH
def test_worker_that_dies_while_it_tells_has_told_nothing_and_the_next_tells_once(
    staff, mailoutbox, noon, monkeypatch, model
):
    decide(make(model, "waiting", mailoutbox), "approve", staff)
    noon.move_to(NOON + UNDO_FOR, tick=False)
    with monkeypatch.context() as dying:
        dying.setattr(mail, "queue", lambda *_, **__: (_ for _ in ()).throw(SystemExit))
        if model is Entry:  # which is told of once it is public
            settle_decisions()
        with pytest.raises(SystemExit):
            (publish_approved if model is Entry else settle_decisions)()
    left = (Email.objects.count(), MailedLink.objects.count(), Entry.objects.public().count())

    call_command("work", "--once")
    call_command("work", "--once")
    assert left == (0, 0, 0)
    assert ([message.to for message in mailoutbox], model.objects.public().count()) == (
        [[model.objects.get().email]],
        1,
    )


def test_process_that_dies_after_settling_leaves_mail_and_publishing_to_the_next(staff, mailoutbox, noon):
    decide(make(Entry, "waiting", mailoutbox), "approve", staff)
    noon.move_to(NOON + UNDO_FOR, tick=False)
    settle_decisions()
    assert (len(mailoutbox), Entry.objects.public().count()) == (0, 0)

    call_command("work", "--once")
    assert (len(mailoutbox), Entry.objects.public().count()) == (1, 1)


@COMMITTED
def test_many_workers_tell_once(staff, noon):
    for row in [make(status="waiting") for make in MAKE.values() for _ in range(3)]:
        decide(row, "approve", staff)
    noon.move_to(NOON + UNDO_FOR, tick=False)
    at_once(*[settle_decisions] * 4)
    at_once(*[publish_approved] * 4)

    told = [*Suggestion.objects.values_list("email", flat=True), *Entry.objects.values_list("email", flat=True)]
    assert sorted(email.to[0] for email in Email.objects.all()) == sorted(told)


# Told once everybody can see it


@COMMITTED
@OF_BOTH
def test_nobody_is_told_of_what_the_public_can_not_see_yet(staff, mailoutbox, noon, client, monkeypatch, model):
    row = make(model, "waiting", mailoutbox)
    decide(row, "approve", staff)

    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(DurableFileSystemStorage, "_save", full)
        work(noon, NOON + UNDO_FOR)
    seen = [client.get(row.get_absolute_url()).status_code]
    told = [len(mailoutbox)]
    work(noon, NOON + UNDO_FOR * 2)
    seen.append(client.get(row.get_absolute_url()).status_code)
    told.append(len(mailoutbox))

    assert (seen, told) == {Entry: ([404, 200], [0, 1]), Suggestion: ([200, 200], [1, 1])}[model]


def test_who_is_not_told_yet_is_told_once_although_a_rejection_came_in_between_and_was_undone(staff, mailoutbox, noon):
    decide(make(Entry, "waiting", mailoutbox), "approve", staff)
    noon.move_to(NOON + UNDO_FOR, tick=False)
    settle_decisions()
    decide(Entry.objects.get(), "reject", staff)
    Entry.objects.get().undo(by=staff)
    work(noon, NOON + UNDO_FOR * 2)
    decide(Entry.objects.get(), "reject", staff)
    Entry.objects.get().undo(by=staff)
    work(noon, NOON + UNDO_FOR * 3)

    assert (len(mailoutbox), Entry.objects.public().count()) == (1, 1)


@pytest.mark.parametrize("change", [{"email": ""}, {"untold_since": None}])  # erased; told by the version before
def test_nobody_is_told_who_is_erased_or_knows_already(staff, mailoutbox, noon, change):
    decide(make(Entry, "waiting", mailoutbox), "approve", staff)
    noon.move_to(NOON + UNDO_FOR, tick=False)
    settle_decisions()
    Entry.objects.update(**change)
    work(noon, NOON + UNDO_FOR)

    assert (len(mailoutbox), Entry.objects.public().count()) == (0, 1)


@COMMITTED
@OF_BOTH
def test_undoing_and_settling_at_once_agree(staff, mailoutbox, noon, model):
    """The clock is a job's that believes the time is over and a moderator's that does not: the row decides."""
    row = make(model, "waiting", mailoutbox)
    decide(row, "approve", staff)
    noon.move_to(timezone.now(), tick=True)
    model.objects.update(settles_at=timezone.now() + timedelta(milliseconds=30))

    def undo() -> str:
        try:
            model.objects.get().undo(by=staff)
        except Refused:
            return "told"
        return "undone"

    def settle() -> None:
        for _ in range(20):
            settle_decisions()

    outcome, *_ = at_once(undo, settle, settle)
    work(noon, timezone.now() + UNDO_FOR)

    found = model.objects.get()
    expected = {"undone": ("waiting", 0, 0), "told": ("approved", 1, 1)}[outcome]
    assert (found.status, len(mailoutbox), model.objects.public().count()) == expected


def test_without_time_to_undo_a_decision_is_told_at_once(staff, mailoutbox, noon, monkeypatch):
    monkeypatch.setattr(moderation, "UNDO_FOR", timedelta())
    decide(make(Entry, "waiting", mailoutbox), "approve", staff)
    work(noon, NOON)

    assert (len(mailoutbox), Entry.objects.public().count()) == (1, 1)
