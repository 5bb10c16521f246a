"""A filled site moves whole to another database, SQLite's to PostgreSQL's for one."""

import json
import subprocess
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from tests.core.concurrency import SECONDS, database_url, run
from tests.core.factories import make_staff
from tests.core.migrated import Migrated
from tests.privacy.factories import publish_policy
from tests.privacy.rows import MAKERS, make_row
from vietmusic.management.commands import copy_site

AFTERWARDS = """
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction

call_command("verify_ledger", "--head", "HEAD")
print(User.objects.create_user("next").pk > User.objects.order_by("pk").first().pk)
for table in ("privacy_disclosure", "privacy_policyversion"):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")
    except Exception as error:
        print(str(error).splitlines()[0])
"""


@pytest.fixture
def middle(migrated: Migrated, tmp_path: Path) -> str:
    """The address of a new database of SQLite."""
    path = tmp_path / "middle.sqlite3"
    if connection.vendor == "sqlite":
        migrated.copy(str(path))
    else:
        manage(f"sqlite:///{path}", "migrate", "-v0")
    return f"sqlite:///{path}"


@pytest.fixture
def last(migrated: Migrated, tmp_path: Path) -> Iterator[str]:
    """The address of a new database of the kind that the tests run on."""
    if connection.vendor == "sqlite":
        path = tmp_path / "last.sqlite3"
        migrated.copy(str(path))
        yield f"sqlite:///{path}"
        return
    name = f"{connection.settings_dict['NAME']}_copied"
    migrated.copy(name)
    yield f"{database_url()}_copied"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(database: str, *arguments: str) -> str:
    """What `manage.py` prints, with that database."""
    done = run_manage(database, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def run_manage(database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {"DEBUG": "on", "SECRET_KEY": settings.SECRET_KEY, "DATABASE_URL": database}
    return run(["manage.py", *arguments], seconds=10 * SECONDS, **variables)


def rows_in(alias: str) -> dict[str, list[dict[str, Any]]]:
    return {
        model._meta.label: list(copy_site.rows_in(alias, model).order_by("pk").values())
        for model in copy_site.all_models()
    }


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_filled_site_is_the_same_after_two_moves(middle, last):
    for label in MAKERS:
        make_row(label)
    publish_policy(text_en="The second one")
    before = rows_in("default")
    dumped = StringIO()
    call_command("dumpdata", stdout=dumped)

    for source, target in ((database_url(), middle), (middle, last)):
        printed = manage(target, "copy_site", "--from", source)
    head = printed.split("Its head is ")[1].strip()

    with copy_site.opened(last):
        after = rows_in("source")
    assert after == before
    assert {label for label, rows in after.items() if rows} >= set(MAKERS) - set(copy_site.MADE_BY_TRIGGERS)
    assert len(json.loads(dumped.getvalue())) > len(MAKERS)
    verified = StringIO()
    call_command("verify_ledger", "--head", head, stdout=verified)
    assert manage(last, "shell", "--no-imports", "-c", AFTERWARDS.replace("HEAD", head)).splitlines() == [
        *verified.getvalue().splitlines(),
        "True",
        "privacy_disclosure: this row stays as it is",
        "privacy_policyversion: this row stays as it is",
    ]
    again = run_manage(last, "copy_site", "--from", middle)
    assert (again.returncode, again.stdout, again.stderr.count("\n")) == (1, "", 1)
    assert "The new database is not empty" in again.stderr


# What is refused, in one line


@pytest.fixture
def nothing(tmp_path: Path) -> str:
    (tmp_path / "nothing.sqlite3").touch()
    return f"sqlite:///{tmp_path / 'nothing.sqlite3'}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("{nothing}", "The database in --from lacks migrations of this version."),
        ("{nothing}.missing", "Nothing was copied: unable to open database file"),
        ("{itself}", "--from names the same database as DATABASE_URL"),
        ("mysql://somewhere/site", "--from must look like sqlite:////path/to/file"),
        ("db.sqlite3", "--from must look like sqlite:////path/to/file"),
    ],
)
def test_source_that_is_no_site_is_refused(nothing, url, why):
    with pytest.raises(CommandError, match=f"^{why}") as refused:
        call_command("copy_site", "--from", url.format(nothing=nothing, itself=database_url()))

    assert "\n" not in str(refused.value)


@pytest.mark.django_db
@pytest.mark.parametrize("fill", [make_staff, publish_policy])
def test_database_that_is_not_new_is_refused(nothing, fill):
    fill()

    with pytest.raises(CommandError, match=r"^The new database is not empty: it has rows of [\w.]+\."):
        call_command("copy_site", "--from", nothing)


@pytest.mark.django_db
def test_loading_a_dump_is_refused_and_says_what_to_do_instead(tmp_path):
    with pytest.raises(CommandError, match="copy_site"):
        call_command("loaddata", str(tmp_path / "dump.json"))
