"""Statements of which Django composes and compiles the queryset once a process, not once a page.

For the pages that are asked for most: to compose and compile the inbox's rows took three times as long as
PostgreSQL took to find them. Who may read what stays a queryset, at one place, where it can be read. Nothing is
remembered of who asked, and nothing of what was answered.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet, Value
from django.db.models.query import ModelIterable, ValuesListIterable, get_related_populators
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

from connexion_plugin.statements import Statement, rows_touched, together

Row = TypeVar("Row")
Build = Callable[[Sequence[Any]], Any]
Given = UUID | datetime | date | int | str | None


class Prepared(Generic[Row]):
    """A function that composes a queryset, called instead with the values it is to find by:

        @Prepared
        def _openings(seat: Any) -> QuerySet[Opening]:
            return Opening.unscoped.filter(participation=seat)

        _openings(seat=seat.pk)  # a list of openings

    What it is called with by name are UUIDs, moments, numbers and texts, which may stand wherever a queryset takes
    a value; None finds nothing, since nothing equals NULL. What it is called with by position changes the
    statement itself (an order, a limit), and each combination of it is compiled once: there must be few of them.
    """

    is_planned_once = False

    def __init__(self, compose: Callable[..., QuerySet[Any, Row]]) -> None:
        self.compose = compose
        self.__doc__ = compose.__doc__
        self._compiled: dict[Hashable, _Compiled] = {}

    def __call__(self, *shape: Hashable, **values: Given) -> list[Row]:
        found: list[Row] = together(self.statement(*shape, **values))[0]
        return found

    def statement(self, *shape: Hashable, **values: Given) -> Statement[list[Row]]:
        """The same, to be sent with others (`statements.together`)."""
        compiled = self._compiled.get(shape)
        if compiled is None:
            places = {name: Value(_Place(name)) for name in values}
            compiled = self._compiled[shape] = _compiled(self.compose(*shape, **places))
        parameters = _filled(compiled.parameters, values)
        return Statement(compiled.sql, parameters, compiled.read, is_planned_once=self.is_planned_once)


class PlannedOnce(Prepared[Row]):
    """The same, and PostgreSQL parses and plans it once a connection, which takes longer than finding the rows.

    Only where the rows are found by the same unique key or index for whoever asks: a plan that is good for an
    inbox of twenty conversations would read all of one of twenty thousand.
    """

    is_planned_once = True


class PreparedUpdate:
    """The same for an update: the function gives a queryset, and what becomes of its rows."""

    def __init__(self, compose: Callable[..., tuple[QuerySet[Any, Any], dict[str, Any]]]) -> None:
        self.compose = compose
        self.__doc__ = compose.__doc__
        self._compiled: tuple[str, Sequence[Any]] | None = None

    def __call__(self, **values: Given) -> int:
        return int(together(self.statement(**values))[0])

    def statement(self, **values: Given) -> Statement[int]:
        if self._compiled is None:
            queryset, changes = self.compose(**{name: Value(_Place(name)) for name in values})
            query: Any = queryset.query.chain(UpdateQuery)  # as QuerySet.update does
            query.add_update_values(changes)
            self._compiled = query.get_compiler(using=queryset.db).as_sql()
        sql, parameters = self._compiled
        return Statement(sql, _filled(parameters, values), rows_touched)


@dataclass(frozen=True)
class _Place:
    """Among a statement's parameters: where the value of this name goes."""

    name: str


@dataclass(frozen=True)
class _Compiled:
    sql: str
    parameters: tuple[Any, ...]
    converters: dict[int, tuple[Sequence[Callable[..., Any]], Any]]
    build: Build

    def read(self, cursor: Any) -> list[Any]:
        rows: Sequence[Sequence[Any]] = cursor.fetchall()
        if self.converters:  # SQLite's: it has neither UUIDs nor moments
            rows = [self._converted(row) for row in rows]
        return [self.build(row) for row in rows]

    def _converted(self, row: Sequence[Any]) -> tuple[Any, ...]:
        found = list(row)
        for position, (converters, expression) in self.converters.items():
            for convert in converters:
                found[position] = convert(found[position], expression, connection)
        return tuple(found)


def _filled(parameters: Sequence[Any], values: dict[str, Any]) -> list[Any]:
    here = connections[DEFAULT_DB_ALIAS]  # looked up once: by `connection`, each value would look it up anew
    given = {name: _as_stored(value, here) for name, value in values.items()}
    return [given[one.name] if isinstance(one, _Place) else one for one in parameters]


def _as_stored(value: Any, here: BaseDatabaseWrapper) -> Any:
    """What a field would have made of the value. Raises TypeError for what no field here holds."""
    if isinstance(value, UUID):
        return value if here.features.has_native_uuid_field else value.hex
    if isinstance(value, datetime):
        return here.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return here.ops.adapt_datefield_value(value)
    if value is None or isinstance(value, int | str):
        return value
    raise TypeError(f"A prepared statement takes no {type(value).__name__}.")


def _compiled(queryset: QuerySet[Any, Any]) -> _Compiled:
    compiler = queryset.query.get_compiler(using=queryset.db)
    sql, parameters = compiler.as_sql()
    return _Compiled(
        sql,
        tuple(parameters),
        compiler.get_converters([column[0] for column in compiler.select]),
        _builder(queryset, compiler),
    )


def _builder(queryset: QuerySet[Any, Any], compiler: SQLCompiler) -> Build:
    """Makes of a row what the queryset would: what `values_list` names, or an instance with what was joined to it."""
    if queryset._iterable_class is ValuesListIterable:
        return tuple
    assert queryset._iterable_class is ModelIterable, "Neither instances nor a values_list."
    assert compiler.klass_info is not None
    columns = compiler.klass_info["select_fields"]
    begin, end = columns[0], columns[-1] + 1
    names = [column[0].target.attname for column in compiler.select[begin:end]]
    # Django 6.1, whose types these are, takes a third argument; the plugin runs on 5.2 and 6.0.
    related = get_related_populators(compiler.klass_info, compiler.select, queryset.db)  # type: ignore[call-arg]
    annotations = list((compiler.annotation_col_map or {}).items())

    def instance(row: Sequence[Any]) -> Any:
        found = queryset.model.from_db(queryset.db, names, row[begin:end])
        for populator in related:
            populator.populate(row, found)
        for name, position in annotations:
            setattr(found, name, row[position])
        return found

    return instance
