"""The flow of deciding in the admin: what comes next, undoing, pressing twice, and what is known beside each row."""

import re
from collections.abc import Iterable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.moderation import UNDO_FOR, Moderated, settle_decisions
from pageant.models import Entry, Photo, Report
from suggestions.models import Report as WebsiteReport
from suggestions.models import Suggestion
from tests.core.factories import make_staff
from tests.pageant.factories import make_entry, make_pageant
from tests.suggestions.factories import make_website

pytestmark = pytest.mark.django_db

LIST = "/admin/pageant/entry/"


@pytest.fixture(autouse=True)
def worker(settings) -> None:
    settings.WORK = "worker"


@pytest.fixture
def staff() -> Any:
    return make_staff(email="staff@example.com")


@pytest.fixture
def moderator(staff) -> Client:
    return signed_in(staff)


def signed_in(staff: Any) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def address(row: Moderated, name: str = "change") -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


def decide(client: Client, row: Moderated, **post: str) -> HttpResponse:
    return client.post(address(row, "decide"), {"revision": row.revision, **post}, follow=True)


def undo(client: Client, response: HttpResponse) -> HttpResponse:
    """Presses the button in the message."""
    html = response.content.decode()
    form = re.search(r'<form class="undo" method="post" action="([^"]+)".*?</form>', html, re.DOTALL)
    return client.post(form[1], {"seen": re.findall(r'name="seen" value="([\d:]+)"', form[0])}, follow=True)


def told(response: HttpResponse) -> list[str]:
    return [str(message).partition("<")[0].strip() for message in response.context["messages"]]


def waiting(count: int, make: Any = make_entry, **fields: Any) -> list[Any]:
    rows = [make(status="waiting", **fields) for _ in range(count)]
    return [type(row).objects.get(pk=row.pk) for row in rows]


def statuses(rows: Iterable[Moderated]) -> list[str]:
    return [type(row).objects.get(pk=row.pk).status for row in rows]


@pytest.mark.parametrize("make", [make_entry, make_website])
def test_decision_leads_to_the_next_in_the_queue_and_then_to_what_was_left_out(moderator, make):
    rows = waiting(3, make)
    page = moderator.get(address(rows[0]))
    assert (page.context["following"], page.context["left"]) == (address(rows[1]), 2)
    places = [decide(moderator, rows[1], approve="1"), decide(moderator, rows[2], reject="1", reason="other")]
    last = decide(moderator, rows[0], approve="1")

    assert [place.redirect_chain[-1][0] for place in places] == [address(rows[2]), address(rows[0])]
    assert told(last)[1] == "Nothing else is waiting here."
    assert last.redirect_chain[-1][0] == address(rows[0]).rpartition(f"{rows[0].pk}/")[0]


@pytest.mark.parametrize("make", [make_entry, make_website])
def test_decision_is_undone_by_the_button_in_its_message(moderator, staff, make):
    rows = waiting(2, make)
    response = decide(moderator, rows[0], approve="1")
    assert told(response) == [f"Approved: {rows[0]}. An e-mail goes out in 10 seconds."]
    back = undo(moderator, response)

    assert (told(back), back.redirect_chain[-1][0]) == ([f"Undone: {rows[0]}."], address(rows[0]))
    assert statuses(rows) == ["waiting", "waiting"]
    history = LogEntry.objects.order_by("pk").values_list("change_message", "user_id")
    assert list(history) == [("approved", staff.pk), ("undone", staff.pk)]
    following = decide(moderator, type(rows[0]).objects.get(pk=rows[0].pk), approve="1")
    assert following.redirect_chain[-1][0] == address(rows[1])


def test_undoing_too_late_is_told_and_so_is_what_is_gone(moderator, time_machine):
    (entry,) = waiting(1)
    time_machine.move_to(timezone.now(), tick=False)
    response = decide(moderator, entry, reject="1", reason="other")
    time_machine.shift(UNDO_FOR)
    settle_decisions()
    late = undo(moderator, response)
    Entry.objects.all().delete()
    gone = undo(moderator, response)

    assert told(late) == [f"{entry}: It is too late to undo this. You can still change the decision."]
    assert told(gone) == ["This has changed since you opened it. Please look at it again."]


@pytest.mark.parametrize("seen", [[], [""], ["x:1"], ["1"], ["9" * 30 + ":1"], ["\0:\0"], ["１:１"]])
def test_forged_undoing_changes_nothing(moderator, seen):
    assert moderator.post(f"{LIST}undo/", {"seen": seen}, follow=True).status_code == 200


def test_undoing_needs_the_permission_and_a_post(moderator):
    (entry,) = waiting(1)
    decide(moderator, entry, approve="1")
    seen = f"{entry.pk}:{entry.revision + 1}"
    others = [signed_in(make_staff(group=None)), signed_in(make_staff(group="Privacy officers"))]

    assert [other.post(f"{LIST}undo/", {"seen": seen}).status_code for other in others] == [403, 403]
    assert moderator.get(f"{LIST}undo/").status_code == 302
    assert "changed" in told(signed_in(make_staff()).post(f"{LIST}undo/", {"seen": seen}, follow=True))[0]
    assert statuses([entry]) == ["approved"]


@pytest.mark.parametrize(("verb", "why"), [("approve", {}), ("reject", {"reason": "other"})])
@pytest.mark.parametrize("make", [make_entry, make_website])
def test_second_press_of_the_same_decision_is_told_that_it_is_done(moderator, staff, make, verb, why):
    rows = waiting(2, make)
    decide(moderator, rows[0], **{verb: "1"}, **why)
    again = decide(moderator, rows[0], **{verb: "1"}, **why)
    other = decide(signed_in(make_staff()), rows[0], **{verb: "1"}, **why)

    done = {"approve": "approved", "reject": "rejected"}[verb]
    assert told(again) == [f"You have {done} {rows[0]} already."]
    assert told(other) == [f"{staff.username} has {done} {rows[0]} already."]
    assert ('class="undo"' in again.content.decode(), 'class="undo"' in other.content.decode()) == (True, False)
    assert again.redirect_chain[-1][0] == other.redirect_chain[-1][0] == address(rows[1])
    assert LogEntry.objects.count() == 1


def test_opposite_decision_of_another_is_still_refused(moderator):
    (entry,) = waiting(1)
    decide(moderator, entry, reject="1", reason="other")

    response = decide(signed_in(make_staff()), entry, approve="1")
    assert told(response) == [f"{entry}: This has changed since you opened it. Please look at it again."]


def test_second_press_of_save_and_approve_is_told_as_well_unless_it_would_save_something_else(moderator):
    (row,) = waiting(1, make_website, title="my site")
    words = {name: getattr(row, name) for name in ("url", "description", "site_language")}
    post = {**words, "category": row.category_id, "title": "My site", "seen": row.revision, "_approve": "1"}
    moderator.post(address(row), post, follow=True)
    again = moderator.post(address(row), post, follow=True)
    other = moderator.post(address(row), {**post, "title": "Other"}, follow=True)

    assert told(again) == ["You have approved My site already.", "Nothing else is waiting here."]
    assert "This has changed since you opened it." in other.content.decode()
    assert 'value="Other"' in other.content.decode()
    assert Suggestion.objects.get().title == "My site"


def test_many_are_undone_together(moderator):
    rows = waiting(3)
    seen = [f"{row.pk}:{row.revision}" for row in rows]
    post = {"action": "approve_selected", "_selected_action": [row.pk for row in rows], "seen": seen}
    response = moderator.post(LIST, post, follow=True)
    again = moderator.post(LIST, post, follow=True)
    assert told(response) == ["3 decided; e-mails go out in 10 seconds."]
    assert sorted(told(again)) == sorted(f"You have approved {row} already." for row in rows)
    back = undo(moderator, response)

    assert (statuses(rows), back.redirect_chain[-1][0]) == (["waiting"] * 3, f"{LIST}?status__exact=waiting")


# What is known


def test_look_alikes_stand_beside_each_other_whichever_came_first(moderator):
    first, copy = make_entry(display_name="First"), make_entry(status="waiting", display_name="Copy")
    Photo.objects.filter(entry=copy).update(resembles=first.photos.get())

    for here, there in ((first, copy), (copy, first)):
        html = moderator.get(address(here)).content.decode()
        assert reverse("admin:pageant_photo", args=[there.photos.get().key, "large"]) in html
        assert f'Looks like a photo of <a href="{address(there)}">{there}</a> · {there.get_status_display()}' in html


def test_reports_flags_and_the_same_persons_entries_stand_beside_the_photos(moderator):
    entry = make_entry(status="waiting", email="Anh@example.com")
    before = make_entry(status="rejected", email="anh@example.com", display_name="Before", photos=0)
    make_entry(email="else@example.com", display_name="Somebody else", photos=0)
    Report.objects.create(entry=entry, reason="mine", note="<b>Mine</b>")
    html = moderator.get(address(entry)).content.decode()

    assert (f'<a href="{address(before)}">Before</a>' in html, "Somebody else" in html) == (True, False)
    assert "rejected (The pictures are too dark, too small or too blurred)" in html
    assert "“&lt;b&gt;Mine&lt;/b&gt;”" in html
    assert re.findall(r"<li>(Reported|Resembles another)</li>", html) == ["Reported"]
    assert "anh@example.com" not in html.lower()
    moderator.post("/admin/pageant/report/", {"action": "close_selected", "_selected_action": Report.objects.get().pk})
    assert "Mine" not in moderator.get(address(entry)).content.decode()


def test_websites_of_the_same_finder_and_reports_stand_beside_them(moderator):
    row, before = (make_website(email="anh@example.com", status=status) for status in ("approved", "rejected"))
    WebsiteReport(suggestion=row, reason="dead").send()
    html = moderator.get(address(row)).content.decode()

    assert (f'<a href="{address(before)}">{before}</a>' in html, "It does not load" in html) == (True, True)


def test_officers_see_entries_but_neither_reports_nor_buttons(moderator):
    entry = make_entry()
    Report.objects.create(entry=entry, reason="mine", note="Secret")
    html = signed_in(make_staff(group="Privacy officers")).get(address(entry)).content.decode()

    assert ("Secret" in html, "decision--bar" in html) == (False, False)


def test_page_takes_as_many_queries_with_more_look_alikes_and_reports(moderator, django_assert_num_queries):
    entry, others = make_entry(status="waiting"), [make_entry(email=f"n{n}@example.com") for n in range(4)]

    def look_alike(rows: list[Entry]) -> None:
        Photo.objects.filter(entry__in=rows).update(resembles=entry.photos.get())
        Entry.objects.filter(pk__in=[row.pk for row in rows]).update(email_digest=entry.email_digest)
        for _row in rows:
            Report.objects.create(entry=entry, reason="other")

    look_alike(others[:1])
    moderator.get(address(entry))
    with CaptureQueriesContext(connection) as one:
        moderator.get(address(entry))
    look_alike(others[1:])
    with django_assert_num_queries(len(one)):
        moderator.get(address(entry))


@pytest.mark.parametrize(("language", "one", "two"), [("en", "entry", "entries"), ("vi", "bài dự thi", "bài dự thi")])
def test_first_page_counts_in_words_that_fit_and_what_waits_comes_first(moderator, language, one, two):
    def queues() -> list[tuple[int, str]]:
        page = moderator.get({"en": "/admin/", "vi": "/vi/admin/"}[language])
        return [(queue["count"], str(queue["name"])) for queue in page.context["queues"]]

    pageant = make_pageant()
    WebsiteReport(suggestion=make_website(), reason="dead").send()
    waiting(1, pageant=pageant)
    assert queues()[0] == (1, one)
    waiting(1, pageant=pageant)
    counts = [count for count, _name in queues()]
    assert queues()[0] == (2, two)
    assert counts == sorted(counts, key=lambda count: not count)


def test_decision_is_undone_on_the_page_of_its_row_too(moderator):
    (entry,) = waiting(1)
    decide(moderator, entry, approve="1")

    html = moderator.get(f"{LIST}{entry.pk}/change/").content.decode()

    assert f'name="seen" value="{entry.pk}:{entry.revision + 1}"' in html


def test_address_of_a_decision_leads_to_its_row_after_signing_in_again(moderator):
    (entry,) = waiting(1)

    assert moderator.get(f"{LIST}{entry.pk}/decide/")["Location"] == f"{LIST}{entry.pk}/change/"
    assert moderator.get(f"{LIST}0/decide/").status_code == 302


def test_rejection_of_what_has_changed_keeps_its_reason(moderator):
    (entry,) = waiting(1)
    entry.resubmit()
    entry.revision -= 1  # as the page still has it

    html = decide(moderator, entry, reject="1", reason="other", note="Đẹp lắm, nhưng").content.decode()

    assert ('value="Đẹp lắm, nhưng"' in html, f'name="revision" value="{entry.revision + 1}"' in html) == (True, True)
    assert statuses([entry]) == ["waiting"]
