"""Inviting, removing, leaving, admitting again, and who may reply (spec C9, C10, I3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.db import transaction
from django.utils import timezone

from connexion_plugin import access, exceptions, formats, personas
from connexion_plugin.access import State, state_of
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.messages import locked_conversation, still_owner
from connexion_plugin.actions.seats import (
    date_shown,
    end_seat,
    pass_to,
    permissions_of,
    tell_what_waits,
    unopened_by,
)
from connexion_plugin.mail import outbox
from connexion_plugin.models import (
    Activity,
    Conversation,
    Message,
    Participation,
    Persona,
)

MOST_PARTICIPANTS = 5000  # beside the owner (spec C10)
NO_LANGUAGES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Invited:
    """What became of each address: a new seat, one that stood already, one that has ended, or none."""

    seats: Sequence[Participation]
    already_in: Sequence[str]
    no_longer_in: Sequence[str]  # for the owner to admit again (spec I3)
    refused: Sequence[str]  # whose holder accepts no further invitation of the organization (spec I7)
    own: Sequence[str]  # other addresses of the owner, who reads it already


def invite(
    *,
    by: Participation,
    addresses: Sequence[str],
    language: str,
    languages: Mapping[str, str] = NO_LANGUAGES,
    may_reply: bool = True,
    sees_past: bool = True,
) -> Invited:
    """Seats these addresses; those that have a seat are left as they are, and named in the answer.

    `language` is for addresses nobody has seen before, unless `languages` says theirs.

    One transaction; personas first, then the conversation. Each newcomer who sees the past is told of the
    newest message that can be opened. Nobody gets a right to reply in an announcement. Raises ConversationFrozen,
    ConversationClosed, NoLongerThere (the inviter), TooManyParticipants (and nobody is invited then).
    """
    with transaction.atomic():
        rows = personas.locked(addresses, language=language, languages=languages)
        conversation = locked_conversation(by.conversation_id)
        still_owner(by)
        demand_open(conversation)
        standing = dict(
            Participation.unscoped.filter(conversation=conversation, persona__in=rows.values()).values_list(
                "persona_id", "seat"
            )
        )
        strangers = [row for row in rows.values() if row.pk not in standing]
        newcomers = [row for row in strangers if row.user_id != by.holder_id]
        refusing = access.refusing(conversation.organization_id, newcomers)
        welcome = [row for row in newcomers if row.pk not in refusing]
        _demand_room(conversation, len(welcome))
        seats = seat_personas(
            conversation=conversation,
            rows=welcome,
            by=by,
            at=timezone.now(),
            may_reply=may_reply and not conversation.hides_participants,
            sees_after=0 if sees_past else conversation.last_sequence,
        )
        if seats and sees_past and (newest := _newest_openable(conversation)):
            outbox.queue_notices(message=newest, participations=seats)
        known = [(row.address, standing[row.pk]) for row in rows.values() if row.pk in standing]
        return Invited(
            seats=seats,
            already_in=[address for address, seat in known if seat in Participation.LIVING],
            no_longer_in=[address for address, seat in known if seat not in Participation.LIVING],
            refused=[row.address for row in newcomers if row.pk in refusing],
            own=sorted(row.address for row in strangers if row.user_id == by.holder_id),
        )


def remove(*, by: Participation, participation: Participation) -> None:
    """Ends a seat: its person reads nothing more through it, at once. Idempotent.

    One transaction, under the lock of the conversation. The owner's own seat cannot be removed.
    Raises ConversationFrozen, GoneAlready where the person went by themselves.
    """
    with transaction.atomic():
        conversation = locked_conversation(by.conversation_id)
        still_owner(by)
        demand_living(conversation)
        seat = Participation.unscoped.get(pk=participation.pk, conversation=conversation)
        if seat.is_owner or seat.seat == Participation.Seat.REMOVED:
            return
        _demand_living_seat(seat)
        now = timezone.now()
        end_seat(seat, Participation.Seat.REMOVED, at=now)
        append_line(conversation=conversation, verb=Activity.Verb.REMOVED, at=now, actor=by, subject=seat)
        access.recompute_quietly(
            conversation, [seat.holder_id], by_id=by.holder_id, revoking=permissions_of(seat)
        )


def leave(*, participations: Sequence[Participation]) -> None:
    """The person goes, whatever the conversation's state: these are their seats in one. Idempotent.

    One transaction, under the lock of the conversation; a line for each seat. Raises OwnerStays, and nobody
    has left then.
    """
    with transaction.atomic():
        conversation = locked_conversation(participations[0].conversation_id)
        now = timezone.now()
        for row in participations:
            seat = Participation.unscoped.get(pk=row.pk, conversation=conversation)
            if seat.is_owner:
                raise exceptions.OwnerStays
            # Somebody else may hold it since the caller looked: they stay (I3).
            if seat.seat == Participation.Seat.TAKEN and seat.holder_id == row.holder_id:
                end_seat(seat, Participation.Seat.LEFT, at=now)
                append_line(conversation=conversation, verb=Activity.Verb.LEFT, at=now, actor=seat)
        holders = [row.holder_id for row in participations if row.holder_id is not None]
        access.recompute(conversation, holders)


def change_reply(*, by: Participation, participation: Participation, may_reply: bool) -> None:
    """Gives the right to reply, or leaves the right to read only (spec C10). Idempotent.

    One transaction, under the lock of the conversation. Raises ConversationFrozen, ConversationClosed,
    AnnouncementIsReadOnly, GoneAlready.
    """
    with transaction.atomic():
        conversation = locked_conversation(by.conversation_id)
        still_owner(by)
        demand_open(conversation)
        if conversation.hides_participants and may_reply:
            raise exceptions.AnnouncementIsReadOnly
        seat = Participation.unscoped.get(pk=participation.pk, conversation=conversation)
        _demand_living_seat(seat)
        if seat.is_owner or seat.may_reply == may_reply:
            return
        seat.may_reply = may_reply
        seat.save(update_fields=["may_reply"])
        append_line(
            conversation=conversation,
            verb=Activity.Verb.REPLY_GIVEN if may_reply else Activity.Verb.REPLY_TAKEN,
            at=timezone.now(),
            actor=by,
            subject=seat,
        )
        changed = [access.REPLY]
        access.recompute_quietly(
            conversation,
            [seat.holder_id],
            by_id=by.holder_id,
            granting=changed if may_reply else (),
            revoking=() if may_reply else changed,
        )


def readmit(*, by: Participation, participation: Participation) -> None:
    """Opens a released or removed seat again, for whoever holds the address now, or will (spec I3).

    What an earlier holder opened and wrote is theirs: another one finds everything in its envelope. Whoever it is,
    they are told of the newest message that waits for them.

    One transaction; the persona first, then the conversation. Raises ConversationFrozen, ConversationClosed,
    InvitationsRefused, TooManyParticipants.
    """
    with transaction.atomic():
        persona = Persona.unscoped.select_for_update(no_key=True).get(pk=participation.persona_id)
        conversation = locked_conversation(by.conversation_id)
        still_owner(by)
        demand_open(conversation)
        seat = Participation.unscoped.get(pk=participation.pk, conversation=conversation)
        if seat.seat in Participation.LIVING or seat.persona_id != persona.pk:
            return  # opened already, by somebody else or by a move to another address
        if access.refusing(conversation.organization_id, [persona]):
            raise exceptions.InvitationsRefused
        _demand_room(conversation, 1)
        now = timezone.now()
        pass_to(seat, persona.user_id, at=now)
        seat.ended_at = None
        seat.seat = Participation.Seat.TAKEN if persona.user_id else Participation.Seat.WAITING
        seat.joined_at = now if persona.user_id else None
        seat.unopened_count = unopened_by(seat)  # what was posted while the seat was shut counts too
        seat.in_inbox, seat.activity_at = True, date_shown(conversation, now)
        seat.entered_at = None  # until they come, nobody learns whether somebody is there (I6)
        seat.may_reply = seat.may_reply and not conversation.hides_participants
        seat.save()
        append_line(conversation=conversation, verb=Activity.Verb.READMITTED, at=now, actor=by, subject=seat)
        access.recompute_quietly(
            conversation, [seat.holder_id], by_id=by.holder_id, granting=permissions_of(seat)
        )
        tell_what_waits(seat)


def _newest_openable(conversation: Conversation) -> Message | None:
    messages = Message.unscoped.filter(access.openable(timezone.now()), conversation=conversation)
    newest: Message | None = messages.order_by("sequence").last()
    return newest


def seat_personas(
    *,
    conversation: Conversation,
    rows: Sequence[Persona],
    by: Participation,
    at: datetime,
    may_reply: bool = True,
    sees_after: int = 0,
) -> list[Participation]:
    """New seats for personas that have none; in the caller's transaction, personas and conversation locked.

    One line of activity, with its number (spec A2), and each seat's `invited_at` beside it.
    """
    if not rows:
        return []
    unopened = 0
    if conversation.last_sequence > sees_after:
        unopened = Message.unscoped.filter(
            conversation=conversation, sequence__gt=sees_after, emptied_at=None
        ).count()
    seats = [
        Participation(
            conversation=conversation,
            persona=row,
            holder_id=row.user_id,
            seat=Participation.Seat.TAKEN if row.user_id else Participation.Seat.WAITING,
            may_reply=may_reply,
            sees_after=sees_after,
            invited_at=at,
            joined_at=at if row.user_id else None,
            unopened_count=unopened,
            activity_at=date_shown(conversation, at),
        )
        for row in rows
    ]
    Participation.unscoped.bulk_create(seats)
    append_line(
        conversation=conversation,
        verb=Activity.Verb.INVITED,
        at=at,
        actor=by,
        subject=seats[0] if len(seats) == 1 else None,
        count=len(seats),
    )
    access.recompute_quietly(
        conversation,
        [row.user_id for row in rows],
        by_id=by.holder_id,
        granting=permissions_of(seats[0]),
    )
    return seats


def _demand_living_seat(seat: Participation) -> None:
    """Raises LeftAlready, GoneAlready."""
    if seat.seat == Participation.Seat.LEFT:
        raise exceptions.LeftAlready
    if seat.seat not in Participation.LIVING:
        raise exceptions.GoneAlready


def _demand_room(conversation: Conversation, number: int) -> None:
    """For so many more participants; the caller holds the conversation's lock. Raises TooManyParticipants."""
    living = Participation.unscoped.filter(
        conversation=conversation, role=Participation.Role.PARTICIPANT, seat__in=Participation.LIVING
    )
    left = max(MOST_PARTICIPANTS - living.count(), 0)
    if number > left:
        raise exceptions.TooManyParticipants(
            left=left, written=formats.number(left), most=formats.number(MOST_PARTICIPANTS)
        )


def demand_living(conversation: Conversation) -> None:
    """Raises ConversationDeleted, ConversationFrozen."""
    state = state_of(conversation)
    if state is State.DELETED:
        raise exceptions.ConversationDeleted
    if state is State.FROZEN:
        raise exceptions.ConversationFrozen


def demand_open(conversation: Conversation) -> None:
    """Raises ConversationFrozen, ConversationClosed."""
    demand_living(conversation)
    if state_of(conversation) is State.CLOSED:
        raise exceptions.ConversationClosed
