"""What co-sponsors learn, and everybody with them."""

import csv
import io
import re
import secrets
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from post_office.models import Email

from core.disclosure_control import LEAST
from pageant.models import Entry, Hobby, SponsorReport
from pageant.models.entry import place_key
from pageant.sponsors import monthly_reports
from privacy.models.audience import ALL, AudienceDay
from tests.core.factories import make_staff
from tests.pageant.factories import make_cosponsorship, make_entry, make_pageant

pytestmark = pytest.mark.django_db

MARCH = date(2026, 3, 1)
IN_APRIL = datetime(2026, 4, 5, tzinfo=UTC)


@pytest.fixture
def pageant():
    opens, closes = datetime(2026, 3, 1, 1, tzinfo=UTC), datetime(2026, 4, 20, tzinfo=UTC)
    # Entries are made in bulk here, past the sums; deleting them takes them out again.
    return make_pageant(slug="faces", title_en="Faces", opens_at=opens, closes_at=closes, entry_count=100_000)


def many_entries(pageant, count, *, day=10, month=3, place="Huế", hobby="hát"):
    """Public entries, confirmed on that day."""
    tag = Hobby.objects.get_or_create(name=hobby)[0]
    staff = make_staff()
    moment = datetime(2026, month, day, 5, tzinfo=UTC)
    entries = Entry.objects.bulk_create(
        Entry(
            key=secrets.token_hex(8), pageant=pageant, language="vi", display_name="Người", lives_in=place,
            email=f"{secrets.token_hex(6)}@example.com", email_digest=secrets.token_hex(32), status="approved",
            place_key=place_key(place), is_adult=True, owns_photos=True,
            decided_by=staff, decided_at=moment, created_at=moment,
            confirmed_at=moment, published_at=moment,
        )
        for _ in range(count)
    )  # fmt: skip
    tag.entries.add(*entries)


def audience(day, visitors, *, language=ALL, section="pageant:faces", is_closed=True):
    AudienceDay.objects.create(
        day=date(2026, 3, day),
        section=section,
        language=language,
        visitors=visitors,
        hits=visitors,
        is_closed=is_closed,
    )


def made(pageant, month=MARCH) -> SponsorReport:
    with time_machine.travel(IN_APRIL, tick=False):
        monthly_reports.make_due()
    return SponsorReport.objects.get(pageant=pageant, month=month)


def test_report_counts_the_entries_of_its_month(pageant):
    many_entries(pageant, 23, day=4)
    many_entries(pageant, 12, day=20, place="Đà Lạt", hobby="đàn bầu")
    many_entries(pageant, 30, day=2, month=4)
    make_entry(pageant, status="waiting", lives_in="Vinh")

    numbers = made(pageant).numbers

    assert numbers["entries"] == 40
    assert numbers["places"] == [{"label": "Huế", "people": 20}, {"label": "Đà Lạt", "people": 10}]
    assert numbers["hobbies"] == [{"label": "hát", "people": 20}, {"label": "đàn bầu", "people": 10}]
    assert numbers["entries_by_day"] == [
        {"first": "2026-03-01", "last": "2026-03-04", "people": 20},
        {"first": "2026-03-05", "last": "2026-03-31", "people": 10},
    ]


def test_places_are_one_however_they_are_accented(pageant):
    many_entries(pageant, 9, place="Huế")
    many_entries(pageant, 6, place="hue")

    assert made(pageant).numbers["places"] == [{"label": "Huế", "people": 20}]


def test_fewer_than_ten_people_are_not_told(pageant, client):
    many_entries(pageant, 9)
    audience(3, 9)

    report = made(pageant)

    assert [value for value in report.numbers.values() if value] == []
    html = client.get(report.get_absolute_url()).content.decode()
    assert html.count("<dd>fewer than ten</dd>") == 2
    assert "Huế" not in html


def test_report_waits_for_a_day_that_another_machine_has_not_loaded_yet(pageant):
    audience(31, 90, is_closed=False)
    with pytest.raises(SponsorReport.DoesNotExist):
        made(pageant)
    AudienceDay.objects.update(is_closed=True)

    assert made(pageant).numbers["visitors"] == 90


def test_audience_is_told_by_days_and_languages(pageant):
    for day in (3, 4):
        audience(day, 21)
        audience(day, 14, language="vi")
        audience(day, 7, language="en")
        audience(day, 50, section="home")

    numbers = made(pageant).numbers

    assert numbers["visitors"] == 40
    assert [span["people"] for span in numbers["visitors_by_day"]] == [20, 20]
    assert numbers["languages"] == [{"label": "vi", "people": 30}, {"label": "en", "people": 10}]


def test_report_is_made_once_and_never_again(pageant):
    many_entries(pageant, 20)
    report = made(pageant)
    Entry.objects.all().delete()
    many_entries(pageant, 50)

    with time_machine.travel(IN_APRIL, tick=False):
        assert monthly_reports.make_due() == 0
    assert SponsorReport.objects.get().numbers == report.numbers


@pytest.mark.parametrize(
    ("moment", "count"),
    [
        (datetime(2026, 3, 31, 12, tzinfo=UTC), 0),
        (datetime(2026, 4, 1, 16, 59, tzinfo=UTC), 0),  # the day after the month, in Vietnam
        (datetime(2026, 4, 1, 17, 0, tzinfo=UTC), 1),
        (datetime(2026, 6, 1, tzinfo=UTC), 2),
    ],
)
def test_report_comes_when_the_month_is_over(pageant, moment, count):
    with time_machine.travel(moment, tick=False):
        monthly_reports.make_due()

    assert SponsorReport.objects.count() == count


# Nobody is singled out


def numbers_in(value) -> list[int]:
    if isinstance(value, dict):
        return [number for one in value.values() for number in numbers_in(one)]
    if isinstance(value, list):
        return [number for one in value for number in numbers_in(one)]
    return [value] if isinstance(value, int) else []


groups = st.lists(
    st.tuples(
        st.integers(1, 25), st.integers(1, 28), st.sampled_from([3, 4]), st.sampled_from(["Huế", "Vinh", "Đà Lạt", ""])
    ),
    max_size=6,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(groups=groups, visitors=st.lists(st.integers(0, 40), max_size=8))
def test_no_numbers_of_any_reports_differ_by_a_few_people(pageant, groups, visitors):
    Entry.objects.all().delete()
    AudienceDay.objects.all().delete()
    SponsorReport.objects.all().delete()
    for count, day, month, place in groups:
        many_entries(pageant, count, day=day, month=month, place=place)
    for day, count in enumerate(visitors, 1):
        audience(day, count)
    with time_machine.travel(datetime(2026, 6, 1, tzinfo=UTC), tick=False):
        monthly_reports.make_due()

    told = [number for report in SponsorReport.objects.all() for number in numbers_in(report.numbers)]
    differences = {abs(one - other) for one, other in combinations(told, 2)}
    assert [number for number in told if number < LEAST] == []
    assert [difference for difference in differences if 0 < difference < LEAST] == []


# Read by everybody


def test_public_and_co_sponsors_get_the_same_bytes(pageant, client):
    make_cosponsorship(pageant, contact_email="sponsor@example.com")
    many_entries(pageant, 20)
    report = made(pageant)
    with time_machine.travel(IN_APRIL, tick=False):
        assert monthly_reports.send(report) == 1
        text = Email.objects.get().message
        link = re.search(r"http://testserver(/privacy/sponsors/sent/\S+)", text)[1]
        vietnamese = re.search(r"http://testserver(/vi/privacy/sponsors/sent/\S+)", text)[1]
        sent = client.get(link)
        client.post("/privacy/cookies/", {"choice": "all"})
        public = client.get(report.get_absolute_url())

    assert Email.objects.get().to == ["sponsor@example.com"]
    assert (sent.status_code, public.status_code) == (200, 200)
    assert sent.content == public.content
    assert "Huế" in public.content.decode()
    assert re.findall(r'<html lang="(\w+)">', client.get(vietnamese).content.decode()) == ["vi"]


def test_link_to_a_report_expires(pageant, client):
    make_cosponsorship(pageant)
    report = made(pageant)
    with time_machine.travel(IN_APRIL, tick=False):
        monthly_reports.send(report)
    link = re.search(r"http://testserver(/privacy/sponsors/sent/\S+)", Email.objects.get().message)[1]

    with time_machine.travel(IN_APRIL + timedelta(days=29), tick=False):
        assert client.get(link).status_code == 200
    with time_machine.travel(IN_APRIL + timedelta(days=31), tick=False):
        assert client.get(link).status_code == 410
    assert client.get(f"{link[:-3]}abc/").status_code == 404


def test_table_for_spreadsheets_holds_the_same_numbers_and_no_formula(pageant, client):
    many_entries(pageant, 20, place="=HYPERLINK(1)")
    report = made(pageant)

    response = client.get(f"{report.get_absolute_url()}report.csv")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))

    assert ["entries", "", "20"] in rows
    assert ["places", "'=HYPERLINK(1)", "20"] in rows
    assert ["visitors", "", "<10"] in rows


@pytest.mark.parametrize("address", ["/privacy/sponsors/", "/vi/privacy/sponsors/"])
def test_page_names_each_co_sponsor_and_how_many_agreed(pageant, client, address):
    make_cosponsorship(pageant, sponsor_name="Dây Đàn", fields=["display_name"])
    many_entries(pageant, 20)
    made(pageant)

    html = client.get(address).content.decode()

    assert "Dây Đàn" in html
    assert 'rel="external nofollow ugc noopener noreferrer"' in html
    assert "/privacy/sponsors/faces/2026-03/" in html


def test_code_of_the_report_names_nothing_of_the_log():
    names = set(re.findall(r"\w+", Path(monthly_reports.__file__).read_text()))

    assert names & {"Visit", "VisitHour", "visits"} == set()


@pytest.mark.parametrize(
    "address", ["faces/2026-05/", "faces/2026-13/", "nobody/2026-03/", "faces/2026-05/report.csv", "sent/x/"]
)
def test_report_that_is_not_there_is_not_found(pageant, client, address):
    assert client.get(f"/privacy/sponsors/{address}").status_code == 404


def test_page_takes_as_many_queries_with_more_rows(client):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/privacy/sponsors/")
        return len(captured)

    make_cosponsorship(make_pageant())
    client.get("/privacy/sponsors/")
    few = queries()
    for _ in range(4):
        pageant = make_pageant()
        make_cosponsorship(pageant)
        SponsorReport.objects.create(pageant=pageant, month=MARCH, numbers={})
    assert queries() == few


def test_officer_sends_a_report_from_the_admin(pageant, client):
    make_cosponsorship(pageant)
    report = made(pageant)

    with time_machine.travel(IN_APRIL, tick=False):
        client.force_login(make_staff(group="Privacy officers"))
        action = {"action": "send_selected", "_selected_action": report.pk}
        client.post("/admin/pageant/sponsorreport/", action)

    assert Email.objects.count() == 1


def test_moderator_sends_no_report(pageant, client):
    make_cosponsorship(pageant)
    report = made(pageant)
    client.force_login(make_staff())

    client.post("/admin/pageant/sponsorreport/", {"action": "send_selected", "_selected_action": report.pk})

    assert Email.objects.count() == 0
