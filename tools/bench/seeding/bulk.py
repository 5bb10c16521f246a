"""Writes rows by the hundred thousand: COPY on PostgreSQL, executemany elsewhere."""

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

NULL = r"\N"
SECONDARY_INDEXES = """
    SELECT c.relname, pg_get_indexdef(i.indexrelid)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisprimary
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid)
    ORDER BY c.relname
"""


class Table:
    """Collects rows of a model, each with the fields' defaults for what it doesn't name; signals are not sent."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        self.fields = [field for field in model._meta.concrete_fields if field.column]
        self.defaults = [(field.attname, field.get_default()) for field in self.fields]
        self.rows: list[list[Any]] = []
        self.last_id: int = model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0

    def add(self, **values: Any) -> int:
        """Returns the row's primary key."""
        self.last_id += 1
        values["id"] = self.last_id
        self.rows.append([values.get(name, default) for name, default in self.defaults])
        return self.last_id

    def flush(self) -> None:
        columns = ", ".join(connection.ops.quote_name(field.column) for field in self.fields)
        table = connection.ops.quote_name(self.model._meta.db_table)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                copy = f"COPY {table} ({columns}) FROM STDIN (FORMAT csv, NULL '{NULL}')"
                cursor.copy_expert(copy, as_csv(self.rows))
                connection.check_constraints()  # else each row's checks are remembered until the end
            else:
                marks = ", ".join(["%s"] * len(self.fields))
                cursor.executemany(
                    f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608  our own names
                    [[as_parameter(value) for value in row] for row in self.rows],
                )
        self.rows.clear()


def as_csv(rows: Iterable[list[Any]]) -> io.StringIO:
    file = io.StringIO()
    csv.writer(file).writerows([NULL if value is None else value for value in row] for row in rows)
    file.seek(0)
    return file


def as_parameter(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def set_sequences(*table_models: type[models.Model]) -> None:
    """Lets the next rows take the primary keys that follow those that were written."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), table_models):
            cursor.execute(statement)


@contextmanager
def without_indexes(*table_models: type[models.Model]) -> Iterator[None]:
    """Drops the secondary indexes meanwhile on PostgreSQL: making them once is far quicker than keeping them."""
    indexes: list[tuple[str, str]] = []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(SECONDARY_INDEXES, [[model._meta.db_table for model in table_models]])
            indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
        yield
        for _name, definition in indexes:
            cursor.execute(definition)


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
