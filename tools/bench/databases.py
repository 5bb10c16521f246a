"""The databases of the bench: made, migrated and filled where they aren't yet."""

from django.db import connection

from tools.bench.processes import environment, run


def prepare(folder: str, *, entries: int, listings: int) -> dict[str, str]:
    """The environment for a site with that many entries."""
    env = environment(folder, url_of(f"bench_{entries}", folder))
    run("manage.py", "migrate", "--verbosity", "0", env=env)
    run("-m", "tools.bench.million", "--entries", str(entries), "--listings", str(listings), env=env)
    return env


def add_lists(env: dict[str, str]) -> None:
    """What django-photologue shows, in tables of its own."""
    env = env | {"DJANGO_SETTINGS_MODULE": "tools.bench.list_settings"}
    run("manage.py", "migrate", "--verbosity", "0", "--skip-checks", env=env)
    run("-c", "import django; django.setup(); from tools.bench import lists; lists.fill()", env=env)


def url_of(name: str, folder: str) -> str:
    """A database beside the one that the bench was given; on PostgreSQL it stays there for the next run."""
    if connection.vendor != "postgresql":
        return f"sqlite:///{folder}/{name}.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if not cursor.fetchone():
            cursor.execute(f"CREATE DATABASE {name}")
    host, user = connection.settings_dict["HOST"], connection.settings_dict["USER"]
    return f"postgres://{user}@/{host.replace('/', '%2F')}/{name}"
