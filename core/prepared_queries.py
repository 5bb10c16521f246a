"""Queries whose SQL is written once: Django takes several times as long to write it as the database to answer it.

    @prepared(slug=CharField())
    def pageants_at(slug: Parameter) -> QuerySet[Pageant]:
        return Pageant.objects.filter(slug=slug)

    pageants_at(slug="spring")  # a list

The function runs once in each process, so it must read nothing that changes, such as the time or the language: whatever
differs from call to call is a parameter. Positional arguments choose between several forms of a query, each of which is
written once.
"""

from collections.abc import Callable, Hashable
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")
MOST_FORMS = 256  # of a query: a search has another one for each number of words


class Parameter(Expression):
    """A value of a query that is put in whenever the query runs."""

    def __init__(self, name: str, field: Field) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> tuple[str, Any]:
        return "%s", [self]

    def prepare(self, value: Any, connection: Any) -> Any:
        return self.output_field.get_db_prep_value(value, connection)


@dataclass(frozen=True)
class Plan(Generic[Row]):
    rows: "QuerySet[Any, Row]"
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]
    converters: dict[int, Any]  # of the columns that need any

    @classmethod
    def of(cls, rows: "QuerySet[Any, Row]") -> "Plan[Row]":
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([column for column, _sql, _alias in compiler.select[: compiler.col_count]])
        return cls(rows, compiler, sql, params, converters)

    def run(self, values: dict[str, Any]) -> list[Row]:
        """The rows with these values for the parameters. Raises KeyError for one without a value."""
        connection = connections[DEFAULT_DB_ALIAS]
        params = [
            param.prepare(values[param.name], connection) if isinstance(param, Parameter) else param
            for param in self.params
        ]
        compiler: Any = copy(self.compiler)
        query: Any = copy(self.rows.query)
        compiler.connection = connection
        # All that a query set asks of them: Django has no public way to give it the SQL.
        compiler.as_sql = lambda *args, **kwargs: (self.sql, params)
        compiler.get_converters = lambda expressions: self.converters
        query.get_compiler = lambda *args, **kwargs: compiler
        rows: Any = QuerySet(self.rows.model, query, DEFAULT_DB_ALIAS)
        for name in ("_iterable_class", "_fields", "_prefetch_related_lookups"):
            setattr(rows, name, getattr(self.rows, name))
        return list(rows)


class PreparedQuery(Generic[Row]):
    def __init__(self, make: "Callable[..., QuerySet[Any, Row]]", fields: dict[str, Field]) -> None:
        self.make = make
        self.parameters = {name: Parameter(name, field) for name, field in fields.items()}
        self.plan = lru_cache(maxsize=MOST_FORMS)(self.make_plan)

    def make_plan(self, *form: Hashable) -> Plan[Row]:
        return Plan.of(self.make(*form, **self.parameters))

    def __call__(self, *form: Hashable, **values: Any) -> list[Row]:
        """Asks the database. Raises KeyError for a parameter without a value."""
        return self.plan(*form).run(values)


def prepared(**fields: Field) -> "Callable[[Callable[..., QuerySet[Any, Row]]], PreparedQuery[Row]]":
    """Makes a prepared query of a function, which gets a parameter for each of these fields. See the module."""
    return lambda make: PreparedQuery(make, fields)
