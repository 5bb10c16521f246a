"""What was published stays, whoever asks the database."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from core import immutable_rows
from privacy.models import PolicyVersion
from tests.privacy.factories import make_draft, publish_policy

pytestmark = pytest.mark.django_db


def execute(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount


def rows():
    return list(PolicyVersion.objects.order_by("pk").values())


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE privacy_policyversion SET text_en = 'We sell it all.'",
        "UPDATE privacy_policyversion SET published_at = NULL, number = NULL, snapshot = NULL",
        "UPDATE privacy_policyversion SET id = id + 100",
        "UPDATE privacy_policyversion SET number = number + 1",
        "DELETE FROM privacy_policyversion",
        "DELETE FROM privacy_policyversion WHERE number = 1",
    ],
)
def test_published_version_is_refused_by_the_database(sql):
    before = rows()

    with pytest.raises(IntegrityError, match="this row stays as it is"), transaction.atomic():
        execute(sql)

    assert rows() == before


@pytest.mark.parametrize("table", ["privacy_policyversion", "auth_user"])
def test_published_version_is_in_no_emptied_table(table):
    # SQLite empties tables by a DELETE, which cascades nowhere.
    on_sqlite, on_postgresql = "DELETE FROM privacy_policyversion", f"TRUNCATE {table} CASCADE"
    sql = on_postgresql if connection.vendor == "postgresql" else on_sqlite

    with pytest.raises(IntegrityError, match="this row stays as it is"), transaction.atomic():
        execute(sql)

    assert PolicyVersion.objects.published().count() == 1


@pytest.mark.parametrize("key", ["id", "number"])
def test_published_version_is_replaced_by_nobody(key):
    before = rows()
    columns = [field.column for field in PolicyVersion._meta.local_fields]
    new = {"id": "id + 100", "number": "number + 100"}
    new.pop(key)
    values = [{"text_en": "'We sell it all.'", **new}.get(column, column) for column in columns]
    select = f"({', '.join(columns)}) SELECT {', '.join(values)} FROM privacy_policyversion WHERE true"  # noqa: S608  ours
    if connection.vendor == "sqlite":
        sql = f"INSERT OR REPLACE INTO privacy_policyversion {select}"
    else:
        sql = f"INSERT INTO privacy_policyversion {select} ON CONFLICT ({key}) DO UPDATE SET text_en = excluded.text_en"

    with pytest.raises(IntegrityError, match="this row stays as it is"), transaction.atomic():
        execute(sql)

    assert rows() == before


def test_published_version_is_not_pushed_away_by_a_draft():
    draft = make_draft()
    change = "privacy_policyversion SET number = 1, published_at = drafted_at, snapshot = '{}' WHERE id = %s"
    way = "UPDATE OR REPLACE" if connection.vendor == "sqlite" else "UPDATE"

    with pytest.raises(IntegrityError), transaction.atomic():
        execute(f"{way} {change}", draft.pk)

    assert list(PolicyVersion.objects.published().values_list("number", flat=True)) == [1]


def test_draft_may_be_changed_and_deleted():
    draft = make_draft()

    assert execute("UPDATE privacy_policyversion SET text_en = 'Better.' WHERE id = %s", draft.pk) == 1
    assert execute("DELETE FROM privacy_policyversion WHERE id = %s", draft.pk) == 1


def test_guards_are_put_on_twice_without_harm():
    immutable_rows.install()
    immutable_rows.install()

    with pytest.raises(DatabaseError), transaction.atomic():
        execute("DELETE FROM privacy_policyversion")


def test_guards_are_back_after_they_were_lifted():
    with immutable_rows.lifted():
        assert execute("UPDATE privacy_policyversion SET summary_en = 'x'") == 1

    with pytest.raises(IntegrityError), transaction.atomic():
        execute("UPDATE privacy_policyversion SET summary_en = 'y'")


def test_guards_are_back_after_an_error_while_they_were_lifted():
    with pytest.raises(ZeroDivisionError), immutable_rows.lifted():
        1 / 0  # noqa: B018  on purpose

    with pytest.raises(IntegrityError), transaction.atomic():
        execute("DELETE FROM privacy_policyversion")


@pytest.mark.django_db(transaction=True)
def test_flush_wipes_everything_and_leaves_the_first_version_and_the_guards():
    publish_policy()

    call_command("flush", interactive=False, verbosity=0)

    assert [version.number for version in PolicyVersion.objects.all()] == [1]
    with pytest.raises(IntegrityError), transaction.atomic():
        execute("DELETE FROM privacy_policyversion")


@pytest.mark.django_db(transaction=True)
def test_migrating_again_changes_no_version():
    before = rows()

    call_command("migrate", verbosity=0)

    assert rows() == before


@pytest.mark.django_db(transaction=True)
def test_guards_come_back_with_the_next_migration():
    if connection.vendor == "sqlite":  # rebuilds a table that is altered, and the triggers are gone
        field = PolicyVersion._meta.get_field("summary_en")
        with connection.schema_editor() as editor:
            editor._remake_table(PolicyVersion, alter_fields=[(field, field)])
    else:
        immutable_rows.remove()

    call_command("migrate", verbosity=0)

    with pytest.raises(IntegrityError), transaction.atomic():
        execute("DELETE FROM privacy_policyversion")
