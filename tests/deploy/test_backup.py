"""A backup, an erasure, a restore: whoever was erased stays erased, and the ledger is whole."""

import json
import re
import sqlite3
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage, storages
from django.db import connection

from core.moderation import Status
from deploy.backup import copy_masters, delete_old
from pageant.sponsors.exports import hand_over
from privacy.models import Disclosure
from privacy.registry.finders import Subject
from privacy.rights import erasure
from tests.core.buckets import KEYS, names_in
from tests.core.concurrency import database_url, run
from tests.core.factories import SMALL, make_staff
from tests.pageant.factories import answer, make_cosponsorship, make_entry

ANH, BINH = "anh@example.com", "binh@example.com"


@pytest.fixture
def site(settings):
    """The variables of the site that is backed up."""
    return {
        "SECRET_KEY": settings.SECRET_KEY,
        "ALLOWED_HOSTS": "vietmusic.example",
        "DATABASE_URL": database_url(),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "PRIVATE_MEDIA_ROOT": str(settings.PRIVATE_MEDIA_ROOT),
        "ERASURE_LOG": str(settings.ERASURE_LOG),
    }


@pytest.fixture
def empty_site(site, tmp_path) -> Iterator[dict[str, str]]:
    """The variables of a new site on the same machine, with a database that has no tables."""
    restored = f"{connection.settings_dict['NAME']}_restored"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {restored} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {restored} TEMPLATE template0")
        url = f"{database_url()}_restored"
    else:
        url = f"sqlite:///{tmp_path / 'restored.sqlite3'}"
    folders = {"MEDIA_ROOT": str(tmp_path / "new-media"), "PRIVATE_MEDIA_ROOT": str(tmp_path / "new-private")}
    yield {**site, **folders, "DATABASE_URL": url}
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {restored} WITH (FORCE)")


def make_backup(site: dict[str, str], folder: Path) -> Path:
    made = run(["-m", "deploy.backup", str(folder)], **site)
    assert (made.returncode, made.stderr) == (0, "")
    return Path(made.stdout.strip())


def everything_in(database: str) -> str:
    """All that the restored database holds, as one text."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as rows:
            return "\n".join(rows.iterdump())
    here = connection.settings_dict
    command = ["pg_dump", f"--host={here['HOST']}", f"--username={here['USER']}", f"{here['NAME']}_restored"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def files_below(folder: str) -> set[str]:
    return {path.name for path in Path(folder).rglob("*") if path.is_file()}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_person_erased_since_the_backup_is_gone_after_the_restore(site, empty_site, tmp_path):
    cosponsorship = make_cosponsorship()
    gone, kept = [
        make_entry(cosponsorship.pageant, email=email, display_name=name, size=SMALL)
        for email, name in ((ANH, "Ánh Nguyệt"), (BINH, "Bình Minh"))
    ]
    for entry in (gone, kept):
        answer(entry, cosponsorship)
    hand_over(cosponsorship, BytesIO(), by=make_staff(group="Privacy officers"))
    lost, left = gone.photos.get(), kept.photos.get()
    pending = make_entry(email=BINH, status=Status.WAITING, size=SMALL).photos.get()
    backup = make_backup(site, tmp_path / "backups")
    erasure.erase(Subject.of(ANH))

    restored = run(["-m", "deploy.restore", str(backup)], **empty_site)

    assert (restored.returncode, restored.stderr) == (0, "")
    assert int(re.search(r"([0-9]+)  rows had come back and were erased again", restored.stdout)[1]) >= 3
    assert "The ledger is whole: 3 rows." in restored.stdout  # two hand-overs, and the recall of one
    assert "1  public ones lacked files; 1 have them again" in restored.stdout
    assert "0  photos are lost" in restored.stdout
    held = everything_in(empty_site["DATABASE_URL"])
    assert [word in held for word in (ANH, "Ánh Nguyệt", lost.key)] == [False] * 3
    assert [word in held for word in (BINH, "Bình Minh", left.key)] == [True] * 3
    assert files_below(empty_site["PRIVATE_MEDIA_ROOT"]) == {f"{left.key}.jpg", f"{pending.key}.jpg"}
    assert files_below(empty_site["MEDIA_ROOT"]) == {Path(name).name for name in left.rendition_names()}
    assert Disclosure.objects.count() == 3  # as on the site itself
    again = run(["-m", "deploy.restore", str(backup)], **empty_site)
    assert (again.returncode, again.stdout) == (1, "")
    assert "the database is not empty" in again.stderr


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_restore_refuses_to_go_on_without_the_erasure_log(site, empty_site, tmp_path):
    backup = make_backup(site, tmp_path / "backups")

    refused = run(["-m", "deploy.restore", str(backup)], **empty_site)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"ERASURE_LOG ({site['ERASURE_LOG']}) is missing" in refused.stderr


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_masters_in_a_bucket_stay_there(site, empty_site, s3, in_bucket, tmp_path, settings):
    settings.ERASURE_LOG.write_text("")
    kept, deleted = make_entry(size=SMALL).photos.get(), make_entry(size=SMALL).photos.get()
    bucket = {
        f"{name}_STORAGE_URL": f"s3://{in_bucket}/{folder}?endpoint={s3}"
        for name, folder in (("MEDIA", "public"), ("PRIVATE", "private"))
    }
    backup = make_backup({**site, **bucket, **KEYS}, tmp_path / "backups")
    deleted.delete()  # as on somebody's wish, after the backup
    default_storage.delete(kept.rendition_names()[0])

    refused = run(["-m", "deploy.restore", str(backup)], **empty_site)
    restored = run(["-m", "deploy.restore", str(backup)], **{**empty_site, **bucket, **KEYS})

    assert json.loads((backup / "manifest.json").read_text())["masters"] == f"s3://{in_bucket}/private"
    assert not (backup / "private.tar").exists()
    assert (refused.returncode, "set PRIVATE_STORAGE_URL" in refused.stderr) == (1, True)
    assert (restored.returncode, restored.stderr) == (0, "")
    assert "1  public ones lacked files; 1 have them again" in restored.stdout
    assert "1  photos are lost" in restored.stdout
    assert names_in(storages["default"]) == sorted(kept.rendition_names())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_backup_leaves_out_what_must_not_come_back(site, settings, tmp_path):
    settings.ERASURE_LOG.write_text("{}\n")
    settings.VISIT_SPOOL.mkdir()

    backup = make_backup(site, tmp_path / "backups")

    names = {f"database.{'pgdump' if connection.vendor == 'postgresql' else 'sqlite3'}", "private.tar", "manifest.json"}
    assert {path.name for path in backup.iterdir()} == names
    assert {oct(path.stat().st_mode & 0o777) for path in backup.iterdir()} == {"0o600"}
    assert oct(backup.stat().st_mode & 0o777) == "0o700"
    assert json.loads((backup / "manifest.json").read_text())["ledger_head"] == ""


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ({"ERASURE_LOG": "{private}/erasures.jsonl"}, "ERASURE_LOG lies inside PRIVATE_MEDIA_ROOT"),
        ({"MEDIA_ROOT": "{folder}"}, "backups must not lie inside MEDIA_ROOT"),
    ],
)
@pytest.mark.slow
@pytest.mark.django_db
def test_backup_refuses_paths_that_would_give_data_away(site, tmp_path, variables, why):
    folder = tmp_path / "backups"
    paths = {"private": site["PRIVATE_MEDIA_ROOT"], "folder": folder}

    refused = run(
        ["-m", "deploy.backup", str(folder)], **site | {name: path.format(**paths) for name, path in variables.items()}
    )

    assert (refused.returncode, refused.stdout, folder.exists()) == (1, "", False)
    assert why in refused.stderr


@pytest.mark.django_db
def test_master_that_is_deleted_while_it_is_copied_does_not_stop_the_backup(settings, tmp_path, monkeypatch):
    entries = [make_entry(size=SMALL, status=Status.WAITING) for _ in range(2)]
    gone, kept = sorted(settings.PRIVATE_MEDIA_ROOT.rglob("*.jpg"))
    is_file = Path.is_file
    # Deleted between the look at the folder and the opening of the file.
    monkeypatch.setattr(Path, "is_file", lambda path: is_file(path) and (path != gone or path.unlink() is None))

    assert (copy_masters(settings.PRIVATE_MEDIA_ROOT, tmp_path / "private.tar"), len(entries)) == (1, 2)

    assert tar_names(tmp_path / "private.tar") == [str(kept.relative_to(settings.PRIVATE_MEDIA_ROOT))]


def tar_names(archive: Path) -> list[str]:
    with tarfile.open(archive) as tar:
        return tar.getnames()


def test_only_old_backups_are_deleted(tmp_path):
    for name in ("20260101T000000Z", "20260101T000000Z.partial", "20260103T000000Z", "20260101-by-hand"):
        (tmp_path / name).mkdir()

    delete_old(tmp_path, before=datetime(2026, 1, 2, tzinfo=UTC))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["20260101-by-hand", "20260103T000000Z"]
