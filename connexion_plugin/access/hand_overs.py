"""Who owned a conversation before, and why nobody answers for it now (spec B4, C13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from connexion_plugin.access.abilities import ConversationAccess, Person, State, WhyFrozen
from connexion_plugin.models import Activity, Conversation, Participation


@dataclass(frozen=True)
class HandedOver:
    """The last hand-over of a conversation; everyone in it may know."""

    at: datetime
    former_address: str
    successor_address: str


def last_hand_over() -> Subquery:
    """For an annotation of seats: when their conversation was last handed over. By `activity_handed_over`."""
    lines = Activity.unscoped.filter(conversation=OuterRef("conversation"), verb=Activity.Verb.HANDED_OVER)
    return Subquery(lines.order_by("-at").values("at")[:1])


def hand_over_of(entry: ConversationAccess) -> HandedOver | None:
    """Between whom, and when. No statement where it was never handed over."""
    if entry.handed_over_at is None:
        return None
    lines = (
        Activity.unscoped.filter(
            Q(number=1) | Q(verb=Activity.Verb.HANDED_OVER), conversation=entry.conversation
        )
        .select_related("actor__persona", "subject__persona")
        .order_by("-number")
    )
    # The line of the creation names the first owner, each hand-over's the next.
    last, before = lines[:2]
    owner, former = last.subject, before.subject or before.actor
    assert owner is not None
    assert former is not None
    return HandedOver(
        at=last.at, former_address=former.persona.address, successor_address=owner.persona.address
    )


def has_owned(user: Person, conversation_id: UUID) -> bool:
    """Whether the person owns or owned it; they know of the conversation, whatever they may do there now."""
    lines = Activity.unscoped.filter(
        Q(number=1) | Q(verb=Activity.Verb.HANDED_OVER), conversation=conversation_id
    )
    return lines.filter(Q(subject__holder=user.pk) | Q(subject=None, actor__holder=user.pk)).exists()


@dataclass(frozen=True)
class Reign:
    """The lines of a history during which a seat owned the conversation: from `first` to the one before `until`."""

    seat_id: UUID
    first: int
    until: int


def reigns_of(conversation: Conversation) -> list[Reign]:
    """Who owned it one after the other. What a seat did before it became the owner's, or does afterwards, is a
    participant's (C9): the lines' numbers tell, since a hand-over is dated at the act and written later."""
    lines = (
        Activity.unscoped.filter(Q(number=1) | Q(verb=Activity.Verb.HANDED_OVER), conversation=conversation)
        .order_by("number")
        .values_list("number", Coalesce("subject", "actor"))
    )
    found = list(lines)
    ends = [number for number, _ in found[1:]] + [conversation.last_line + 1]
    return [
        Reign(seat_id, first, until) for (first, seat_id), until in zip(found, ends, strict=True) if seat_id
    ]


def by_an_owner(reigns: Sequence[Reign]) -> Q:
    """Of lines of activity: those of whoever owned the conversation when they were written."""
    lines = Q(pk=None)
    for reign in reigns:
        lines |= Q(actor=reign.seat_id, number__gte=reign.first, number__lt=reign.until)
    return lines


def why_frozen(entry: ConversationAccess) -> WhyFrozen | None:
    """None when it is not. One statement where the owner's seat is empty, none otherwise."""
    conversation = entry.conversation
    if entry.state is not State.FROZEN:
        return None
    if not conversation.collaborator.is_active:
        return WhyFrozen.ENROLMENT_ENDED
    waits = Participation.unscoped.filter(
        conversation=conversation, role=Participation.Role.OWNER, seat=Participation.Seat.WAITING
    ).exists()
    return WhyFrozen.SUCCESSOR_AWAITED if waits else WhyFrozen.ADDRESS_GIVEN_UP
