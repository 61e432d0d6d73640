"""Who may ask for more time with a message, who answers, and what each sees of it (spec E2, C9)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.http import Http404

from connexion_plugin.access.abilities import Ability, ConversationAccess, Person, demand_changeable
from connexion_plugin.access.messages import message_for
from connexion_plugin.models import Message, Participation, TimeRequest


@dataclass(frozen=True)
class Asked:
    """What one may know of the requests about a message: one's own of its present expiry; the owner, all open ones."""

    mine: TimeRequest | None = None
    open_addresses: Sequence[str] = field(default_factory=tuple, repr=False)


def message_to_ask_about(
    user: Person, conversation_id: UUID, message_id: UUID, *, persona_id: UUID | None = None
) -> tuple[ConversationAccess, Participation, Message]:
    """One message with which the person may ask for more time, and the seat that asks.

    Raises Http404; for a reader, ConversationDeleted, ConversationFrozen, UnderLegalHold.
    """
    entry, message = message_for(user, conversation_id, message_id, persona_id=persona_id)
    if not may_ask_for_time(entry, message):
        if not entry.is_owner and not message.is_by(*entry.seats):
            demand_changeable(entry.conversation)
        raise Http404
    return entry, entry.seat, message


def message_to_give_time(
    user: Person, conversation_id: UUID, message_id: UUID
) -> tuple[ConversationAccess, Participation, Message]:
    """One message about which the owner answers those who ask, and the owner's seat.

    Raises Http404; for the owner, ConversationDeleted, ConversationFrozen, UnderLegalHold.
    """
    entry, message = message_for(user, conversation_id, message_id)
    if Ability.GRANT_TIME not in entry.abilities:
        if entry.is_owner:
            demand_changeable(entry.conversation)
        raise Http404
    return entry, next(seat for seat in entry.seats if seat.is_owner), message


def may_ask_for_time(entry: ConversationAccess, message: Message) -> bool:
    """Not with one's own message: its sender changes its expiry."""
    is_mine = message.is_by(*entry.seats)
    return Ability.ASK_FOR_TIME in entry.abilities and not is_mine


def requests_about(entry: ConversationAccess, messages: Sequence[Message]) -> dict[UUID, Asked]:
    """By message, in one statement; nobody but the owner learns who else has asked."""
    found = TimeRequest.unscoped.filter(message__in=messages).order_by("asked_at")
    expiries: dict[UUID, datetime] = {message.pk: message.expires_at for message in messages}
    if Ability.GRANT_TIME in entry.abilities:
        addresses: dict[UUID, list[str]] = {}
        waiting = found.filter(state=TimeRequest.State.OPEN)
        for key, address in waiting.values_list("message_id", "participation__persona__address"):
            addresses.setdefault(key, []).append(address)
        return {key: Asked(open_addresses=names) for key, names in addresses.items()}
    mine = found.filter(participation__in=entry.seats)
    return {row.message_id: Asked(mine=row) for row in mine if row.expires_at == expiries[row.message_id]}
