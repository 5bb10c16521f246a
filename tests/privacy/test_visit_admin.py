"""Privacy officers see the visits, and nobody else does."""

from datetime import timedelta

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.admin import lists
from core.charts import Bars, Series, round_up
from privacy.models import AudienceDay, Visit, VisitHour
from privacy.traffic import visit_log
from tests.core.factories import make_staff

pytestmark = pytest.mark.django_db

LIST = "/admin/privacy/visit/"


@pytest.fixture(autouse=True)
def worker(settings):
    settings.WORK = "worker"


@pytest.fixture
def officer(client):
    user = make_staff(group="Privacy officers")
    client.force_login(user)
    return user


def make_visit(**fields):
    fields = {"at": timezone.now(), "address": "203.0.113.7", "path": "/a/", "status": 200, **fields}
    return Visit.objects.create(
        method="GET", status_class=fields["status"] // 100, milliseconds=3, browser="Firefox", **fields
    )


def paths(response):
    return [one.path for one in response.context["cl"].result_list]


# Who may


@pytest.mark.parametrize("group", ["Moderators", None])
def test_visits_are_no_business_of_others(client, group):
    visit = make_visit()
    client.force_login(make_staff(group=group))

    addresses = [LIST, f"{LIST}{visit.pk}/change/", "/admin/privacy/audienceday/"]
    assert {one: client.get(one).status_code for one in addresses} == dict.fromkeys(addresses, 403)
    assert "203.0.113.7" not in client.get("/admin/").content.decode()


def test_officer_sees_and_changes_nothing(client, officer):
    visit = make_visit()

    assert paths(client.get(LIST)) == ["/a/"]
    assert client.get(f"{LIST}{visit.pk}/change/").status_code == 200
    assert client.get("/admin/privacy/audienceday/").status_code == 200
    refused = [client.get(f"{LIST}add/"), client.post(f"{LIST}{visit.pk}/delete/", {"post": "yes"})]
    refused.append(client.post(f"{LIST}{visit.pk}/change/", {"path": "/changed/"}))
    assert [one.status_code for one in refused] == [403, 403, 403]
    client.post(LIST, {"action": "delete_selected", "_selected_action": visit.pk, "post": "yes"})
    assert [one.path for one in Visit.objects.all()] == ["/a/"]


# What is shown


def test_newest_come_first(client, officer):
    now = timezone.now()
    for minutes in (2, 1, 3):
        make_visit(at=now - timedelta(minutes=minutes), path=f"/{minutes}/")

    assert paths(client.get(LIST)) == ["/1/", "/2/", "/3/"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("day=2026-03-02", ["/today/", "/broken/"]),
        ("day=2026-03-01", ["/yesterday/"]),
        ("day=2026-02-01", []),
        ("day=nonsense", ["/today/", "/broken/", "/yesterday/"]),
        ("status=5", ["/broken/"]),
        ("status=nonsense", ["/today/", "/broken/", "/yesterday/"]),
        ("q=203.0.113.7", ["/today/", "/yesterday/"]),
        ("q=203.0.113", []),
        ("q=2001:DB8::0001", ["/broken/"]),
        ("q=203.0.113.7&day=2026-03-02&status=2", ["/today/"]),
    ],
)
def test_filters_narrow_the_list(client, officer, time_machine, query, expected):
    time_machine.move_to("2026-03-02T12:00:00+07:00")
    now = timezone.now()
    make_visit(path="/today/", at=now)
    make_visit(path="/broken/", at=now - timedelta(hours=12), status=502, address="2001:db8::1")  # midnight
    make_visit(path="/yesterday/", at=now - timedelta(hours=12, seconds=1))

    assert paths(client.get(f"{LIST}?{query}")) == expected


def test_no_other_lookup_is_open(client, officer):
    make_visit()

    assert client.get(f"{LIST}?path__contains=a").status_code in {302, 400}


def test_list_costs_the_same_whatever_there_is(client, officer, monkeypatch):
    monkeypatch.setattr(lists, "FURTHEST", 5)
    client.get(LIST)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(f"{LIST}?_facets=True")
        return [one["sql"] for one in captured if "privacy_visit" in one["sql"]]

    make_visit()
    few = queries()
    for _ in range(20):
        make_visit()
    many = queries()

    assert len(few) == len(many)
    assert [sql for sql in many if "COUNT(" in sql and "LIMIT" not in sql] == []
    assert client.get(LIST).context["cl"].result_count == 5


def test_what_came_just_now_is_shown_without_a_worker(client, officer, settings):
    client.get("/robots.txt")
    settings.WORK = "inline"

    assert "/robots.txt" in paths(client.get(LIST))


# The chart


def test_chart_shows_the_hours_of_the_day(client, officer, time_machine):
    time_machine.move_to("2026-03-02T12:00:00+07:00")
    eleven = timezone.now() - timedelta(hours=1)
    VisitHour.objects.create(hour=eleven, requests=9, refused=2, failed=1, prefetches=2)
    VisitHour.objects.create(hour=eleven - timedelta(days=1), requests=100)

    page = client.get(LIST)
    chart = page.context["chart"]
    html = page.content.decode()

    assert chart.summary == "9 requests, of which 2 were refused or not found and 1 failed."
    assert [row for row in chart.rows if any(row[1])] == [("11", [1, 2, 2, 4])]
    assert len(chart.rows) == 24
    assert "<td>4</td>" in html
    assert html.count('<rect class="chart__bar chart__bar--good" x=') == 1
    assert "style=" not in html.partition('<figure class="chart">')[2].partition("</figure>")[0]
    assert client.get(f"{LIST}?day=2026-03-01").context["chart"].totals[11] == 100


def test_bars_stand_on_each_other_within_the_drawing():
    chart = Bars(
        name="x", title="X", summary="", labels_are="", labels=["a", "b"],
        series=[Series("one", "bad", [1, 0]), Series("two", "good", [3, 4])],
    )  # fmt: skip

    first, second, third = chart.segments
    assert (first.y, second.y + second.height) == (first.y, first.y)
    assert third.height == pytest.approx(second.height + first.height, abs=0.02)
    assert (chart.top, third.y) == (4, 12)
    assert [tick.text for tick in chart.scale] == ["0", "2", "4"]


@pytest.mark.parametrize(("value", "top"), [(0, 2), (1, 2), (3, 4), (5, 10), (11, 20), (39, 40), (41, 100)])
def test_scale_ends_at_a_round_number(value, top):
    assert round_up(value) == top


def test_chart_of_nothing_is_a_chart(client, officer):
    assert client.get(LIST).context["chart"].totals == [0] * 24


def test_note_says_how_visitors_are_counted(client, officer):
    page = client.get("/admin/privacy/audienceday/").content.decode()

    assert "How visitors are counted" in page
    assert "we cannot see that anybody looked" in page


# The first page


def test_first_page_shows_each_what_they_may_see(client, officer):
    now = timezone.now()
    VisitHour.objects.create(hour=now.replace(minute=0, second=0, microsecond=0), requests=7, refused=2, failed=1)
    today = timezone.localdate()
    AudienceDay.objects.create(day=today, section="all", language="all", hits=5, visitors=3, robots=2, prefetches=6)
    AudienceDay.objects.create(day=today - timedelta(days=1), section="all", language="all", hits=9, visitors=8)
    AudienceDay.objects.create(day=today, section="home", language="all", hits=4, visitors=3)

    cards = client.get("/admin/").context["cards"]
    shown = {card.name: [values for _name, values in card.rows] for card in cards}
    assert (shown.pop("New entries"), shown.pop("To be purged within a day")) == (
        [[0]] * 7,
        [[1]],
    )
    assert shown == {
        "Requests": [[7, 0], [2, 0], [1, 0]],
        "Visitors": [[3, 8], [5, 9], [2, 0], [6, 0]],
    }
    client.force_login(make_staff())
    assert [card.name for card in client.get("/admin/").context["cards"]] == ["New entries"]


def test_sums_hold_no_address():
    with pytest.raises(FieldDoesNotExist):
        VisitHour._meta.get_field("address")
    assert visit_log.hours_of(timezone.localdate())[0].requests == 0
