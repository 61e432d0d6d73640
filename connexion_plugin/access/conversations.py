"""One conversation: may this person do this to it? One look-up of guardian's rows, then the seats (access.md)."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import Http404

from connexion_plugin.access.abilities import (
    NOT_UNDER_A_HOLD,
    VIEW,
    Ability,
    ConversationAccess,
    Person,
    abilities_for,
    is_held,
    state_of,
)
from connexion_plugin.access.drafts import waiting_draft
from connexion_plugin.access.hand_overs import last_hand_over
from connexion_plugin.models import Conversation, ConversationPermission, Participation
from connexion_plugin.prepared import PlannedOnce
from connexion_plugin.statements import Statement, together


def permissions_of(user: Person, conversation: Conversation) -> set[str]:
    """The person's own rows: what guardian's `get_user_perms` answers, compiled once.

    Not `has_perm`, which says yes to every superuser.
    """
    if not _may_have_any(user):
        return set()
    return _names(together(_rows_of(user, conversation.pk))[0])


def _may_have_any(user: Person) -> bool:
    return user.is_authenticated and user.is_active


def _rows_of(user: Person, conversation_id: UUID) -> Statement[list[tuple[str]]]:
    kind = ContentType.objects.get_for_model(Conversation).pk
    return _permissions.statement(user=user.pk, conversation=conversation_id, kind=kind)


def _names(rows: list[tuple[str]]) -> set[str]:
    return {codename for (codename,) in rows}


@PlannedOnce
def _permissions(user: Any, conversation: Any, kind: Any) -> QuerySet[Any, tuple[str]]:
    rows: QuerySet[Any] = ConversationPermission.objects.filter(
        user=user, content_object=conversation, permission__content_type=kind
    )
    return rows.values_list("permission__codename")


def conversation_for(
    user: Person, conversation_id: UUID, *, persona_id: UUID | None = None
) -> ConversationAccess:
    """The conversation, the person's seats in it and what they may do. Raises Http404 for a stranger.

    Permission and seats are asked for in one go, so that what exists and what does not take the same.
    `persona_id` prefers the seat of one persona (the tab one came from).
    """
    if not _may_have_any(user):
        raise Http404
    rows, seats = together(
        _rows_of(user, conversation_id), _seats.statement(conversation=conversation_id, holder=user.pk)
    )
    permissions = _names(rows)
    if VIEW not in permissions or not seats:
        raise Http404
    seats.sort(key=lambda seat: (seat.persona_id != persona_id, not seat.is_owner, not seat.may_reply))
    conversation = seats[0].conversation
    abilities = abilities_for(
        permissions=permissions,
        state=state_of(conversation),
        hides_participants=conversation.hides_participants,
    )
    if is_held(conversation):
        abilities -= NOT_UNDER_A_HOLD
    return ConversationAccess(
        conversation=conversation, seat=seats[0], seats=tuple(seats), abilities=abilities
    )


@PlannedOnce
def _seats(conversation: Any, holder: Any) -> QuerySet[Participation]:
    return (
        Participation.unscoped.filter(conversation=conversation, holder=holder, seat=Participation.Seat.TAKEN)
        .select_related("persona", "conversation__collaborator", "conversation__organization")
        .defer("conversation__collaborator__enrolled_at", "conversation__collaborator__status_changed_at")
        .annotate(handed_over_at=last_hand_over(), waiting_draft_id=waiting_draft())
        .order_by("id")
    )


def conversation_to_post_in(
    user: Person,
    conversation_id: UUID,
    *,
    persona_id: UUID | None = None,
    sender_id: UUID | None = None,
    draft_id: UUID | None = None,
) -> ConversationAccess:
    """The same, through the seat that a message is written from (`seat_to_post_from`).

    *Post* is among the abilities where that very seat may: nobody writes from an address other than the one that
    the page names, which would tell of the two that they are one person's.
    """
    entry = conversation_for(user, conversation_id, persona_id=persona_id)
    seat = seat_to_post_from(entry, sender_id=sender_id, draft_id=draft_id)
    abilities = entry.abilities if _writes(seat, entry) else entry.abilities - {Ability.POST}
    return replace(entry, seat=seat, abilities=abilities)


def seat_to_post_from(
    entry: ConversationAccess, *, sender_id: UUID | None = None, draft_id: UUID | None = None
) -> Participation:
    """The seat of the persona that a form names, or the one in which this draft was begun, whether it may post by now
    or not; where nothing is named yet, one that may post if there is one: the tab's before any other."""
    named = [seat for seat in entry.seats if seat.persona_id == sender_id]
    begun = [seat for seat in entry.seats if draft_id and getattr(seat, "waiting_draft_id", None) == draft_id]
    return next(iter([*named, *begun]), seat_that_posts(entry) or entry.seat)


def seat_that_posts(entry: ConversationAccess) -> Participation | None:
    """One that may post as long as the conversation takes messages; the tab's before any other."""
    return next((seat for seat in entry.seats if _writes(seat, entry)), None)


def _writes(seat: Participation, entry: ConversationAccess) -> bool:
    return seat.may_reply and (seat.is_owner or not entry.conversation.hides_participants)
