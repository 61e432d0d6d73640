"""What posting asks of the seat and of what is posted, and what it does to the others' rows (spec B2, C7, E1)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, PositiveIntegerField, QuerySet, When

from connexion_plugin import exceptions
from connexion_plugin.access import State, state_of
from connexion_plugin.documents.uploads import SealedUpload
from connexion_plugin.models import Conversation, Draft, EpochKey, Message, Participation
from connexion_plugin.prepared import Prepared, PreparedUpdate
from connexion_plugin.sealing import keys
from connexion_plugin.statements import together


def seat_under_lock(
    participation: Participation, *, idempotency_key: UUID, draft_id: UUID | None, day: date
) -> tuple[Any, list[EpochKey]]:
    """Locks the conversation; the seat as it is then (`_seat_now`), and the epoch of `day`, held (`keys.open_held`)."""
    organization = participation.conversation.organization
    _, (seat,), found = together(
        _lock.statement(conversation=participation.conversation_id),
        _seat_now.statement(seat=participation.pk, key=idempotency_key, draft=draft_id),
        keys.holding(organization_id=organization.pk, day=day),
    )
    seat.conversation.organization = organization  # its bounds are those that the form was checked by
    return seat, found


@Prepared
def _lock(conversation: Any) -> QuerySet[Any, Any]:
    return Conversation.unscoped.select_for_update().filter(pk=conversation).values_list("pk")


# What posting asks nothing of: half of the columns.
UNASKED = (
    *("invited_at", "joined_at", "ended_at", "entered_at", "activity_at", "sees_after", "in_inbox"),
    *("unopened_count", "last_posted_sequence", "held_since"),
    *("conversation__created_at", "conversation__rows_behind_since"),
    *("conversation__collaborator__name", "conversation__collaborator__address"),
    *("conversation__collaborator__language", "conversation__collaborator__enrolled_at"),
    "conversation__collaborator__status_changed_at",
)


@Prepared
def _seat_now(seat: Any, key: Any, draft: Any) -> QuerySet[Any]:
    """A seat with all that decides whether it may post, whether anybody posted there under this key, and whether its
    draft waits.

    Read after the lock was awaited, by a statement of its own: of what is joined to a locked row PostgreSQL gives
    what stood there when the waiting began. A deactivation may have passed it (B4). Every table more in it takes
    PostgreSQL longer to plan than to read: a hold, and the title's epoch where it is another, are read when needed.
    """
    before = Message.unscoped.filter(conversation=OuterRef("conversation"), idempotency_key=key)
    drafts = Draft.unscoped.filter(pk=draft, participation=OuterRef("pk"), author=OuterRef("holder"))
    return (
        Participation.unscoped.filter(pk=seat)
        .select_related("conversation__collaborator")
        .defer(*UNASKED)
        .annotate(is_key_used=Exists(before), has_draft=Exists(drafts))
    )


def require_it_may_post(seat: Participation) -> None:
    """Raises the `Refused` that says why this seat may not post in its conversation."""
    state = state_of(seat.conversation)
    if state is State.DELETED:
        raise exceptions.ConversationDeleted
    if state is State.FROZEN:
        raise exceptions.ConversationFrozen
    if state is State.CLOSED:
        raise exceptions.ConversationClosed
    if not seat.may_reply or (seat.conversation.hides_participants and not seat.is_owner):
        raise exceptions.ReadOnlySeat


def check_words(conversation: Conversation, text: str, documents: Sequence[SealedUpload]) -> None:
    """Raises NothingToPost, DocumentsTooLarge."""
    if not text.strip() and not documents:
        raise exceptions.NothingToPost
    if sum(document.size or 0 for document in documents) > conversation.organization.message_limit_bytes:
        raise exceptions.DocumentsTooLarge


def check_expiry(conversation: Conversation, expires_at: datetime, now: datetime) -> None:
    """Raises ExpiryOutOfBounds."""
    # A form that was open for a day still means the day it said: one day of grace at either end.
    days = (expires_at - now).total_seconds() / 86_400
    organization = conversation.organization
    if not organization.shortest_expiry_days - 1 <= days <= organization.longest_expiry_days + 1 or days <= 0:
        raise exceptions.ExpiryOutOfBounds


@PreparedUpdate
def move_seats(
    conversation: Any, sender: Any, sequence: Any, now: Any
) -> tuple[QuerySet[Any], dict[str, Any]]:
    """A new message brings the conversation back into each inbox, unopened for all but its sender (B2, B6)."""
    others = Case(When(pk=sender, then=0), default=1, output_field=PositiveIntegerField())
    seats = Participation.unscoped.filter(conversation=conversation, seat__in=Participation.LIVING)
    return seats, {
        "unopened_count": F("unopened_count") + others,
        "last_posted_sequence": Case(
            When(pk=sender, then=sequence),
            default=F("last_posted_sequence"),
            output_field=PositiveIntegerField(),
        ),
        "entered_at": Case(When(pk=sender, then=now), default=F("entered_at")),
        "in_inbox": True,
        "activity_at": now,
    }
