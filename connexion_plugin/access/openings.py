"""Who opened a message: for its sender and the owner, and what they may know of it (spec C9, C12)."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from connexion_plugin.access.abilities import ConversationAccess
from connexion_plugin.access.hand_overs import by_an_owner, reigns_of
from connexion_plugin.models import Activity, Message, Opening, Participation


def openings_of(entry: ConversationAccess, messages: Sequence[Message]) -> QuerySet[Opening]:
    """Who opened these messages, in order; no other reader's where participants are hidden (spec C9).

    One statement more there, once it was handed over.
    """
    found = (
        Opening.unscoped.filter(message__in=messages)
        .select_related("participation__persona")
        .order_by("opened_at", "pk")
    )
    if entry.conversation.hides_participants and not entry.is_owner:
        mine = Q(participation__in=entry.seats, tenure=F("participation__tenure"))  # no earlier holder's (I3)
        return found.filter(_by_the_owners_side(entry) | mine)
    return found


def _by_the_owners_side(entry: ConversationAccess) -> Q:
    """Of openings: those of whoever owned the conversation then. Their lines tell; an opening's moment would not,
    since a hand-over is dated at the act and the worker carries it later."""
    if entry.handed_over_at is None:
        return Q(participation__role=Participation.Role.OWNER)
    reigns = reigns_of(entry.conversation)
    lines = Activity.unscoped.filter(
        by_an_owner(reigns),
        conversation=entry.conversation,
        verb=Activity.Verb.OPENED,
        actor=OuterRef("participation"),
        message_id=OuterRef("message"),
        at=OuterRef("opened_at"),
    )
    return Q(Exists(lines), participation__in={reign.seat_id for reign in reigns})


def first_openers_of(
    entry: ConversationAccess, messages: Sequence[Message], *, at_most: int
) -> dict[UUID, tuple[list[str], int]]:
    """Of each of these messages the addresses of the first who opened it, so many, and how many did. One statement
    (and what `openings_of` says)."""
    first = openings_of(entry, messages).annotate(
        place=Window(RowNumber(), partition_by="message", order_by=["opened_at", "pk"]),
        number=Window(Count("pk"), partition_by="message"),
    )
    openers: dict[UUID, tuple[list[str], int]] = {message.pk: ([], 0) for message in messages}
    for message, address, number in first.filter(place__lte=at_most).values_list(
        "message", "participation__persona__address", "number"
    ):
        openers[message] = ([*openers[message][0], address], number)
    return openers
