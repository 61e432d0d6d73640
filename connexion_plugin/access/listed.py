"""A row of an inbox as its page reads it: what is shown of it, and nothing behind it that could be reached or saved.

Named as in the models, so that the rules (`state_of`, `read_title`) are the same for both. Thirty rows of three
instances each took a seventh of the page's time to make.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from connexion_plugin.models import Collaborator, Participation


class ListedCollaborator(NamedTuple):
    address: str
    status: str

    @property
    def is_active(self) -> bool:
        return self.status == Collaborator.Status.ACTIVE


class ListedConversation(NamedTuple):
    pk: UUID
    closed_at: datetime | None
    deleted_at: datetime | None
    ownerless_since: datetime | None
    last_sequence: int
    title_sealed: bytes | memoryview
    title_key: bytes | memoryview
    title_epoch_id: UUID
    title_expires_at: datetime | None
    title_emptied_at: datetime | None
    collaborator: ListedCollaborator


class ListedSeat(NamedTuple):
    pk: UUID
    activity_at: datetime
    entered_at: datetime | None
    unopened_count: int
    sees_after: int
    waiting_draft_id: UUID | None
    soonest_expiry: datetime | None
    conversation: ListedConversation

    @property
    def conversation_id(self) -> UUID:
        return self.conversation.pk


def reach(seat: "ListedSeat | Participation") -> int:
    """How many messages followed the seat's arrival: how far a row reaches, for a deletion that must bury nothing
    beyond it (B6). What was there before the seat is not counted, and so not told (C10)."""
    return max(seat.conversation.last_sequence - seat.sees_after, 0)


# The columns in the order of the fields.
_OF_A_SEAT = ListedSeat._fields[:-1]
_OF_A_CONVERSATION = ListedConversation._fields[:-1]
LISTED = (
    *_OF_A_SEAT,
    *(f"conversation__{name}" for name in _OF_A_CONVERSATION),
    *(f"conversation__collaborator__{name}" for name in ListedCollaborator._fields),
)
_CONVERSATION_BEGINS = len(_OF_A_SEAT)
_COLLABORATOR_BEGINS = _CONVERSATION_BEGINS + len(_OF_A_CONVERSATION)


def listed(row: Sequence[Any]) -> ListedSeat:
    """A row of the columns that `LISTED` names."""
    collaborator = ListedCollaborator._make(row[_COLLABORATOR_BEGINS:])
    conversation = ListedConversation._make((*row[_CONVERSATION_BEGINS:_COLLABORATOR_BEGINS], collaborator))
    return ListedSeat._make((*row[:_CONVERSATION_BEGINS], conversation))
