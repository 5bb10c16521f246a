"""Decisions: the verbs, the constraints that hold them, and the admin, which has no other way."""

import re
import threading
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.moderation import Outdated, OwnSubmission, Status, settle_decisions
from pageant.models import Entry, Pageant, Photo, Report
from tests.core.factories import make_staff
from tests.pageant.factories import make_entry, make_pageant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff() -> Any:
    return make_staff(email="staff@example.com")


@pytest.fixture
def moderator(staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def decide(client: Client, entry: Entry, *, revision: int | None = None, **post: str) -> Any:
    address = reverse("admin:pageant_entry_decide", args=[entry.pk])
    return client.post(address, {"revision": entry.revision if revision is None else revision, **post}, follow=True)


# Verbs


def test_approval_stores_who_and_when_and_tells_the_person(staff, mailoutbox):
    entry = make_entry(status="waiting", language="vi")
    mailoutbox.clear()

    entry.approve(by=staff)

    entry = Entry.objects.get()
    assert (entry.status, entry.decided_by, entry.reason) == ("approved", staff, "")
    assert entry.decided_at is not None
    assert entry.is_public
    assert [mail.to for mail in mailoutbox] == [[entry.email]]
    assert f"http://testserver/vi/pageants/{entry.pageant.slug}/entries/{entry.key}/" in mailoutbox[0].body


def test_rejection_stores_why_and_tells_the_person(staff, mailoutbox):
    entry = make_entry(status="waiting", language="en")
    mailoutbox.clear()

    entry.reject(by=staff, reason="quality", note="Try it by daylight.")

    entry = Entry.objects.get()
    assert (entry.status, entry.decided_by, entry.reason, entry.reason_note) == (
        "rejected",
        staff,
        "quality",
        "Try it by daylight.",
    )
    assert "The pictures are too dark, too small or too blurred.\nTry it by daylight." in mailoutbox[0].body


@pytest.mark.parametrize("reason", ["", "no such reason"])
def test_rejection_without_a_reason_from_the_list_is_refused(staff, reason):
    entry = make_entry(status="waiting")

    with pytest.raises(ValueError, match="is not a valid"):
        entry.reject(by=staff, reason=reason)
    assert Entry.objects.get().status == "waiting"


@pytest.mark.parametrize(
    ("status", "verb"),
    [
        ("unconfirmed", "approve"),
        ("unconfirmed", "reject"),
        ("withdrawn", "approve"),
        ("withdrawn", "reject"),
        ("approved", "approve"),
        ("rejected", "reject"),
        ("waiting", "confirm"),
        ("withdrawn", "confirm"),
        ("withdrawn", "withdraw"),
        ("withdrawn", "resubmit"),
    ],
)
def test_verb_that_does_not_fit_the_status_changes_nothing(staff, status, verb):
    entry = make_entry(status=status)
    before = Entry.objects.values().get()
    arguments = {"approve": {"by": staff}, "reject": {"by": staff, "reason": "other"}}.get(verb, {})

    with pytest.raises(Outdated):
        getattr(entry, verb)(**arguments)
    assert Entry.objects.values().get() == before


def test_nobody_decides_on_an_entry_of_their_own(staff):
    entry = make_entry(status="waiting", email="Staff@Example.com")

    with pytest.raises(OwnSubmission):
        entry.approve(by=staff)
    assert Entry.objects.get().status == "waiting"


def test_second_of_two_decisions_on_what_both_saw_is_refused(staff):
    make_entry(status="waiting")
    first, second = Entry.objects.get(), Entry.objects.get()
    first.approve(by=staff)

    with pytest.raises(Outdated):
        second.reject(by=staff, reason="other")
    assert Entry.objects.get().status == "approved"


def test_of_decisions_at_the_same_moment_one_wins(staff):
    entry = make_entry(status="waiting")
    barrier, outcomes = threading.Barrier(4), []

    def decide_at_once(number: int) -> None:
        mine = Entry.objects.get(pk=entry.pk)
        barrier.wait()
        try:
            mine.approve(by=staff) if number % 2 else mine.reject(by=staff, reason="other")
            outcomes.append(mine.status)
        except Outdated:
            outcomes.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide_at_once, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count(None) == 3
    assert Entry.objects.get().status in outcomes


@pytest.mark.parametrize(
    "change",
    [
        {"status": "approved"},
        {"status": "rejected"},
        {"status": "withdrawn"},
        {"decided_at": timezone.now()},
        {"reason": "other"},
        {"reason_note": "x"},
        {"published_at": timezone.now()},
        {"withdrawn_at": timezone.now()},
    ],
)
def test_database_holds_status_and_decision_together(change):
    entry = make_entry(status="waiting")

    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(**change)


def test_second_entry_of_an_address_is_refused_by_the_database():
    entry = make_entry(email="anh@example.com")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_entry(entry.pageant, status="unconfirmed", email="ANH@example.com", photos=0)


# The admin


def test_queue_shows_waiting_first_with_thumbnail(moderator):
    pageant = make_pageant()
    approved, waiting = make_entry(pageant), make_entry(pageant, status="waiting")

    page = moderator.get("/admin/pageant/entry/").content.decode()

    assert page.index(waiting.display_name) < page.index(approved.display_name)
    thumbnail = re.search(r'<img class="queue-thumbnail" src="([^"]+)"', page)[1]
    response = moderator.get(thumbnail)
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_first_page_shows_what_waits(moderator):
    make_entry(status="waiting")
    Report.objects.create(entry=make_entry(), reason="other")

    queues = moderator.get("/admin/").context["queues"]

    assert {queue["url"]: queue["count"] for queue in queues} == {
        "/admin/pageant/entry/?status__exact=waiting": 1,
        "/admin/pageant/report/?closed_at__isempty=1": 1,
        "/admin/suggestions/suggestion/?status__exact=waiting": 0,
        "/admin/suggestions/report/?closed_at__isempty=1": 0,
    }


def test_moderator_approves_on_the_entrys_page_and_gets_the_next(moderator, staff):
    pageant = make_pageant()
    entry, following = make_entry(pageant, status="waiting"), make_entry(pageant, status="waiting")

    response = decide(moderator, entry, approve="1")

    assert response.redirect_chain == [(reverse("admin:pageant_entry_change", args=[following.pk]), 302)]
    assert Entry.objects.get(pk=entry.pk).decided_by == staff
    assert LogEntry.objects.get().object_id == str(entry.pk)


@pytest.mark.parametrize("status", ["waiting", "approved"])
def test_link_to_the_site_is_there_once_there_is_a_page(moderator, status):
    entry = make_entry(status=status)

    page = moderator.get(f"/admin/pageant/entry/{entry.pk}/change/").content.decode()

    assert ("View on site" in page) is (status == "approved")


def test_rejecting_in_the_admin_needs_a_reason(moderator):
    entry = make_entry(status="waiting")

    response = decide(moderator, entry, reject="1", note="so")
    assert response.context["form"].errors.as_data()["reason"][0].code == "required"
    assert Entry.objects.get().status == "waiting"

    decide(moderator, entry, reject="1", reason="other", note="so")
    assert (Entry.objects.get().status, Entry.objects.get().reason_note) == ("rejected", "so")


def test_decision_on_an_older_revision_is_refused_and_told(moderator):
    entry = make_entry(status="waiting")

    response = decide(moderator, entry, revision=entry.revision - 1, approve="1")

    assert Entry.objects.get().status == "waiting"
    assert "This has changed since you opened it" in response.content.decode()


def test_bulk_actions_decide_what_was_seen(moderator):
    pageant = make_pageant()
    rows = [make_entry(pageant, status="waiting") for _ in range(3)]
    seen = [f"{row.pk}:{row.revision}" for row in rows]
    rows[2].resubmit()  # edited after the moderator opened the list
    post = {"action": "approve_selected", "_selected_action": [row.pk for row in rows], "seen": seen}

    moderator.post("/admin/pageant/entry/", post)

    assert [Entry.objects.get(pk=row.pk).status for row in rows] == ["approved", "approved", "waiting"]


def test_bulk_rejection_asks_for_the_reason_first(moderator):
    entry = make_entry(status="waiting")
    post = {"action": "reject_selected", "_selected_action": [entry.pk], "seen": [f"{entry.pk}:{entry.revision}"]}

    page = moderator.post("/admin/pageant/entry/", post)
    assert (page.status_code, Entry.objects.get().status) == (200, "waiting")

    moderator.post("/admin/pageant/entry/", {**post, "reason": "underage", "note": ""})
    assert (Entry.objects.get().status, Entry.objects.get().reason) == ("rejected", "underage")


@pytest.mark.parametrize("superuser", [False, True])
def test_forged_post_to_the_entrys_page_changes_nothing(staff, moderator, superuser):
    staff.is_superuser = superuser
    staff.save()
    entry = make_entry(status="waiting")
    before = Entry.objects.values().get()

    response = moderator.post(
        reverse("admin:pageant_entry_change", args=[entry.pk]), {"status": "approved", "display_name": "x"}
    )

    assert response.status_code == 403
    assert Entry.objects.values().get() == before


def test_decision_without_the_permission_is_refused():
    client = Client()
    client.force_login(make_staff(group=None))
    entry = make_entry(status="waiting")

    assert decide(client, entry, approve="1").status_code == 403
    assert client.get(f"/admin/pageant/entry/{entry.pk}/change/").status_code == 403
    assert client.get(reverse("admin:pageant_photo", args=[entry.photos.get().key, "large"])).status_code == 404
    assert Entry.objects.get().status == "waiting"


@pytest.mark.parametrize("address", ["/admin/pageant/entry/", "/admin/pageant/entry/{pk}/change/"])
@pytest.mark.parametrize("superuser", [False, True])
def test_moderators_see_no_address_but_superusers_do(address, superuser):
    entry = make_entry(status="waiting", email="secret@example.com", language="en")
    client = Client()
    client.force_login(make_staff(is_superuser=superuser))

    page = client.get(address.format(pk=entry.pk)).content.decode()

    assert ("secret@example.com" in page) == (superuser and "{pk}" in address)


def test_search_in_the_queue_knows_names_but_no_addresses(moderator):
    make_entry(status="waiting", display_name="Đặng Thúy", email="secret@example.com")

    def found(words: str) -> int:
        return moderator.get("/admin/pageant/entry/", {"q": words}).context["cl"].result_count

    assert (found("dang THUY"), found("secret"), found("example.com")) == (1, 0, 0)


def test_moderator_can_do_just_this(moderator):
    addresses = ["/admin/auth/user/", "/admin/post_office/email/", "/admin/pageant/pageant/add/"]

    assert [moderator.get(address).status_code for address in addresses] == [403, 403, 403]


def test_report_can_be_closed_but_not_changed(moderator, staff):
    report = Report.objects.create(entry=make_entry(), reason="other", note="old")

    moderator.post(f"/admin/pageant/report/{report.pk}/change/", {"note": "new", "reason": "mine"})
    moderator.post("/admin/pageant/report/", {"action": "close_selected", "_selected_action": [report.pk]})

    report = Report.objects.get()
    assert (report.note, report.reason, report.closed_by) == ("old", "other", staff)


def test_same_photo_in_two_entries_is_flagged(moderator):
    pageant = make_pageant()
    first, second = make_entry(pageant, status="waiting"), make_entry(pageant, status="waiting")
    twin = second.photos.get()
    Photo.objects.filter(pk=twin.pk).update(resembles=Photo.objects.resembling(twin))

    assert Photo.objects.get(pk=twin.pk).resembles.entry == first
    assert moderator.get("/admin/pageant/entry/?flag=resembles").context["cl"].result_count == 1
    assert "Looks like a photo of" in moderator.get(f"/admin/pageant/entry/{second.pk}/change/").content.decode()


def test_pageant_is_made_in_the_admin():
    client = Client()
    client.force_login(make_staff(is_superuser=True))
    texts = {f"{name}_{language}": "x" for name in ("title", "description", "rules") for language in ("en", "vi")}
    times = {"opens_at_0": "2030-01-02", "opens_at_1": "08:00", "closes_at_0": "2030-01-01", "closes_at_1": "08:00"}
    post = {"slug": "new", "max_photos": "6", **texts, **times}

    page = client.post("/admin/pageant/pageant/add/", post)
    assert "max_photos" in page.context["adminform"].form.errors
    page = client.post("/admin/pageant/pageant/add/", post | {"max_photos": "4"})
    assert page.context["adminform"].form.non_field_errors() == ["It must close after it opens."]

    response = client.post("/admin/pageant/pageant/add/", post | {"max_photos": "4", "closes_at_0": "2030-02-01"})
    assert response.status_code == 302
    opens = Pageant.objects.get(slug="new").opens_at
    assert timezone.localtime(opens).isoformat() == "2030-01-02T08:00:00+07:00"


def test_status_names_are_the_contracts():
    assert list(Status) == ["unconfirmed", "waiting", "approved", "rejected", "withdrawn"]


@pytest.mark.parametrize("guess", ["email__startswith=s", "email=secret@example.com", "pageant__entries__email__gt=a"])
def test_filter_by_address_is_no_way_to_guess_it(moderator, guess):
    make_entry(status="waiting", email="secret@example.com")

    response = moderator.get(f"/admin/pageant/entry/?{guess}")

    assert response.status_code == 400


def test_note_of_a_moderator_is_no_way_to_a_link(moderator, mailoutbox):
    entry = make_entry(status="waiting")
    mailoutbox.clear()

    decide(moderator, entry, reject="1", reason="other", note="https://evil.example/LINK-TO-YOUR-PAGE")
    Entry.objects.update(settles_at=timezone.now())
    settle_decisions()

    tokens = re.findall(r"/([\w-]{43})/", mailoutbox[0].body)
    assert len(tokens) == 1
    assert "https://evil.example/LINK-TO-YOUR-PAGE" in mailoutbox[0].body
