"""Lists of staff cost the same however many rows there are, and show the right ones."""

import copy
import re
import secrets
from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from post_office.models import Attachment, Email, EmailTemplate

from core.admin import lists
from core.counting import counts, up_to
from pageant.admin.pageants import EntryAdmin
from pageant.models import Entry, Pageant, Photo, Report, SponsorReport
from privacy.models import AudienceDay
from suggestions.models import Category
from tests.core.factories import SMALL, make_staff, numbers
from tests.pageant.factories import make_entry, make_pageant
from tests.privacy.rows import MAKERS, make_row

pytestmark = pytest.mark.django_db

ENTRIES = "/admin/pageant/entry/"
OTHERS = {
    Attachment: lambda: Attachment.objects.create(name="a.txt", file="a.txt"),
    AudienceDay: lambda: AudienceDay.objects.create(day=timezone.localdate(), section="home", language="en"),
    Category: lambda: Category.objects.create(slug="more", name_en="More", name_vi="Nữa"),
    EmailTemplate: lambda: EmailTemplate.objects.create(name="hello"),
    Group: lambda: Group.objects.create(name="more"),
    Pageant: make_pageant,
    SponsorReport: lambda: SponsorReport.objects.create(pageant=make_pageant(), month=date(2026, 1, 1), numbers={}),
}


@pytest.fixture
def boss(settings) -> Client:
    settings.WORK = "worker"
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


def a_row(model: type[models.Model]) -> models.Model:
    return make_row(model._meta.label) if model._meta.label in MAKERS else OTHERS[model]()


def add_copies(row: models.Model, count: int) -> None:
    """Rows like `row`, other only where they must be."""
    row.refresh_from_db()
    model = type(row)
    unique = {
        field.name for field in model._meta.concrete_fields if field.unique or isinstance(field, models.EmailField)
    }
    for constraint in model._meta.constraints:
        unique.update(
            name for name in getattr(constraint, "fields", ()) if not model._meta.get_field(name).remote_field
        )

    def other() -> models.Model:
        twin = copy.copy(row)
        twin._state = copy.copy(row._state)
        for name in unique:
            setattr(twin, name, another(model._meta.get_field(name), getattr(row, name)))
        twin.pk = None
        return twin

    model._base_manager.bulk_create([other() for _ in range(count)])


def another(field: models.Field, value: object) -> object:
    number = next(numbers)
    if isinstance(field, models.EmailField):
        return f"{number}@example.com"
    if isinstance(field, models.CharField):
        return secrets.token_hex(16)[: min(field.max_length, 32)] if value and not field.choices else value
    if isinstance(field, models.DateField):
        return value + timedelta(days=31 * number)
    return value if value is None or field.primary_key else 100_000 + number


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_list_runs_few_queries_and_no_more_for_more_rows(boss, model, monkeypatch):
    monkeypatch.setattr(admin.site._registry[model], "list_per_page", 1000)  # a second page takes one more query
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    row = a_row(model)
    add_copies(row, 4)
    boss.get(url)
    few = queries(boss, url)
    add_copies(row, 45)

    assert model._base_manager.count() >= 50
    assert queries(boss, url) == few <= 15


# What is shown, with pages that end early


def shown(client: Client, url: str, **query: object) -> list[int]:
    return [row.pk for row in client.get(url, query).context["cl"].result_list]


@pytest.fixture
def entries(monkeypatch) -> list[Entry]:
    """Nine entries of three pageants, made in an order that none of the lists has."""
    monkeypatch.setattr(lists, "FURTHEST", 4)
    monkeypatch.setattr(EntryAdmin, "list_per_page", 2)
    now = timezone.now()
    pageants = [make_pageant(opens_at=now - timedelta(days=days)) for days in (2, 3, 1)]
    statuses = ["approved", "waiting", "rejected", "approved", "waiting", "approved", "waiting", "rejected", "approved"]
    names = ["Hà", "An", "Lê", "Bình", "An", "Mai", "Chi", "Én", "Dũng"]
    rows = []
    for number, (status, name) in enumerate(zip(statuses, names, strict=True)):
        row = make_entry(pageants[number * number % 3], status=status, display_name=name, size=SMALL)
        Entry.objects.filter(pk=row.pk).update(moved_at=now - timedelta(hours=number * 4 % 9))
        rows.append(row)
    first = rows[0].photos.get()
    Photo.objects.filter(entry__in=[rows[1], rows[5], rows[6]]).update(resembles=first)
    for row in (rows[0], rows[0], rows[5]):
        Report.objects.create(entry=row, reason=Report.Reason.OTHER)
    Report.objects.create(entry=rows[8], reason=Report.Reason.OTHER).close(by=make_staff())
    return list(Entry.objects.select_related("pageant"))


ORDERS = {
    "": lambda entry: (),
    "2": lambda entry: entry.display_name,
    "3": lambda entry: (),  # by pageant: what filters are for
    "4": lambda entry: entry.status,
    "5": lambda entry: entry.moved_at,
}


def in_queue(entry: Entry) -> tuple:
    return (entry.status != "waiting", entry.moved_at, entry.pk)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("order", [*ORDERS, "-2", "-3", "-4", "-5"])
def test_pages_are_those_of_the_whole_list(boss, entries, order, turned):
    """As far as they go, from either end; a page behind them is the last of them."""
    right = sorted(entries, key=in_queue)
    right.sort(key=ORDERS[order.lstrip("-")], reverse=order.startswith("-"))
    keys = [entry.pk for entry in (reversed(right) if turned else right)]
    query = {"o": order, **({"_end": "1"} if turned else {})}

    pages = [shown(boss, ENTRIES, **query, p=page) for page in (1, 2, 3, 99)]

    assert pages == [keys[:2], keys[2:4], keys[2:4], keys[2:4]]


FILTERS = {
    "status__exact=waiting": lambda entry: entry.status == "waiting",
    "status__exact=withdrawn": lambda entry: False,
    "flag=resembles": lambda entry: any(photo.resembles_id for photo in entry.photos.all()),
    "flag=reported": lambda entry: any(report.closed_at is None for report in entry.reports.all()),
    "q=an": lambda entry: entry.display_name == "An",
    "q=BINH": lambda entry: entry.display_name == "Bình",
    "q=dung&status__exact=approved": lambda entry: entry.display_name == "Dũng",
    "q=zzz": lambda entry: False,
}


@pytest.mark.parametrize("query", FILTERS)
def test_filters_and_searches_find_what_they_name(boss, entries, query):
    right = [entry.pk for entry in sorted(entries, key=in_queue) if FILTERS[query](entry)]

    assert shown(boss, f"{ENTRIES}?{query}") == right[:2]
    assert shown(boss, f"{ENTRIES}?{query}&_end=1") == right[::-1][:2]


def test_list_says_that_there_are_more_and_can_be_turned_round(boss, entries):
    html = boss.get(ENTRIES).content.decode()
    few = boss.get(ENTRIES, {"status__exact": "waiting"}).content.decode()
    end = boss.get(ENTRIES, {"_end": "1", "q": "", "p": "2"}).content.decode()

    assert ("more than 4 entries" in html, "more than" in few) == (True, False)
    assert ('href="?_end=1"' in html, "From the end" in few, 'href="?q="' in end) == (True, False, True)
    assert re.findall(r'href="(\?[^"]*_end=1[^"]*p=[^"]*)"', end) == ["?_end=1&amp;p=1&amp;q="]
    assert ("data-actions-icnt" in html, "across all pages" in html) == (True, False)


def test_counts_end_at_their_bound():
    for number in range(3):
        User.objects.create_user(f"user-{number}")

    users = [User.objects.all(), User.objects.filter(username="user-1"), User.objects.none()]
    assert (counts(users, at_most=2), counts(users, at_most=9), counts([], at_most=2)) == ([2, 1, 0], [3, 1, 0], [])
    assert (up_to(1000, 1000), up_to(1000, 999)) == ("1,000+", 999)


@pytest.mark.parametrize(("query", "found"), [("an", 1), ("ban", 2), ("hi", 0)])
def test_short_words_are_found_at_the_beginning_of_mails(boss, query, found):
    for to in ("an@example.com", "ban@example.com", "chi.ban@example.com"):
        Email.objects.create(from_email="us@example.com", to=to, subject="Xin chào")

    assert len(shown(boss, "/admin/post_office/email/", q=query)) == found
