"""Requests about data, and the clock that staff see."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.utils import timezone
from post_office.models import Email

from pageant.models import Entry
from privacy.models import DataRequest, ErasureReceipt
from tests.core.factories import make_staff
from tests.pageant.factories import make_entry

pytestmark = pytest.mark.django_db

ANH = "anh@example.com"
LIST = "/admin/privacy/datarequest/"
MAY = ["view_datarequest", "add_datarequest", "change_datarequest", "answer_datarequest"]


def make_request(*, days_ago: int = 0, **fields) -> DataRequest:
    received = timezone.now() - timedelta(days=days_ago)
    return DataRequest.objects.create(
        **{"kind": "correct", "email": ANH, "text": "Xin sửa", "language": "vi", "received_at": received, **fields}
    )


@pytest.fixture
def officer(client):
    user = make_staff(group=None)
    user.user_permissions.set(Permission.objects.filter(codename__in=MAY))
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("days_ago", "words", "red"),
    [
        (0, "29 days left", False),
        (24, "5 days left", False),
        (25, "4 days left", True),
        (28, "1 day left", True),
        (30, "overdue by 1 day", True),
        (40, "overdue by 11 days", True),
    ],
)
def test_clock_runs_for_30_days_and_turns_red(client, officer, days_ago, words, red):
    make_request(days_ago=days_ago)

    html = client.get(LIST).content.decode()

    assert f'<span class="clock{" clock--red" if red else ""}">{words}</span>' in html


@pytest.mark.parametrize(("days_ago", "urgent"), [(0, False), (26, True)])
def test_first_page_of_the_admin_counts_what_is_due(client, officer, days_ago, urgent):
    make_request(days_ago=days_ago)

    html = client.get("/admin/").content.decode()

    assert "<strong>1</strong> data request</a>" in html
    assert ('<li class="urgent">' in html) == urgent


def test_answer_is_mailed_in_the_persons_language_and_closes_it(client, officer, settings):
    settings.WORK = "worker"
    request = make_request()

    client.post(f"{LIST}{request.pk}/answer/", {"outcome": "Đã sửa rồi."})

    request.refresh_from_db()
    assert (request.done_by, request.outcome) == (officer, "Đã sửa rồi.")
    mail = Email.objects.get()
    assert mail.to == [ANH]
    assert "Đã sửa rồi." in mail.message
    assert LogEntry.objects.get().change_message == "answered"


def test_second_answer_is_not_mailed(client, officer):
    request = make_request()
    client.post(f"{LIST}{request.pk}/answer/", {"outcome": "Một"})

    assert client.post(f"{LIST}{request.pk}/answer/", {"outcome": "Hai"}).status_code == 404
    assert Email.objects.count() == 1


def test_answer_without_words_is_asked_again(client, officer):
    request = make_request()

    response = client.post(f"{LIST}{request.pk}/answer/", {"outcome": " "})

    assert response.status_code == 200
    assert DataRequest.objects.open().get() == request


def test_export_for_a_request_is_a_zip_and_leaves_a_trace(client, officer):
    make_entry(email=ANH)
    request = make_request()

    response = client.get(f"{LIST}{request.pk}/export/")

    assert "data.json" in ZipFile(BytesIO(b"".join(response.streaming_content))).namelist()
    assert LogEntry.objects.filter(change_message="exported").count() == 1


def test_erasing_for_a_request_asks_first_and_takes_the_request_with_it(client, officer):
    make_entry(email=ANH)
    request = make_request()

    asked = client.get(f"{LIST}{request.pk}/erase/").content.decode()
    assert "Your entry in a pageant (1)" in asked
    assert Entry.objects.of(ANH).count() == 1
    client.post(f"{LIST}{request.pk}/erase/")

    assert (Entry.objects.of(ANH).count(), DataRequest.objects.count()) == (0, 0)
    assert ErasureReceipt.objects.count() == 1


@pytest.mark.parametrize("verb", ["export", "erase", "answer"])
def test_staff_without_the_permission_can_do_nothing_about_one(client, verb):
    user = make_staff(group=None)
    user.user_permissions.set(Permission.objects.filter(codename="view_datarequest"))
    client.force_login(user)
    request = make_request()

    assert client.post(f"{LIST}{request.pk}/{verb}/", {"outcome": "x"}).status_code == 403
    assert DataRequest.objects.open().count() == 1


def test_moderator_sees_no_request(client):
    client.force_login(make_staff())

    assert client.get(LIST).status_code == 403


def test_what_came_by_letter_is_entered_by_hand(client, officer):
    received = timezone.localtime() - timedelta(days=3)
    fields = {"kind": "access", "email": ANH, "text": "", "language": "en"}
    when = {"received_at_0": f"{received:%Y-%m-%d}", "received_at_1": f"{received:%H:%M:%S}"}

    client.post(f"{LIST}add/", {**fields, **when})

    assert DataRequest.objects.get().days_left == 26


def test_request_stays_as_the_person_said_it(client, officer):
    request = make_request()

    client.post(f"{LIST}{request.pk}/change/", {"kind": "erase", "text": "anders"})

    request.refresh_from_db()
    assert (request.kind, request.text) == ("correct", "Xin sửa")
