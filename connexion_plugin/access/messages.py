"""The messages and documents of a conversation that one has come into."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils import timezone

from connexion_plugin.access.abilities import Ability, ConversationAccess, Person, demand_changeable
from connexion_plugin.access.conversations import conversation_for
from connexion_plugin.access.drafts import ended_seat_of
from connexion_plugin.models import Message, Opening, Participation, kept
from connexion_plugin.prepared import PlannedOnce

COMPILED_UP_TO = 50  # messages; a window that shows more is composed anew


def messages_seen_by(seat: Participation) -> QuerySet[Message]:
    """All messages, or those that follow one's arrival (spec C10)."""
    return _seen(seat.conversation_id, seat.sees_after)


def openable(now: datetime) -> Q:
    """Of a message: it can still be opened at that moment, and read; neither withdrawn nor emptied, its hour not come
    or suspended by a hold. `documents.is_gone` asks the same of a row."""
    return Q(Q(expires_at__gt=now) | kept(), withdrawn_at=None, emptied_at=None)


def _seen(conversation: Any, sees_after: Any) -> QuerySet[Message]:
    return Message.unscoped.filter(conversation=conversation, sequence__gt=sees_after)


def last_messages(entry: ConversationAccess, count: int) -> tuple[list[Any], set[UUID]]:
    """The last messages that the seat of this tab sees, oldest first; and which of them were opened through it.

    One statement: `messages_seen_by` and `opened_among` together. On each message, the same on all, `overdue`: how
    many the seat still counts as unopened that are past their hour, because the sweep has not been there yet.
    """
    seat = entry.seat
    ask = _last if count <= COMPILED_UP_TO else _last.compose
    found = ask(
        count,
        conversation=seat.conversation_id,
        sees_after=seat.sees_after,
        seat=seat.pk,
        tenure=seat.tenure,
        now=timezone.now(),
    )
    newest_first = list(found)
    return newest_first[::-1], {message.pk for message in newest_first if message.is_opened}


@PlannedOnce
def _last(count: int, conversation: Any, sees_after: Any, seat: Any, tenure: Any, now: Any) -> QuerySet[Any]:
    openings = Opening.unscoped.filter(message=OuterRef("pk"), participation=seat, tenure=tenure)
    overdue = (
        _seen(conversation, sees_after)
        .filter(~Exists(openings), ~kept(), expires_at__lte=now, emptied_at=None)
        .exclude(sender=seat, sender_tenure=tenure)
        .order_by()
        .values("conversation")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return (
        _seen(conversation, sees_after)
        .select_related("sender__persona")
        .annotate(is_opened=Exists(openings), overdue=Coalesce(Subquery(overdue), 0))
        .order_by("-sequence")[:count]
    )


def first_unopened(entry: ConversationAccess) -> int | None:
    """The number of the oldest message that waits for the seat of this tab; None where none does. One statement."""
    seat = entry.seat
    openings = Opening.unscoped.filter(message=OuterRef("pk"), participation=seat, tenure=seat.tenure)
    waiting = (
        messages_seen_by(seat)
        .filter(~Exists(openings), openable(timezone.now()))
        .exclude(sender=seat, sender_tenure=seat.tenure)
    )
    return waiting.order_by("sequence").values_list("sequence", flat=True).first()


def message_for(
    user: Person, conversation_id: UUID, message_id: UUID, *, persona_id: UUID | None = None
) -> tuple[ConversationAccess, Message]:
    """One message that the person sees: through the seat of `persona_id` where they have one, else through any, and
    the entry is by that seat. Raises Http404, also where the seat of `persona_id` has ended since."""
    entry = conversation_for(user, conversation_id, persona_id=persona_id)
    asked = [seat for seat in entry.seats if seat.persona_id == persona_id]
    if persona_id and not asked and ended_seat_of(user, conversation_id, persona_id):
        raise Http404  # what the page showed was that address's: another does not open it in its stead
    return _seen_through(asked or entry.seats, entry, message_id)


def message_of_notice(
    user: Person, message_id: UUID, *, address: str | None
) -> tuple[ConversationAccess, Message]:
    """The same for whoever follows the link of a notice: through the address that received it, if it sees the message.

    One look-up also for a message that does not exist. Raises Http404.
    """
    conversation_id = Message.unscoped.filter(id=message_id).values_list("conversation_id", flat=True).first()
    entry = conversation_for(user, conversation_id or message_id)
    seats = sorted(entry.seats, key=lambda seat: seat.persona.address != address)
    return _seen_through(seats, entry, message_id)


def _seen_through(
    seats: Sequence[Participation], entry: ConversationAccess, message_id: UUID
) -> tuple[ConversationAccess, Message]:
    found = _seen(entry.conversation.pk, 0).select_related("sender__persona").filter(id=message_id).first()
    seat = next((seat for seat in seats if found is not None and found.sequence > seat.sees_after), None)
    if found is None or seat is None:
        raise Http404
    return replace(entry, seat=seat), found


def may_withdraw(entry: ConversationAccess, message: Message) -> bool:
    """Whoever sent the message, through any of their seats, and the conversation's owner (spec C12)."""
    return Ability.WITHDRAW in entry.abilities and _is_theirs(entry, message)


def may_change_expiry(entry: ConversationAccess, message: Message) -> bool:
    """The same people (spec E1)."""
    return Ability.CHANGE_EXPIRY in entry.abilities and _is_theirs(entry, message)


def may_know_openers(entry: ConversationAccess, message: Message) -> bool:
    """The same people, whatever can be done to the message by now (spec C12)."""
    return Ability.KNOW_OPENERS in entry.abilities and _is_theirs(entry, message)


def _is_theirs(entry: ConversationAccess, message: Message) -> bool:
    return entry.is_owner or message.is_by(*entry.seats)


def message_to_withdraw(
    user: Person, conversation_id: UUID, message_id: UUID, *, persona_id: UUID | None = None
) -> tuple[ConversationAccess, Participation, Message]:
    """One message that the person may withdraw, and the seat that sent it, or else the owner's.

    Raises Http404; for the same people, ConversationDeleted, ConversationFrozen, UnderLegalHold.
    """
    return _message_of(user, conversation_id, message_id, persona_id, may_withdraw)


def message_to_change_expiry(
    user: Person, conversation_id: UUID, message_id: UUID, *, persona_id: UUID | None = None
) -> tuple[ConversationAccess, Participation, Message]:
    """One message whose expiry the person may change, and the seat as above. Raises as above."""
    return _message_of(user, conversation_id, message_id, persona_id, may_change_expiry)


def message_whose_openers_to_know(
    user: Person, conversation_id: UUID, message_id: UUID, *, persona_id: UUID | None = None
) -> tuple[ConversationAccess, Message]:
    """One message of which the person may know who opened it. Raises Http404, ConversationDeleted."""
    entry, _seat, message = _message_of(user, conversation_id, message_id, persona_id, may_know_openers)
    return entry, message


def _message_of(
    user: Person,
    conversation_id: UUID,
    message_id: UUID,
    persona_id: UUID | None,
    may: Callable[[ConversationAccess, Message], bool],
) -> tuple[ConversationAccess, Participation, Message]:
    """The entry is by the seat of this tab where it sees the message; which seat acts, the message says.

    Whose message it is reads why it can no longer be touched; to everybody else the door does not exist.
    """
    entry = conversation_for(user, conversation_id, persona_id=persona_id)
    entry, message = _seen_through(entry.seats, entry, message_id)
    if not may(entry, message):
        if _is_theirs(entry, message):
            demand_changeable(entry.conversation)
        raise Http404
    seats = sorted(entry.seats, key=lambda seat: (not message.is_by(seat), not seat.is_owner))
    return entry, seats[0], message


def opened_among(entry: ConversationAccess, messages: Sequence[Message]) -> set[UUID]:
    """Which of these messages were opened through the seat of this tab: both states are a participation's (B3).

    Opening for all of a person's seats at once would tell of two addresses that they are one person's.
    """
    found = _openings_through([entry.seat], messages)
    return set(found.values_list("message_id", flat=True))


def seat_with_content(entry: ConversationAccess, message: Message) -> Participation | None:
    """The seat of the person's that has what is in the envelope: it sees the message, and sent or opened it.

    The entry's own before any other: what is done through another tells that the two are one person's.
    """
    opened = set(_openings_through(entry.seats, [message]).values_list("participation_id", flat=True))
    seats = sorted(entry.seats, key=lambda seat: seat.pk != entry.seat.pk)
    return next(
        (
            seat
            for seat in seats
            if message.sequence > seat.sees_after and (message.is_by(seat) or seat.pk in opened)
        ),
        None,
    )


def _openings_through(seats: Sequence[Participation], messages: Sequence[Message]) -> QuerySet[Opening]:
    return Opening.unscoped.filter(
        participation__in=seats, tenure=F("participation__tenure"), message__in=messages
    )
