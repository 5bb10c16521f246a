"""Restores a backup: `.venv/bin/python -m deploy.restore FOLDER/20260228T031500Z`, while web and worker are stopped.

It only writes into an empty database and an empty PRIVATE_MEDIA_ROOT. Then it migrates, erases again everybody who was
erased since the backup (which is why ERASURE_LOG must be there), verifies the ledger, and makes the public pictures.
"""

import argparse
import json
import os
import sqlite3
import sys
import tarfile
from contextlib import closing, suppress
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from deploy.backup import DATABASES, MANIFEST, MASTERS, masters_on_disk, run_postgres, set_up


def main() -> None:
    parser = argparse.ArgumentParser(prog="deploy.restore", description="Restores a backup into an empty site.")
    parser.add_argument("backup", type=Path, help="the folder of one backup")
    parser.add_argument(
        "--without-erasure-log",
        action="store_true",
        help="go on though ERASURE_LOG is missing: people who were erased since come back",
    )
    parser.add_argument(
        "--erasure-log",
        action="append",
        default=[],
        type=Path,
        metavar="PATH",
        help="the ERASURE_LOG of another machine that serves the site, or a copy of it; once for each",
    )
    arguments = parser.parse_args()
    set_up()
    manifest = read_manifest(arguments.backup)
    root = masters_on_disk()
    refuse_unless_empty(root)
    if not settings.ERASURE_LOG.exists() and not arguments.without_erasure_log:
        stop(f"ERASURE_LOG ({settings.ERASURE_LOG}) is missing. People who were erased since would come back.")
    for path in arguments.erasure_log:
        if not path.is_file():
            stop(f"{path}, given as --erasure-log, is no file. People who were erased since would come back.")
    restore_database(arguments.backup / DATABASES[connection.vendor])
    if root:
        restore_masters(arguments.backup / MASTERS, root)
    call_command("migrate", verbosity=0)
    call_command("reapply_erasures", *map(str, arguments.erasure_log))
    call_command("verify_ledger", *(["--head", manifest["ledger_head"]] if manifest["ledger_head"] else []))
    make_public_pictures()


def stop(why: str) -> None:
    sys.exit(f"deploy.restore: {why}")


def read_manifest(backup: Path) -> dict[str, str]:
    try:
        manifest = json.loads((backup / MANIFEST).read_text())
    except (OSError, ValueError):
        stop(f"{backup} is not a complete backup.")
    if manifest["database"] != connection.vendor:
        stop(f"the backup is of {manifest['database']}, but DATABASE_URL names {connection.vendor}.")
    has_masters = (backup / MASTERS).exists()
    if masters_on_disk() and not has_masters:
        stop(f"the masters were in {manifest['masters']} and are not in the backup: set PRIVATE_STORAGE_URL.")
    if has_masters and not masters_on_disk():
        stop(
            f"the backup holds masters: copy those of {backup / MASTERS} into the bucket, or empty PRIVATE_STORAGE_URL."
        )
    return manifest


def refuse_unless_empty(root: Path | None) -> None:
    if connection.introspection.table_names():
        stop("the database is not empty. Create a new one, and name it in DATABASE_URL.")
    if root and root.exists() and any(root.iterdir()):
        stop(f"PRIVATE_MEDIA_ROOT ({root}) is not empty. Move what is in it elsewhere.")


def restore_database(dump: Path) -> None:
    if connection.vendor == "postgresql":
        options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
        run_postgres("pg_restore", *options, str(dump))
        return
    connection.ensure_connection()
    with closing(sqlite3.connect(dump)) as copy:
        copy.backup(connection.connection)


def restore_masters(archive: Path, root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        tar.extractall(root, filter="data")
    os.sync()


def make_public_pictures() -> None:
    """Makes the public files of all public photos. One whose master is missing was deleted during the backup."""
    with suppress(SystemExit):  # with 1 if a photo is lost, which it has named
        call_command("check_files")


if __name__ == "__main__":
    main()
