"""Decisions and corrections by staff: the verbs, and the admin, which has no other way."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.moderation import Outdated, OwnSubmission, settle_decisions
from pageant.models import Entry
from suggestions.models import Category, Report, Suggestion
from suggestions.models.suggestion import URLTaken
from tests.core.factories import make_staff
from tests.pageant.factories import make_entry
from tests.suggestions.factories import make_category, make_website

pytestmark = pytest.mark.django_db

LIST = "/admin/suggestions/suggestion/"


@pytest.fixture
def committing(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def change_page(row: Suggestion) -> str:
    return reverse("admin:suggestions_suggestion_change", args=[row.pk])


def correct(client: Client, row: Suggestion, *, seen: int | None = None, **changes):
    fields = {"url": row.url, "title": row.title, "description": row.description, "category": row.category_id}
    post = {**fields, "site_language": row.site_language, "seen": row.revision if seen is None else seen, **changes}
    return client.post(change_page(row), post, follow=True)


def decide(client: Client, row: Suggestion, **post):
    address = reverse("admin:suggestions_suggestion_decide", args=[row.pk])
    return client.post(address, {"revision": row.revision, **post}, follow=True)


# Verbs


def test_approval_lists_the_website_and_tells_its_finder(staff, mailoutbox, committing):
    row = make_website(status="waiting", language="vi", name="Ánh")
    with committing():
        row.approve(by=staff)

    row = Suggestion.objects.get()
    assert (row.status, row.decided_by, row.is_public) == ("approved", staff, True)
    assert Category.objects.get(pk=row.category_id).websites == 1
    assert [mail.to for mail in mailoutbox] == [[row.email]]
    assert f"http://testserver/vi/websites/listings/{row.key}/" in mailoutbox[0].body


def test_rejection_tells_why(staff, mailoutbox, committing):
    row = make_website(status="waiting")
    with committing():
        row.reject(by=staff, reason="advertising", note="It is a shop.")

    assert "It mainly sells or advertises something.\nIt is a shop." in mailoutbox[0].body
    assert Suggestion.objects.public().count() == 0


def test_rejection_takes_a_listing_out_of_the_sums(staff):
    row = make_website()
    row.reject(by=staff, reason="dead")

    assert (Category.objects.get(pk=row.category_id).websites, Suggestion.objects.get().published_at) == (0, None)


def test_nobody_decides_on_a_website_of_their_own(staff):
    row = make_website(status="waiting", email="STAFF@example.com")

    for verb, arguments in (("approve", {}), ("reject", {"reason": "other"}), ("correct", {"title": "x"})):
        with pytest.raises(OwnSubmission):
            getattr(row, verb)(by=staff, **arguments)
    assert (Suggestion.objects.get().status, Suggestion.objects.get().title) == ("waiting", row.title)


@pytest.mark.parametrize(("status", "here"), [("rejected", "waiting"), ("rejected", "approved")])
def test_address_that_another_took_meanwhile_is_refused(staff, status, here):
    row = make_website(status=status, url="https://nhac.example")
    make_website(status=here, url="http://nhac.example/")

    with pytest.raises(URLTaken):
        row.approve(by=staff)
    assert Suggestion.objects.get(pk=row.pk).status == status


@pytest.mark.parametrize("change", [{"status": "approved"}, {"failures": 1}, {"normal_url": "taken.example"}])
def test_database_holds_what_belongs_together(change):
    make_website(url="https://taken.example")
    row = make_website(status="waiting")

    with pytest.raises(IntegrityError), transaction.atomic():
        Suggestion.objects.filter(pk=row.pk).update(**change)


def test_correction_keeps_the_senders_words_and_shows_what_changed(staff):
    other = make_category(name_en="Jazz")
    row = make_website(make_category(name_en="Folk"), status="waiting", title="My site", url="https://a.example")
    row.correct(by=staff, title="A site", category=other)
    row = Suggestion.objects.get()
    row.correct(by=staff, description="Better words.", url="https://b.example/x")

    row = Suggestion.objects.get()
    assert (row.status, row.revision, row.host, row.search_key) == (
        "waiting",
        3,
        "b.example",
        " a site better words b example",
    )
    assert {name: (before, now) for name, before, now in row.changes} == {
        "address": ("https://a.example", "https://b.example/x"),
        "title": ("My site", "A site"),
        "description": (row.as_sent["description"], "Better words."),
        "category": ("Folk", "Jazz"),
    }


def test_correction_of_a_listing_moves_it_between_sums(staff):
    other = make_category()
    row = make_website()
    before = row.category
    row.correct(by=staff, category=other)

    assert [Category.objects.get(pk=one.pk).websites for one in (before, other)] == [0, 1]


@pytest.mark.parametrize("verb", ["approve", "reject", "correct"])
def test_second_of_two_that_saw_the_same_is_refused(staff, verb):
    make_website(status="waiting")
    first, second = Suggestion.objects.get(), Suggestion.objects.get()
    first.correct(by=staff, title="First")
    arguments = {"approve": {}, "reject": {"reason": "other"}, "correct": {"title": "Second"}}[verb]

    with pytest.raises(Outdated):
        getattr(second, verb)(by=staff, **arguments)
    assert (Suggestion.objects.get().title, Suggestion.objects.get().status) == ("First", "waiting")


def test_mail_of_acceptance_says_what_was_changed(staff, mailoutbox, committing):
    row = make_website(status="waiting", title="my site")
    row.correct(by=staff, title="My site")
    with committing():
        Suggestion.objects.get().approve(by=staff)

    assert "Our editors made some changes first:\n\nTitle: My site\n\n" in mailoutbox[-1].body


def test_deleted_listing_leaves_the_sums():
    row = make_website()
    Suggestion.objects.filter(pk=row.pk).delete()

    assert Category.objects.get(pk=row.category_id).websites == 0


# The admin


def test_queue_shows_what_waits_and_filters_by_host(moderator):
    make_website(status="waiting", title="First", url="https://one.example/a")
    make_website(status="waiting", title="Other", url="https://two.example/")

    html = moderator.get(f"{LIST}?status__exact=waiting").content.decode()
    assert ("First" in html, "Other" in html) == (True, True)
    html = moderator.get(f"{LIST}?host=one.example").content.decode()
    assert ("First" in html, "Other" in html) == (True, False)


def test_moderator_corrects_and_then_approves(moderator):
    row = make_website(status="waiting", title="my site")
    correct(moderator, row, title="My site")
    row.refresh_from_db()
    assert (row.title, row.status) == ("My site", "waiting")
    decide(moderator, row, approve="1")

    row.refresh_from_db()
    assert row.is_public
    assert list(LogEntry.objects.order_by("pk").values_list("change_message", "object_repr")) == [
        ("corrected title", f"website {row.pk}"),
        ("approved", f"website {row.pk}"),
    ]


def test_one_button_saves_what_is_typed_and_approves(moderator, mailoutbox, committing):
    row = make_website(status="waiting", title="my site")
    correct(moderator, row, title="My site", _approve="1")
    Suggestion.objects.update(settles_at=timezone.now())
    with committing():
        settle_decisions()

    row.refresh_from_db()
    assert (row.title, row.is_public, row.as_sent["title"]) == ("My site", True, "my site")
    assert "Title: My site\n" in mailoutbox[-1].body
    assert list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True)) == [
        "corrected title", "approved",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "seen", "text"),
    [
        ({"title": "…"}, 1, "Please use at least one letter or digit."),
        ({"title": "Mine"}, 7, "This has changed since you opened it."),
        ({}, 7, "This has changed since you opened it."),
    ],
)
def test_nothing_is_approved_that_cannot_be_saved(moderator, change, seen, text):
    row = make_website(status="waiting")
    html = correct(moderator, row, seen=seen, _approve="1", **change).content.decode()

    assert text in html
    assert (Suggestion.objects.get().status, Suggestion.objects.get().title) == ("waiting", row.title)


def test_address_that_another_took_is_not_approved_by_the_button_either(moderator):
    row = make_website(status="rejected", url="https://nhac.example")
    make_website(url="http://nhac.example/", status="waiting")
    html = correct(moderator, row, _approve="1").content.decode()

    assert "There is already another suggestion with this address." in html
    assert Suggestion.objects.get(pk=row.pk).status == "rejected"


def test_own_website_is_not_approved_by_the_button_either(moderator, staff):
    row = make_website(status="waiting", email=staff.email)
    html = correct(moderator, row, _approve="1").content.decode()

    assert "This came from your own e-mail address." in html
    assert Suggestion.objects.get().status == "waiting"


def test_who_may_only_correct_approves_nothing(staff):
    row = make_website(status="waiting")
    staff.groups.clear()
    staff.user_permissions.set(Permission.objects.filter(codename__in=["view_suggestion", "change_suggestion"]))
    client = Client()
    client.force_login(staff)
    correct(client, row, title="Better", _approve="1")

    assert (Suggestion.objects.get().title, Suggestion.objects.get().status) == ("Better", "waiting")


def test_saving_without_a_change_leaves_no_trace(moderator):
    row = make_website(status="waiting")
    correct(moderator, row)

    assert (LogEntry.objects.count(), Suggestion.objects.get().revision) == (0, 1)


@pytest.mark.parametrize(
    ("email", "text"), [("anh@example.com", "An e-mail goes out in 10 seconds."), ("", "Rejected: Nhạc.")]
)
def test_moderator_is_told_of_a_mail_only_where_there_is_one(moderator, email, text):
    row = make_website(title="Nhạc")
    Suggestion.objects.update(email=email)
    html = decide(moderator, row, reject="1", reason="dead").content.decode()

    assert (text in html, "mail" in re.search(r'class="success">([^<]*)', html)[1]) == (True, bool(email))


@pytest.mark.parametrize(
    ("email", "text"), [("anh@example.com", "1 decided; an e-mail goes out in 10 seconds."), ("", "1 decided.")]
)
def test_moderator_of_many_is_told_of_mails_only_where_there_are_some(moderator, email, text):
    row = make_website()
    Suggestion.objects.update(email=email)
    post = {"action": "reject_selected", "_selected_action": [row.pk], "seen": [f"{row.pk}:2"], "reason": "dead"}
    html = moderator.post(LIST, post, follow=True).content.decode()

    assert re.search(r'class="success">([^<]*)', html)[1] == text


@pytest.mark.parametrize("key", ["", "x", "1 ", "-1", "9" * 19, "\0", "１"])
def test_row_that_no_page_of_ours_names_is_a_bad_request(moderator, key):
    make_website(status="waiting")
    for action, address in (("approve_selected", LIST), ("close_selected", "/admin/suggestions/report/")):
        assert moderator.post(address, {"action": action, "_selected_action": key}).status_code == 400
    assert Suggestion.objects.get().status == "waiting"


def test_field_that_no_page_of_ours_names_is_a_bad_request(moderator):
    assert moderator.get(f"{change_page(make_website())}?_to_field=").status_code == 400


def test_correction_of_what_changed_meanwhile_is_refused_and_kept_on_the_page(moderator, staff):
    row = make_website(status="waiting")
    Suggestion.objects.get().correct(by=staff, title="Theirs")
    html = correct(moderator, row, title="Mine").content.decode()

    assert "This has changed since you opened it." in html
    assert 'value="Mine"' in html
    assert Suggestion.objects.get().title == "Theirs"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"url": "http://10.0.0.1/"}, "This address only works inside a network."),
        ({"url": "https://here.example"}, "There is already another suggestion with this address."),
        ({"title": "…"}, "Please use at least one letter or digit."),
        ({"title": "a\u202eb"}, "This contains invisible characters."),
    ],
)
def test_correction_that_is_not_right_is_said(moderator, change, text):
    make_website(url="https://here.example")
    row = make_website(status="waiting")

    assert text in correct(moderator, row, **change).content.decode()
    assert Suggestion.objects.get(pk=row.pk).revision == 1


def test_own_website_cannot_be_corrected_in_the_admin(moderator, staff):
    row = make_website(status="waiting", email=staff.email, title="Mine")
    html = correct(moderator, row, title="Ours").content.decode()

    assert "This came from your own e-mail address." in html
    assert Suggestion.objects.get().title == "Mine"


def test_only_words_can_be_corrected(moderator):
    row = make_website(status="waiting")
    correct(moderator, row, title="New", status="approved", name="x", email="x@example.com", show_name="on", host="x")

    found = Suggestion.objects.get()
    assert (found.title, found.status, found.name, found.email, found.show_name, found.host) == (
        "New", "waiting", row.name, row.email, False, row.host,
    )  # fmt: skip


@pytest.mark.parametrize("status", ["withdrawn", "unconfirmed"])
def test_what_its_sender_took_back_is_not_touched(moderator, status):
    row = make_website(status=status)

    assert correct(moderator, row, title="New").status_code == 403
    assert Suggestion.objects.get().title == row.title


def test_entries_still_cannot_be_corrected(moderator):
    entry = make_entry(status="waiting", photos=0)

    response = moderator.post(f"/admin/pageant/entry/{entry.pk}/change/", {"display_name": "x"})
    assert (response.status_code, Entry.objects.get().display_name) == (403, entry.display_name)


def test_bulk_actions_decide_on_what_was_seen(moderator):
    rows = [make_website(status="waiting") for _ in range(3)]
    seen = [f"{rows[0].pk}:1", f"{rows[1].pk}:1", f"{rows[2].pk}:7"]
    post = {"action": "approve_selected", "_selected_action": [row.pk for row in rows], "seen": seen}
    moderator.post(LIST, post)

    assert [Suggestion.objects.get(pk=row.pk).status for row in rows] == ["approved", "approved", "waiting"]


@pytest.mark.parametrize("group", ["Moderators", "Privacy officers"])
def test_addresses_of_people_are_for_privacy_officers(group):
    row = make_website(status="waiting", email="secret@example.com")
    client = Client()
    client.force_login(make_staff(group=group))

    assert ("secret@example.com" in client.get(change_page(row)).content.decode()) is (group == "Privacy officers")
    assert "secret@example.com" not in client.get(LIST).content.decode()
    assert client.get(f"{LIST}?email__startswith=s").status_code == 400
    html = client.get(f"{LIST}?q=secret%40example").content.decode()
    assert row.title not in html


def test_officer_neither_decides_nor_corrects():
    row = make_website(status="waiting")
    client = Client()
    client.force_login(make_staff(group="Privacy officers"))

    assert (decide(client, row, approve="1").status_code, correct(client, row, title="x").status_code) == (403, 403)


def test_lookalikes_rejections_and_machines_are_flagged(moderator):
    make_website(url="https://nhacxua.example", title="Thật")
    make_website(url="https://nhac-xua.example/a", status="rejected", title="Đã từ chối")
    make_website(url="https://nhac-xua.example/a", status="waiting", title="Giả", is_untimed=True)
    make_website(url="https://other.example", status="waiting", title="Khác")

    html = moderator.get(f"{LIST}?status__exact=waiting").content.decode()
    flags = re.findall(r'class="field-flags">([^<]+)<', html)
    assert sorted(flags) == ["easily confused with another, rejected before, possible bot", "—"]
    for flag in ("lookalike", "again", "untimed"):
        shown = moderator.get(f"{LIST}?status__exact=waiting&flag={flag}").content.decode()
        assert ("Giả" in shown, "Khác" in shown) == (True, False)
    page = moderator.get(change_page(Suggestion.objects.get(title="Giả"))).content.decode()
    assert ("Thật" in page, "Đã từ chối" in page, "Khác" in page) == (True, True, False)


def test_queue_takes_as_many_queries_with_more_rows(moderator, django_assert_max_num_queries):
    for _ in range(15):
        make_website(status="waiting")

    with django_assert_max_num_queries(14):
        moderator.get(LIST)


def test_reports_reach_the_queue_and_are_closed_once(moderator):
    Report(suggestion=make_website(), reason="dead").send()
    assert {queue["url"]: queue["count"] for queue in moderator.get("/admin/").context["queues"]}[
        "/admin/suggestions/report/?closed_at__isempty=1"
    ] == 1
    post = {"action": "close_selected", "_selected_action": [Report.objects.get().pk]}
    moderator.post("/admin/suggestions/report/", post)

    assert Report.objects.open().count() == 0


def test_category_cannot_take_the_address_of_a_page():
    client = Client()
    client.force_login(make_staff(is_superuser=True))
    post = {"slug": "suggest", "name_en": "A", "name_vi": "B", "position": "1"}

    html = client.post("/admin/suggestions/category/add/", post).content.decode()
    assert "Another page has this address." in html
    assert client.post("/admin/suggestions/category/add/", {**post, "slug": "jazz"}).status_code == 302
    assert client.get("/vi/websites/jazz/").status_code == 200


def test_correction_that_came_too_late_shows_what_is_there_and_can_be_saved_over_it(moderator):
    row = make_website(status="waiting", title="my site")
    correct(moderator, row, title="Their site")

    response = correct(moderator, row, title="My site")
    html = response.content.decode()
    assert ("Meanwhile: Their site" in html, 'value="My site"' in html) == (True, True)

    row.refresh_from_db()
    assert f'name="seen" value="{row.revision}"' in html
    correct(moderator, row, title="My site")
    row.refresh_from_db()
    assert row.title == "My site"
