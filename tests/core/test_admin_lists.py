"""Lists of staff cost the same however many rows there are, and show the right ones."""

import copy
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
from post_office.models import Attachment, EmailTemplate

from core.admin import lists
from core.admin.lists import BoundedList, BoundedPaginator
from pageant.models import Pageant, SponsorReport
from privacy.models import AudienceDay
from suggestions.models import Category
from tests.core.factories import numbers
from tests.pageant.factories import make_pageant
from tests.privacy.rows import MAKERS, make_row

pytestmark = pytest.mark.django_db

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
def test_list_runs_few_queries_and_no_more_for_more_rows(boss, model):
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    row = a_row(model)
    add_copies(row, 4)
    boss.get(url)
    few = queries(boss, url)
    add_copies(row, 45)

    assert model._base_manager.count() >= 50
    assert queries(boss, url) == few <= 15
