"""Search in one's own inbox: titles are unsealed in memory, newest first; nothing searchable is stored (spec B7)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from connexion_plugin import access, keyset
from connexion_plugin.access import Person
from connexion_plugin.actions.titles import preload_titles, read_title
from connexion_plugin.exceptions import Tampered
from connexion_plugin.keyset import Key
from connexion_plugin.models import Conversation, Participation, Persona
from connexion_plugin.plain_text import folded

ROWS_AT_ONCE = 1_000
LOOK_AT_MOST = 5_000  # about half a second
FIND_AT_MOST = 30

TITLE_COLUMNS = ("title_sealed", "title_key", "title_epoch_id", "title_expires_at", "title_emptied_at")


@dataclass(frozen=True)
class Found:
    """The seats that match, newest first; `stopped` is the key of the last row that was looked at, or None
    when the search reached the end of the inbox."""

    seats: list[Any]
    stopped: Key | None
    looked_at: int


def search(
    *,
    user: Person,
    persona: Persona,
    words: str,
    after: Key | None = None,
    look_at_most: int = LOOK_AT_MOST,
    find_at_most: int = FIND_AT_MOST,
) -> Found:
    """Rows of the persona's inbox whose title, owner or participants hold `words`, from the key on.

    Stops when it has found or looked at so many. Case and accents do not count; in addresses, where there are
    none, only case does not.
    """
    rows = access.inbox(user, persona)
    wanted = folded(words)
    ids: list[UUID] = []
    looked_at, key = 0, after
    while looked_at < look_at_most and len(ids) < find_at_most:
        batch = _batch(
            access.where_address_has(rows, words), key, min(ROWS_AT_ONCE, look_at_most - looked_at)
        )
        for seat in _matching(batch.rows, wanted):
            ids.append(seat.pk)
            if len(ids) == find_at_most:
                break
        last = batch.rows[-1] if len(ids) < find_at_most and batch.rows else None
        if len(ids) == find_at_most:
            last = next(row for row in batch.rows if row.pk == ids[-1])
        looked_at += len(batch.rows) if last is None else batch.rows.index(last) + 1
        is_end = last is None or (last is batch.rows[-1] and not batch.has_next)
        key = None if last is None or is_end else Key(last.activity_at, last.pk)
        if key is None:
            break
    return Found(_seats(access.with_soonest_expiry(rows), ids), key, looked_at)


def _batch(rows: Any, key: Key | None, size: int) -> keyset.Slice[Participation]:
    # Three columns of the row and five of its conversation: thousands are read to show thirty.
    lean = (
        rows.only(
            "id", "activity_at", "conversation_id", *(f"conversation__{name}" for name in TITLE_COLUMNS)
        )
        .select_related(None)
        .select_related("conversation")
    )
    if key is None:
        return keyset.beginning(keyset.reading(lean), newest_first=True, size=size)
    return keyset.after(keyset.reading(lean), key, newest_first=True, size=size)


def _matching(seats: list[Any], wanted: str) -> Iterator[Any]:
    preload_titles(seat.conversation for seat in seats)
    for seat in seats:
        if seat.address_matches or (wanted and wanted in folded(_title(seat.conversation))):
            yield seat


def _title(conversation: Conversation) -> str:
    try:
        return read_title(conversation) or ""
    except Tampered:  # it has been reported, and cannot be found by words
        return ""


def _seats(rows: Any, ids: list[UUID]) -> list[Any]:
    by_id = {seat.pk: seat for seat in rows.filter(pk__in=ids)}
    return [by_id[key] for key in ids if key in by_id]
