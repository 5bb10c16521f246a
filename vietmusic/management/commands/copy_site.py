"""`manage.py copy_site --from URL`: copies a whole site into a new database, from SQLite to PostgreSQL for one.

Rows are copied as they are, with their keys, times and hashes: models do nothing of what they do on saving. Files are
no part of it; they stay where the settings say.
"""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.management.color import no_style
from django.db import Error, connection, connections, models, reset_queries, transaction
from django.db.backends.postgresql.psycopg_any import IsolationLevel
from django.db.migrations.executor import MigrationExecutor
from environ import Env

from core import hash_chain, immutable_rows
from privacy.models import Disclosure, PolicyVersion
from privacy.sharing import ledger

SOURCE, TARGET = "source", "default"  # as Django names the two databases
BATCH = 1000  # rows that are in memory at a time
# What `migrate` writes into a new database. The source's take their place: other rows name them by their keys.
MADE_BY_MIGRATE = ("auth.Group_permissions", "auth.Group", "auth.Permission", "contenttypes.ContentType",
                   "privacy.DigestKey", "privacy.PolicyVersion", "suggestions.Category")  # fmt: skip

MADE_BY_TRIGGERS = ("core.PageVersion", "pageant.PublicHobby")  # of the rows that are copied


class Command(BaseCommand):
    help = (
        "Copies all rows of a site into the database that DATABASE_URL names, which must be new: just migrated, and "
        "otherwise empty. Then compares how many there are, and verifies the ledger. It does all of that or nothing. "
        "Stop web and worker before. Files (photos, spool, ERASURE_LOG) stay where they are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from",
            dest="url",
            required=True,
            metavar="URL",
            help="the site's database, like sqlite:////srv/db.sqlite3",
        )

    def handle(self, *args: object, url: str, **options: object) -> None:
        try:
            with opened(url), transaction.atomic(using=SOURCE), transaction.atomic(using=TARGET):
                refuse_unless_migrated(TARGET, "The new database")
                refuse_unless_new()
                refuse_unless_migrated(SOURCE, "The database in --from")
                empty()
                counts = {model._meta.label: copy(model) for model in all_models()}
                connection.check_constraints()
                head = verify(counts)
                begin_sequences_behind()
        except (Error, ValueError) as error:
            raise CommandError(f"Nothing was copied: {' '.join(str(error).split())}") from error
        ContentType.objects.clear_cache()
        for label, count in counts.items():
            if count:
                self.stdout.write(f"{count:>9}  {label}")
        self.stdout.write(f"{sum(counts.values()):>9}  rows copied")
        self.stdout.write(f"The ledger is whole: {head[0]} rows.")
        if head[0]:
            self.stdout.write(f"Its head is {head[0]}:{head[1]}")


@contextmanager
def opened(url: str) -> Iterator[None]:
    """The database to copy from, as one that Django knows. Nothing is written to it."""
    connections.settings[SOURCE] = connections.configure_settings({TARGET: {}, SOURCE: read_only(url)})[SOURCE]
    try:
        with connections[SOURCE].wrap_database_errors:
            connections[SOURCE].connect()
        yield
    finally:
        connections[SOURCE].close()
        del connections[SOURCE], connections.settings[SOURCE]


def read_only(url: str) -> dict[str, Any]:
    if not re.match(r"(postgres(ql)?|sqlite)://", url):
        raise CommandError("--from must look like sqlite:////path/to/file or postgres://user:password@host/name.")
    config = Env.db_url_config(url)
    if all(config[key] == connection.settings_dict[key] for key in ("ENGINE", "NAME", "HOST", "PORT")):
        raise CommandError("--from names the same database as DATABASE_URL, which is the new one.")
    if config["ENGINE"] == "django.db.backends.sqlite3":
        return {**config, "NAME": f"file:{quote(str(Path(config['NAME']).absolute()))}?mode=ro"}
    # All tables as they are at one moment.
    options = {"isolation_level": IsolationLevel.REPEATABLE_READ, "options": "-c default_transaction_read_only=on"}
    return {**config, "OPTIONS": options}


def refuse_unless_migrated(alias: str, what: str) -> None:
    executor = MigrationExecutor(connections[alias])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError(f"{what} lacks migrations of this version. Run `manage.py migrate` on it first.")


def refuse_unless_new() -> None:
    filled = [model._meta.label for model in all_models() if rows_in(TARGET, model).exists()]
    used = [label for label in filled if label not in MADE_BY_MIGRATE]
    if used or PolicyVersion.objects.count() > 1:
        raise CommandError(
            f"The new database is not empty: it has rows of {used[0] if used else 'privacy.PolicyVersion'}. Create "
            "another one, name it in DATABASE_URL and run `manage.py migrate`."
        )


def all_models() -> list[type[models.Model]]:
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return [model for model in models if model._meta.label not in MADE_BY_TRIGGERS]


def rows_in(alias: str, model: type[models.Model]) -> models.QuerySet:
    return model._base_manager.using(alias)


def empty() -> None:
    with immutable_rows.lifted(TARGET), connection.cursor() as cursor:
        for label in MADE_BY_MIGRATE:
            cursor.execute(f'DELETE FROM "{apps.get_model(label)._meta.db_table}"')  # noqa: S608  our names
        connection.check_constraints()  # PostgreSQL makes no triggers while some wait to run


def copy(model: type[models.Model]) -> int:
    """How many rows that were. `raw` is what `loaddata` uses too: dates that are set on saving stay what they are."""
    fields = model._meta.local_concrete_fields
    size = min(BATCH, connection.ops.bulk_batch_size(fields, range(BATCH)))
    count = 0
    with closing(rows_in(SOURCE, model).order_by("pk").iterator(chunk_size=BATCH)) as rows:
        while batch := list(islice(rows, size)):
            try:
                rows_in(TARGET, model)._insert(batch, fields=fields, using=TARGET, raw=True)
            except (Error, ValueError) as error:
                raise ValueError(f"rows of {model._meta.label} do not fit: {error}") from error
            count += len(batch)
            reset_queries()  # with DEBUG, Django keeps them all
    return count


def verify(counts: dict[str, int]) -> hash_chain.Head:
    """The ledger's head, which is the same on both ends. Raises ValueError if anything isn't."""
    for label, count in counts.items():
        found = rows_in(TARGET, apps.get_model(label)).count()
        if found != count:
            raise ValueError(f"of {count} rows of {label} only {found} arrived.")
    last = rows_in(SOURCE, Disclosure).order_by("number").last()
    head = (last.number, last.hash) if last else hash_chain.EMPTY
    try:
        ledger.verify(known=head)
    except hash_chain.Broken as broken:
        raise ValueError(f"the ledger is broken: {broken}.") from broken
    if not all(version.is_whole for version in PolicyVersion.objects.published()):
        raise ValueError("a version of the policy is not as it was published.")
    return head


def begin_sequences_behind() -> None:
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), all_models()):
            cursor.execute(statement)
