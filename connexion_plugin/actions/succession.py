"""One conversation changes its owner (spec C13)."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from connexion_plugin import access
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.more_time import tell_successor
from connexion_plugin.actions.ownership import follow_owner
from connexion_plugin.actions.seats import end_seat, pass_to, unopened_by
from connexion_plugin.models import Activity, Collaborator, Conversation, Participation, Persona

Seat = Participation.Seat


def seat_successor(
    *, conversation: Conversation, successor: Collaborator, persona: Persona, named_by: Any, at: datetime
) -> Participation:
    """The successor owns it, and reads the past; the former owner's seat ends. One line of activity.

    They are told of those who wait for more time there (E2).

    In the caller's transaction, which holds the persona and the conversation. An address that nobody has
    verified yet waits in the owner's seat, and the conversation can only be read until then; so does one that
    whoever named it (the id of their account) has verified since the act: they come in by no address (C13).
    """
    former = Participation.unscoped.get(conversation=conversation, role=Participation.Role.OWNER)
    if former.persona_id != persona.pk:
        _step_down(former, at=at)  # first: the constraint `participation_one_owner` holds at every moment
    holder_id = None if named_by is not None and persona.user_id == named_by else persona.user_id
    earlier = Participation.unscoped.filter(conversation=conversation, persona=persona).first()
    if earlier is not None and earlier.holder_id != holder_id:
        end_seat(earlier, Seat.REMOVED, at=at)
    seat = _owners_seat(conversation, persona, holder_id, at)
    conversation.collaborator = successor
    conversation.save(update_fields=["collaborator"])
    follow_owner(conversation, at=at)
    append_line(conversation=conversation, verb=Activity.Verb.HANDED_OVER, at=at, subject=seat)
    seated = (former.holder_id, seat.holder_id, earlier.holder_id if earlier else None)
    access.recompute(conversation, {key for key in seated if key is not None})
    if (former.persona_id, former.holder_id) != (seat.persona_id, seat.holder_id):
        tell_successor(seat)
    return seat


def _step_down(former: Participation, *, at: datetime) -> None:
    """They lose what they owned (M2); the new owner may admit them again, as anybody who was removed."""
    former.role = Participation.Role.PARTICIPANT
    former.save(update_fields=["role"])
    if former.seat in Participation.LIVING:
        end_seat(former, Seat.REMOVED, at=at)


def _owners_seat(conversation: Conversation, persona: Persona, holder_id: Any, at: datetime) -> Participation:
    """The successor's seat, made or raised: whatever they were before, they now own and see all of it."""
    seat = Participation.unscoped.filter(conversation=conversation, persona=persona).first()
    if seat is None:
        seat = Participation(conversation=conversation, persona=persona, invited_at=at)
    if seat.seat != Seat.TAKEN or seat.holder_id != holder_id:
        # Also a seat that its holder had given up: the act names the address, and so whoever reads it now (I3).
        seat.seat = Seat.TAKEN if holder_id else Seat.WAITING
        pass_to(seat, holder_id, at=timezone.now())
        seat.joined_at, seat.ended_at = at if holder_id else None, None
    seat.role, seat.may_reply, seat.sees_after = Participation.Role.OWNER, True, 0
    seat.in_inbox, seat.activity_at = True, conversation.activity_at
    seat.unopened_count = unopened_by(seat)
    seat.save()
    return seat
