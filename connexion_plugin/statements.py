"""Statements ready to be sent, and several of them sent in one go.

What a post writes are five statements that nobody reads anything between: sent one by one they take five ways to
PostgreSQL and back, and four of them are for nothing. What Django would compose anew for each is composed once.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import NotSupportedError, connection, models
from django.db.backends.base.base import BaseDatabaseWrapper

Result = TypeVar("Result")
Made = TypeVar("Made")
PLAIN = frozenset({int, str, bool})  # what any driver takes as it is: no field need be asked
PLAIN_ON_POSTGRESQL = PLAIN | {UUID}


@dataclass(frozen=True)
class Statement(Generic[Result]):
    """What a database is told, and how its answer is read off the cursor."""

    sql: str
    parameters: Sequence[Any]
    read: Callable[[Any], Result]
    is_planned_once: bool = False  # PostgreSQL may keep its plan for the connection (`prepared.PlannedOnce`)

    def then(self, make: Callable[[Result], Made]) -> "Statement[Made]":
        """The same statement, and what is made of its answer."""
        return Statement(
            self.sql, self.parameters, lambda cursor: make(self.read(cursor)), self.is_planned_once
        )


def rows_touched(cursor: Any) -> int:
    return int(cursor.rowcount)


def together(*statements: Statement[Any]) -> list[Any]:
    """Executes them in this order, in the transaction that is open; what each of them gave.

    Each sees what was committed when its turn comes, as if they came singly: PostgreSQL takes a snapshot for each
    (READ COMMITTED). One that fails ends all, and the transaction with it.
    """
    if all(statement.is_planned_once for statement in statements) and _keeps_plans(connection):
        return _by_kept_plans(statements)
    with connection.cursor() as cursor:
        if len(statements) > 1 and _takes_many(connection):
            return _in_one_go(cursor, statements)
        return _one_by_one(cursor, statements)


def _by_kept_plans(statements: Sequence[Statement[Any]]) -> list[Any]:
    """As `together`; once more on a new connection where a migration has changed a column's type meanwhile.

    "Cached plan must not change result type": PostgreSQL would say so at each page for as long as the connection
    lives. In a transaction the error goes on, for what was done in it is lost; psycopg forgets its plans then.
    """
    try:
        return _planned(statements)
    except NotSupportedError:
        if connection.in_atomic_block or not connection.get_autocommit():
            raise
        connection.close()
    return _planned(statements)


def _planned(statements: Sequence[Statement[Any]]) -> list[Any]:
    with connection.cursor() as cursor, _keeping_plans(cursor):
        return _one_by_one(cursor, statements)


def _one_by_one(cursor: Any, statements: Sequence[Statement[Any]]) -> list[Any]:
    found = []
    for statement in statements:
        cursor.execute(statement.sql, statement.parameters)
        found.append(statement.read(cursor))
    return found


def _in_one_go(cursor: Any, statements: Sequence[Statement[Any]]) -> list[Any]:
    cursor.execute(
        ";\n".join(statement.sql for statement in statements),
        [parameter for statement in statements for parameter in statement.parameters],
    )
    found = [statements[0].read(cursor)]
    for statement in statements[1:]:
        cursor.nextset()
        found.append(statement.read(cursor))
    return found


def _takes_many(connection: BaseDatabaseWrapper) -> bool:
    """psycopg 3 that writes the values into the statement itself, which is Django's way unless told otherwise."""
    driver: Any = getattr(connection, "Database", None)
    options: dict[str, Any] = connection.settings_dict.get("OPTIONS", {})
    return getattr(driver, "__name__", "") == "psycopg" and not options.get("server_side_binding")


def _keeps_plans(connection: BaseDatabaseWrapper) -> bool:
    """Not where a pooler gives each transaction another connection, which Django is told by this setting; nor
    where somebody listens to the statements, and wants their text with its values."""
    is_pooled = connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
    return (
        not (is_pooled or connection.queries_logged)
        and getattr(getattr(connection, "Database", None), "__name__", "") == "psycopg"
    )


@contextmanager
def _keeping_plans(cursor: Any) -> Iterator[None]:
    """Executes by psycopg's own cursor, for Django's writes the values into the text, and each text has a plan."""
    driver: Any = getattr(connection, "Database", None)
    session: Any = connection.connection
    cursor.cursor = driver.Cursor(session)
    usual, session.prepare_threshold = session.prepare_threshold, 0
    try:
        yield
    finally:
        session.prepare_threshold = usual


def insertion(row: models.Model) -> Statement[int]:
    """Writes a new row, as `save(force_insert=True)` would, but for signals (we have none).

    What is None is not named: NULL stands there by itself, and psycopg remembers only statements of up to 50 values.
    """

    def written(cursor: Any) -> int:
        row._state.adding, row._state.db = False, connection.alias
        return rows_touched(cursor)

    given = [(field, field.pre_save(row, add=True)) for field in row._meta.local_concrete_fields]
    named = [(field, value) for field, value in given if value is not None]
    plain = PLAIN_ON_POSTGRESQL if connection.vendor == "postgresql" else PLAIN
    values = [
        value if type(value) in plain else field.get_db_prep_save(value, connection) for field, value in named
    ]
    return Statement(_insert(type(row), tuple(field.column for field, _ in named)), values, written)


def insertion_of(
    selection: tuple[str, Sequence[Any]],
    model: type[models.Model],
    names: Sequence[str],
    *,
    unless_it_stands: bool = False,
) -> Statement[int]:
    """Writes a row of these fields for each that the selection finds, and brings none here, whatever their number.

    `unless_it_stands`: one that a unique constraint forbids is left out.
    """
    sql, parameters = selection
    columns = ", ".join(_quoted(getattr(model._meta.get_field(name), "column", None)) for name in names)
    written = f"INSERT INTO {_quoted(model._meta.db_table)} ({columns}) {sql}"
    return Statement(
        f"{written} ON CONFLICT DO NOTHING" if unless_it_stands else written, parameters, rows_touched
    )


def change(row: models.Model, names: Sequence[str]) -> Statement[int]:
    """Writes these fields of a row that stands, as `save(update_fields=names)` would."""
    fields = [row._meta.get_field(name) for name in names]
    stored = [field for field in fields if isinstance(field, models.Field)]
    values = [field.get_db_prep_save(field.pre_save(row, add=False), connection) for field in stored]
    key = row._meta.pk
    assert key is not None
    return Statement(
        _update(type(row), tuple(field.column for field in stored)),
        [*values, key.get_db_prep_value(row.pk, connection)],
        rows_touched,
    )


@lru_cache(maxsize=64)
def _insert(model: type[models.Model], columns: tuple[str | None, ...]) -> str:
    names, places = ", ".join(map(_quoted, columns)), ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {_quoted(model._meta.db_table)} ({names}) VALUES ({places})"


@lru_cache(maxsize=64)
def _update(model: type[models.Model], columns: tuple[str, ...]) -> str:
    changes = ", ".join(f"{_quoted(column)} = %s" for column in columns)
    assert model._meta.pk is not None
    return f"UPDATE {_quoted(model._meta.db_table)} SET {changes} WHERE {_quoted(model._meta.pk.column)} = %s"


def _quoted(name: str | None) -> str:
    assert name is not None
    return connection.ops.quote_name(name)
