"""Epoch keys, and what they wrap: one for each organization and UTC day of expiry (sealing.md).

A verb calls `ensure_epoch` before its transaction, and within it `open_epoch` once, however much it wraps,
or `wrap_new` and `wrap` where one key is all. Reading is `unwrap`, after `preload` where many are shown.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from connexion_plugin.exceptions import EpochOver, KeyLost, Tampered
from connexion_plugin.exceptions import KeyGone as KeyGone  # verbs catch it beside `unwrap`
from connexion_plugin.models.epochs import EpochKey
from connexion_plugin.prepared import Prepared
from connexion_plugin.sealing import text
from connexion_plugin.sealing.cache import KeyCache
from connexion_plugin.sealing.key_store import StoredKey
from connexion_plugin.sealing.stores import key_store
from connexion_plugin.statements import Statement, together

# Under this id the standing key is cached; it is nobody's row.
STANDING = UUID(int=0)
LONGEST_TRANSACTION = timedelta(minutes=10)

_cache = KeyCache()
# Epochs that this process has seen: `ensure_epoch` need not ask again. Only `open_epoch` is the judge of one.
_seen: set[tuple[UUID | None, date | None, UUID | None]] = set()
MOST_SEEN = 10_000


@dataclass(frozen=True)
class WrappedKey:
    """A record's key: `wrapped` and `epoch_id` go into its row, `key` (32 bytes) seals its fields now."""

    epoch_id: UUID
    wrapped: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class OpenEpoch:
    """An epoch that this transaction holds: until it ends, nobody marks it."""

    id: UUID
    key: bytes = field(repr=False)

    def wrap(self, *, key: bytes, context: bytes) -> WrappedKey:
        """A record's key, wrapped by this epoch. `context` names the record (records.context)."""
        return WrappedKey(self.id, text.seal_bytes(key=self.key, plain=key, context=context), key)

    def wrap_new(self, *, context: bytes) -> WrappedKey:
        """A new random key for a record, wrapped by this epoch."""
        return self.wrap(key=text.new_key(), context=context)


def day_of(moment: datetime) -> date:
    """The epoch's day of something that expires at `moment` (aware): its calendar day in UTC."""
    return moment.astimezone(UTC).date()


# Wrapping


def ensure_epoch(*, organization_id: UUID | None, day: date | None, hold: UUID | None = None) -> None:
    """Make the epoch's key and row when they are missing; for verbs, before their transaction.

    Within one it works too, and then holds up whoever makes the same epoch until that transaction ends.
    Raises EpochOver for a day that is over.
    """
    _require_day_to_come(day)
    if (organization_id, day, hold) not in _seen:
        _make_sure(organization_id, day, hold)


def open_epoch(*, organization_id: UUID | None, day: date | None, hold: UUID | None = None) -> OpenEpoch:
    """The epoch to wrap under, held `FOR SHARE` until the transaction ends: marking waits for it.

    One statement when the epoch exists; a missing one is made. To be called in a transaction.
    Raises EpochOver when its day is over or its key marked, KeyLost when its key's file is not in the store.
    """
    found: list[EpochKey] = together(holding(organization_id=organization_id, day=day, hold=hold))[0]
    return open_held(found, organization_id=organization_id, day=day, hold=hold)


def holding(
    *, organization_id: UUID | None, day: date | None, hold: UUID | None = None
) -> Statement[list[EpochKey]]:
    """The first half of `open_epoch`, for a verb that sends it with other statements; `open_held` is the other.

    The row `FOR SHARE` on PostgreSQL: wrapping goes on side by side, marking (`FOR UPDATE`) waits. Django knows only
    exclusive row locks. SQLite has one writer at a time, and this is it (`IMMEDIATE`).
    """
    _require_transaction()
    shape = (organization_id is not None, day is not None, hold is not None)
    found = _living.statement(*shape, organization=organization_id, day=day, hold=hold)
    if transaction.get_connection().vendor != "postgresql":
        return found
    return replace(found, sql=f"{found.sql} FOR SHARE")


def open_held(
    found: Sequence[EpochKey], *, organization_id: UUID | None, day: date | None, hold: UUID | None = None
) -> OpenEpoch:
    """What `holding` found, opened; a missing epoch is made. Errors as `open_epoch`."""
    row = next(iter(found), None)
    if row is None:
        _require_day_to_come(day)
        _make_sure(organization_id, day, hold)
        again = together(holding(organization_id=organization_id, day=day, hold=hold))[0]
        row = next(iter(again), None)
    # After the row is held, or midnight could pass while we wait for it.
    _require_day_to_come(day)
    if row is None or row.state != EpochKey.State.ACTIVE:
        raise EpochOver(str(day))
    return OpenEpoch(row.id, _read_for_wrapping(row))


def wrap_new(*, organization_id: UUID | None, day: date | None, context: bytes) -> WrappedKey:
    """A new random key for one record, wrapped under a day. In a transaction; errors as `open_epoch`."""
    return open_epoch(organization_id=organization_id, day=day).wrap_new(context=context)


def wrap(*, key: bytes, organization_id: UUID | None, day: date | None, context: bytes) -> WrappedKey:
    """A record's existing key, wrapped under another day: a longer expiry never touches the data."""
    return open_epoch(organization_id=organization_id, day=day).wrap(key=key, context=context)


# Reading


def unwrap(*, epoch_id: UUID, wrapped: text.Sealed, context: bytes) -> bytes:
    """A record's key. Raises KeyGone (show a tombstone) or Tampered. No statement when it is cached."""
    known = _known({epoch_id})
    if epoch_id not in known:
        raise Tampered(f"the key of epoch {epoch_id} is damaged")
    epoch_key = known[epoch_id]
    if epoch_key is None:
        raise KeyGone(str(epoch_id))
    return text.unseal_bytes(key=epoch_key, sealed=wrapped, context=context)


def preload(epoch_ids: Iterable[UUID | None]) -> None:
    """Read the epochs of many records at once: one statement, none when all are cached."""
    _known({epoch_id for epoch_id in epoch_ids if epoch_id is not None})


def forget(epoch_id: UUID | None = None) -> None:
    """Drop one cached key, or all: after a destruction, and between tests."""
    if epoch_id is None:
        _cache.clear()
        _seen.clear()
    else:
        _cache.drop(epoch_id)


# The standing key


def standing_key() -> bytes:
    """The key that no day ends, from which `secrets` derives its own. Made when missing.

    Cached only once its row is certain: one that was made in a transaction still open may be rolled back.
    """
    known = _cache.known([STANDING])
    if key := known.get(STANDING):
        return key
    row = next(iter(_living_one(None, None, None)), None)
    if row is None:
        _create(None, None, None)
        (row,) = _living_one(None, None, None)
    key = _read_for_wrapping(row)
    in_transaction = transaction.get_connection().in_atomic_block
    if not in_transaction or row.created_at < timezone.now() - LONGEST_TRANSACTION:
        _cache.keep({STANDING: key})
    return key


# Within


@Prepared
def _living(
    of_organization: bool, has_day: bool, has_hold: bool, organization: Any, day: Any, hold: Any
) -> QuerySet[EpochKey]:
    """The one that stands; what it is not of is NULL in its row."""
    return EpochKey.objects.filter(
        Q(organization=organization) if of_organization else Q(organization__isnull=True),
        Q(day=day) if has_day else Q(day__isnull=True),
        Q(hold=hold) if has_hold else Q(hold__isnull=True),
    ).exclude(state=EpochKey.State.DESTROYED)


def _living_one(organization_id: UUID | None, day: date | None, hold: UUID | None) -> list[EpochKey]:
    shape = (organization_id is not None, day is not None, hold is not None)
    return _living(*shape, organization=organization_id, day=day, hold=hold)


def _make_sure(organization_id: UUID | None, day: date | None, hold: UUID | None) -> None:
    if not _living_one(organization_id, day, hold):
        _create(organization_id, day, hold)
    if not transaction.get_connection().in_atomic_block:  # within, it may yet be rolled back
        if len(_seen) >= MOST_SEEN:
            _seen.clear()
        _seen.add((organization_id, day, hold))


def _create(organization_id: UUID | None, day: date | None, hold: UUID | None) -> None:
    """File first, then row: a row whose key is nowhere would lose what is wrapped under it.

    Two processes make two files, named at random, and one row: the constraint decides, the other's file
    has wrapped nothing and goes. Cut off between the two, a file is left without a row (`destruction`).
    """
    row = EpochKey(organization_id=organization_id, day=day, hold=hold, file_id=secrets.token_hex(16))
    key_store().create(row.file_id, StoredKey(row.id, day, text.new_key()))
    EpochKey.objects.bulk_create([row], ignore_conflicts=True)
    if not EpochKey.objects.filter(id=row.id).exists():
        key_store().destroy(row.file_id)


def _read_for_wrapping(row: EpochKey) -> bytes:
    """From the store itself: what is wrapped by a key that only a cache still holds is lost in minutes."""
    try:
        stored = key_store().read(row.file_id)
    except KeyGone:
        raise KeyLost(
            f"The key store lacks the key of epoch {row.id} ({row.day or 'standing'}). Restore the store, "
            "or see what is lost: python manage.py connexion_keys status"
        ) from None
    return _key_of(row, stored)


def _known(epoch_ids: set[UUID]) -> dict[UUID, bytes | None]:
    """Keys by epoch: None for one that is gone; one whose file or row was altered is left out."""
    known = _cache.known(epoch_ids)
    if missing := epoch_ids - known.keys():
        loaded = _load(missing)
        _cache.keep(loaded)
        known |= loaded
    return known


def _load(epoch_ids: set[UUID]) -> dict[UUID, bytes | None]:
    loaded: dict[UUID, bytes | None] = dict.fromkeys(epoch_ids)
    rows = EpochKey.objects.filter(id__in=epoch_ids).exclude(state=EpochKey.State.DESTROYED)
    for row in rows.only("id", "file_id", "day"):
        try:
            loaded[row.id] = _key_of(row, key_store().read(row.file_id))
        except KeyGone:
            continue
        except Tampered:
            del loaded[row.id]
    return loaded


def faults() -> Iterator[str]:
    """A sentence for each key that should be there and is not, or does not open. Raises KeyStoreFault.

    What the store itself destroyed is not missed, though a database that was restored may not know of it yet.
    """
    store = key_store()
    for row in EpochKey.objects.exclude(state=EpochKey.State.DESTROYED).order_by("day", "id"):
        try:
            _key_of(row, store.read(row.file_id))
        except KeyGone:
            if row.file_id not in store.destroyed_ids():
                yield f"epoch {row.pk} ({row.day or 'standing'}): the key store lacks its key"
        except Tampered:
            yield f"epoch {row.pk} ({row.day or 'standing'}): its key was altered, or is another's"


def _key_of(row: EpochKey, stored: StoredKey) -> bytes:
    if (stored.epoch_id, stored.day) != (row.id, row.day):
        raise Tampered(f"epoch {row.id} does not own the file that its row names")
    return stored.key


def _require_day_to_come(day: date | None) -> None:
    if day is not None and day < day_of(timezone.now()):
        raise EpochOver(str(day))


def _require_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "An epoch is held until the transaction ends: call this within transaction.atomic()."
        )
