"""Backs up the site: `.venv/bin/python -m deploy.backup FOLDER`, from the folder that holds manage.py.

Each backup is a folder named by its time in UTC, with the database, the masters of photos, and a manifest that is
written last. The database is dumped first, since a master is written before its row and deleted after it: whatever a
row of the dump needs is there when the masters are read, unless it was deleted in between, on somebody's request.
What was uploaded in between has no row; the site's own jobs sweep it after a restore.

Masters in a bucket (PRIVATE_STORAGE_URL) stay there: its own versions keep those that are deleted (docs/deploy.md).

Left out: the settings (`.env` holds SECRET_KEY, which names the people behind digests), ERASURE_LOG (which must be
newer than any backup), visits that wait in VISIT_SPOOL, and public pictures, which `deploy.restore` makes anew.
"""

import argparse
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient

from core.durable_files import sync_folder
from core.file_storage import private_storage

DATABASES = {"postgresql": "database.pgdump", "sqlite": "database.sqlite3"}
MASTERS = "private.tar"
MANIFEST = "manifest.json"
NAME = "%Y%m%dT%H%M%SZ"
BACKUP = re.compile(r"[0-9]{8}T[0-9]{6}Z(\.partial)?")


def main() -> None:
    parser = argparse.ArgumentParser(prog="deploy.backup", description="Backs up the database and private photos.")
    parser.add_argument("folder", type=Path, help="where backups are kept, each in a folder of its own")
    parser.add_argument("--keep", type=int, default=14, metavar="DAYS", help="delete older backups (default: 14)")
    arguments = parser.parse_args()
    if arguments.keep < 1:
        parser.error("--keep must be 1 or more")
    set_up()
    refuse_unsafe_paths(arguments.folder.resolve())
    now = datetime.now(UTC)
    print(back_up(arguments.folder, now=now))
    delete_old(arguments.folder, before=now - timedelta(days=arguments.keep))


def set_up() -> None:
    """Reads the site's settings. Everything that is written from now on is for the site's user alone."""
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vietmusic.settings")
    django.setup()


def masters_on_disk() -> Path | None:
    """The folder of the masters, or None if they are in a bucket."""
    storage = private_storage()
    return Path(storage.location) if isinstance(storage, FileSystemStorage) else None


def refuse_unsafe_paths(folder: Path) -> None:
    if settings.ERASURE_LOG.is_relative_to(settings.PRIVATE_MEDIA_ROOT):
        sys.exit("deploy.backup: ERASURE_LOG lies inside PRIVATE_MEDIA_ROOT, so a restore would bring an old one back.")
    for name in ("MEDIA_ROOT", "PRIVATE_MEDIA_ROOT"):
        if folder.is_relative_to(getattr(settings, name)):
            sys.exit(f"deploy.backup: backups must not lie inside {name}.")


def back_up(folder: Path, *, now: datetime) -> Path:
    """Makes a backup and returns its folder, which has its final name only when it is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{now:{NAME}}.partial"
    partial.mkdir()
    head = ledger_head()  # before the dump, so that the dump has at least this row
    dump_database(partial / DATABASES[connection.vendor])
    root = masters_on_disk()
    missing = copy_masters(root, partial / MASTERS) if root else 0
    manifest = {
        "made_at": now.isoformat(timespec="seconds"),
        "database": connection.vendor,
        "ledger_head": head,
        "deleted_meanwhile": missing,
        "masters": MASTERS if root else private_storage().place,
    }
    (partial / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")
    os.sync()
    complete = partial.rename(folder / f"{now:{NAME}}")
    sync_folder(folder)
    return complete


def ledger_head() -> str:
    """The head of the ledger as `manage.py verify_ledger` prints it, or "" while the ledger is empty."""
    last = apps.get_model("privacy.Disclosure").objects.order_by("-number").first()
    return f"{last.number}:{last.hash}" if last else ""


def dump_database(file: Path) -> None:
    if connection.vendor == "postgresql":
        run_postgres("pg_dump", "--format=custom", f"--file={file}")
        return
    connection.ensure_connection()
    with closing(sqlite3.connect(file)) as copy:
        connection.connection.backup(copy)


def run_postgres(program: str, *arguments: str) -> None:
    """Runs one of PostgreSQL's programs on the site's database; the password is in no command line."""
    command, secrets = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    *options, database = command[1:]
    connection.close()
    subprocess.run(  # noqa: S603  our own code names the program
        [program, *options, f"--dbname={database}", *arguments], env={**os.environ, **(secrets or {})}, check=True
    )


def copy_masters(root: Path, archive: Path) -> int:
    """Copies all masters; returns how many were deleted while it did."""
    missing = 0
    with tarfile.open(archive, "w") as tar:
        for path in sorted(root.rglob("*")):
            try:
                if path.is_file():
                    tar.add(path, arcname=path.relative_to(root), recursive=False)
            except FileNotFoundError:  # tarfile opens a file before it writes its header, so the archive stays whole
                missing += 1
    return missing


def delete_old(folder: Path, *, before: datetime) -> None:
    """Deletes backups older than that, incomplete ones included. Anything else in the folder stays."""
    for path in sorted(folder.iterdir()):
        if BACKUP.fullmatch(path.name):
            made_at = datetime.strptime(path.name.removesuffix(".partial"), NAME).replace(tzinfo=UTC)
            if made_at < before:
                shutil.rmtree(path)


if __name__ == "__main__":
    main()
