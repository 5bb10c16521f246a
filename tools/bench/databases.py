"""The databases of the bench: made, migrated and filled where they aren't yet."""

import shutil
from pathlib import Path

from django.db import connection

from tools.bench.processes import environment, run


def prepare(folder: str, *, entries: int, listings: int, url: str = "") -> dict[str, str]:
    """The environment for a site with that many entries, or for the one at `url`, which is filled only if empty."""
    made = "" if url else make(f"bench_{entries}", folder)
    env = environment(folder, url or made or url_of(f"bench_{entries}", folder))
    if not made:
        run("manage.py", "migrate", "--verbosity", "0", env=env)
    run("-m", "tools.bench.million", "--entries", str(entries), "--listings", str(listings), env=env)
    return env


def add_lists(env: dict[str, str]) -> None:
    """What django-photologue shows, in tables of its own."""
    env = env | {"DJANGO_SETTINGS_MODULE": "tools.bench.list_settings"}
    run("manage.py", "migrate", "--verbosity", "0", "--skip-checks", env=env)
    run("-c", "import django; django.setup(); from tools.bench import lists; lists.fill()", env=env)


def make(name: str, folder: str) -> str:
    """The URL of a new database, a copy of the migrated one that the bench was given; empty if it is there already.

    On PostgreSQL it stays there for the next run.
    """
    if connection.vendor != "postgresql":
        connection.close()
        shutil.copy(connection.settings_dict["NAME"], Path(folder) / f"{name}.sqlite3")
        return url_of(name, folder)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone():
            return ""
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {connection.ops.quote_name(connection.settings_dict['NAME'])}")
    return url_of(name, folder)


def url_of(name: str, folder: str) -> str:
    if connection.vendor != "postgresql":
        return f"sqlite:///{folder}/{name}.sqlite3"
    host, user = connection.settings_dict["HOST"], connection.settings_dict["USER"]
    return f"postgres://{user}@/{host.replace('/', '%2F')}/{name}"
