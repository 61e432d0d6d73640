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
    ConversationAccess,
    Person,
    abilities_for,
    is_held,
    state_of,
)
from connexion_plugin.access.drafts import waiting_draft
from connexion_plugin.access.hand_overs import last_hand_over
from connexion_plugin.models import Conversation, ConversationPermission, Participation
from connexion_plugin.prepared import Prepared


def permissions_of(user: Person, conversation: Conversation) -> set[str]:
    """The person's own rows: what guardian's `get_user_perms` answers, compiled once.

    Not `has_perm`, which says yes to every superuser.
    """
    if not (user.is_authenticated and user.is_active):
        return set()
    kind = ContentType.objects.get_for_model(Conversation).pk
    rows = _permissions(user=user.pk, conversation=conversation.pk, kind=kind)
    return {codename for (codename,) in rows}


@Prepared
def _permissions(user: Any, conversation: Any, kind: Any) -> QuerySet[Any, tuple[str]]:
    rows: QuerySet[Any] = ConversationPermission.objects.filter(
        user=user, content_object=conversation, permission__content_type=kind
    )
    return rows.values_list("permission__codename")


def conversation_for(
    user: Person, conversation_id: UUID, *, persona_id: UUID | None = None
) -> ConversationAccess:
    """The conversation, the person's seats in it and what they may do. Raises Http404 for a stranger.

    The permission is asked first, so that what exists and what does not take the same one statement.
    `persona_id` prefers the seat of one persona (the tab one came from).
    """
    permissions = permissions_of(user, Conversation(id=conversation_id))
    if VIEW not in permissions:
        raise Http404
    seats = _seats(conversation=conversation_id, holder=user.pk)
    if not seats:
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


@Prepared
def _seats(conversation: Any, holder: Any) -> QuerySet[Participation]:
    return (
        Participation.unscoped.filter(conversation=conversation, holder=holder, seat=Participation.Seat.TAKEN)
        .select_related(
            "persona", "conversation__collaborator", "conversation__organization", "conversation__hold"
        )
        .annotate(handed_over_at=last_hand_over(), waiting_draft_id=waiting_draft())
        .order_by("id")
    )


def conversation_to_post_in(
    user: Person, conversation_id: UUID, *, persona_id: UUID | None = None
) -> ConversationAccess:
    """The same, through a seat that may post if there is one: the tab's before any other.

    Nobody writes from an address other than the one that the page names, which would tell of the two that
    they are one person's.
    """
    entry = conversation_for(user, conversation_id, persona_id=persona_id)
    hides = entry.conversation.hides_participants
    able = (seat for seat in entry.seats if seat.may_reply and (seat.is_owner or not hides))
    return replace(entry, seat=next(able, entry.seat))
