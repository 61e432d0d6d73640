"""Pages of a long list by key: what follows or precedes a row costs the same anywhere in the list.

An OFFSET on the last of 20,000 rows costs 25 times as much, and skips rows when others move meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Row = TypeVar("Row")
ModelRow = TypeVar("ModelRow", bound=Model)


@dataclass(frozen=True)
class Key:
    """Where a row stands in a list sorted by `activity_at` and `id`."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.id.hex}"


def read_key(written: str) -> Key | None:
    """The key that `str` wrote; None for anything else."""
    moment, _, row_id = written.partition("-")
    try:
        return Key(EPOCH + timedelta(microseconds=int(moment)), UUID(row_id))
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """Rows in the order of the list, and whether there are others on either side."""

    rows: list[Row]
    has_previous: bool
    has_next: bool


@dataclass(frozen=True)
class Cut:
    """Which rows of a list are read: in which order, how many at most, from a key on or from the beginning."""

    newest_first: bool
    at_most: int
    is_beyond: bool = False


Read = Callable[[Cut, Key | None], Sequence[Row]]


def cut_out(rows: "QuerySet[ModelRow]", cut: Cut, at: Any, row_id: Any) -> "QuerySet[ModelRow]":
    """The rows of this cut; `at` and `row_id` are the key's, and not looked at where it begins at none."""
    if cut.is_beyond:
        rows = _beyond(rows, at, row_id, older=cut.newest_first)
    return rows.order_by(*_order(cut.newest_first))[: cut.at_most]


def reading(rows: "QuerySet[ModelRow]") -> Read[ModelRow]:
    """How the functions below read a queryset."""
    return lambda cut, key: list(cut_out(rows, cut, key.at if key else None, key.id if key else None))


def beginning(read: Read[Row], *, newest_first: bool, size: int) -> Slice[Row]:
    found = read(Cut(newest_first, size + 1), None)
    return Slice(list(found[:size]), False, len(found) > size)


def after(read: Read[Row], key: Key, *, newest_first: bool, size: int) -> Slice[Row]:
    """The page that follows this key, whether a row still stands there or not."""
    found = read(Cut(newest_first, size + 1, is_beyond=True), key)
    return Slice(list(found[:size]), True, len(found) > size)


def before(read: Read[Row], key: Key, *, newest_first: bool, size: int) -> Slice[Row]:
    """The page that ends just before this key."""
    found = read(Cut(not newest_first, size + 1, is_beyond=True), key)
    return Slice(list(found[:size])[::-1], len(found) > size, True)


def end(read: Read[Row], *, newest_first: bool, size: int) -> Slice[Row]:
    """The last rows, read from the end."""
    found = read(Cut(not newest_first, size + 1), None)
    return Slice(list(found[:size])[::-1], len(found) > size, False)


def key_at(rows: "QuerySet[Any]", position: int, *, newest_first: bool) -> Key | None:
    """The key of the row in this place, counted from 0. Costs as much as there are rows before it."""
    ordered = rows.order_by(*_order(newest_first)).values_list("activity_at", "id")
    return next((Key(*found) for found in ordered[position : position + 1]), None)


def _order(newest_first: bool) -> tuple[str, str]:
    return ("-activity_at", "-id") if newest_first else ("activity_at", "id")


def _beyond(rows: "QuerySet[ModelRow]", at: Any, row_id: Any, *, older: bool) -> "QuerySet[ModelRow]":
    # The first condition is what the index is entered by; the others part the rows of one moment.
    if older:
        return rows.filter(Q(activity_at__lt=at) | Q(id__lt=row_id), activity_at__lte=at)
    return rows.filter(Q(activity_at__gt=at) | Q(id__gt=row_id), activity_at__gte=at)
