"""Whatever the address of a page of the admin says, it never ends as a server error."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models, transaction
from django.test import Client
from django.urls import reverse

from tests.privacy.rows import make_row

pytestmark = pytest.mark.django_db

HUGE = "9" * 30
LISTS = [
    # All that Django reads itself, and makes the best of
    "o=99.-1&all=&q=%22&e=1&_facets=True&_changelist_filters=id__in%3Da",
    "o=a.&p=-1&all=1&_popup=1&_to_field=id",
    f"o={HUGE}&p={HUGE}",
    "p=99999999999",
    "q=%00",
    "_popup=1&_to_field=email",
    "_popup=1&_to_field=nothing",
    # Filters that no list offers
    "id__in=a",
    "id__range=1,2,3",
    "id__regex=(",
    f"id__gt={HUGE}",
    "nothing=1",
    "e=1&nothing=1",
    "=&__=1&[]=1",
]
DATES = ["year=99999", f"year={HUGE}", "month=13", "gte=2026-02-30"]
PAGES = ["_popup=1&_to_field=email", "_to_field=pk", "_changelist_filters=%2500%26id__in%3Da&nothing=%FF"]
KEYS = [HUGE, "a"]


def address(model: type[models.Model], page: str, *arguments: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def odd_lists(model: type[models.Model]) -> Iterator[str]:
    dates = [field.name for field in model._meta.fields if isinstance(field, models.DateField)]
    queries = [*LISTS, *(f"{name}__{query}" for name in dates[:1] for query in DATES)]
    return (f"{address(model, 'changelist')}?{query}" for query in queries)


def odd_pages(model: type[models.Model]) -> Iterator[str]:
    row = model._base_manager.order_by("pk").first()
    pages = [address(model, page, row.pk) for page in ("change", "history", "delete")] if row else []
    values = "&".join(f"{field.name}={HUGE},a" for field in model._meta.get_fields())
    yield f"{address(model, 'add')}?{values}"
    yield from (f"{page}?{query}" for page in [address(model, "add"), *pages[:1]] for query in PAGES)
    yield from (f"{page}?{PAGES[-1]}" for page in pages[1:])
    yield from (f"{address(model, 'changelist')}{key}/change/?{PAGES[-1]}" for key in KEYS)


@pytest.fixture
def boss(settings) -> Client:
    settings.WORK = "worker"
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("boss"))
    return client


def status(client: Client, path: str, method: str = "get") -> int:
    """PostgreSQL answers nothing more in a transaction after an error, so each request gets a part that is undone."""
    savepoint = transaction.savepoint()
    try:
        return getattr(client, method)(path).status_code
    finally:
        transaction.savepoint_rollback(savepoint)


def test_odd_query_of_a_list_is_no_server_error(boss):
    answers = {path: status(boss, path) for model in admin.site._registry for path in odd_lists(model)}

    assert len(answers) > 20 * len(LISTS)
    assert {path: code for path, code in answers.items() if code not in {200, 302, 400}} == {}


def test_odd_query_of_a_page_is_no_server_error(boss):
    make_row("pageant.Entry")
    make_row("suggestions.Suggestion")
    answers = {path: status(boss, path) for model in admin.site._registry for path in odd_pages(model)}

    assert {path: code for path, code in answers.items() if code not in {200, 302, 400, 403}} == {}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "query",
    ["date_joined__year=99999", "date_joined__year=0", "last_login__year=9999999", "e=1&nothing=1", "_to_field=email"],
)
def test_what_cannot_be_read_is_a_bad_request_in_words(boss, query, method):
    response = getattr(boss, method)(f"/admin/auth/user/?{query}")

    assert response.status_code == 400
    assert "We could not understand that" in response.content.decode()


def test_query_that_our_pages_send_is_answered(boss):
    html = boss.get("/admin/auth/user/?is_staff__exact=1&o=-1&q=boss&p=1").content.decode()

    assert "boss" in html


def test_error_without_a_query_stays_an_error(boss, monkeypatch):
    def broken(*arguments: object) -> None:
        raise ValueError

    monkeypatch.setattr("django.contrib.auth.admin.UserAdmin.get_queryset", broken)

    assert status(boss, "/admin/auth/user/") == 500
