"""Deleting a conversation for everyone (spec C12): what was in it is gone at once, a tombstone stays.

What is deleted stays readable in older backups of the database until its first day of expiry (sealing.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max, Q, Sum
from django.utils import timezone

from connexion_plugin import exceptions
from connexion_plugin.access import State, state_of
from connexion_plugin.actions import expiry
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.documents import give_up_all_documents
from connexion_plugin.actions.messages import demand_not_held, locked_conversation, still_owner
from connexion_plugin.actions.titles import empty_title
from connexion_plugin.mail import seat_notices
from connexion_plugin.models import (
    Activity,
    Conversation,
    Message,
    Notice,
    Participation,
    SeatNotice,
)

READERS_NAMED = 10


@dataclass(frozen=True)
class Unopened:
    """Somebody who has not opened everything: whose address, how many messages."""

    address: str
    count: int


@dataclass(frozen=True)
class Losses:
    """Who loses what when a conversation is deleted; the owner is not among the people."""

    messages: int
    documents: int
    documents_bytes: int
    people: int
    unopened_people: int  # of them, those who have something to open
    unopened: Sequence[Unopened]  # the first of them by address
    last_expiry: datetime | None  # until when older backups of the database may hold something of it


def losses_of(conversation: Conversation) -> Losses:
    """What `delete_conversation` would take away now; three statements, whatever the conversation's size."""
    now = timezone.now()
    living = Message.unscoped.filter(conversation=conversation, emptied_at=None, expires_at__gt=now)
    sums = living.aggregate(
        messages=Count("pk"),
        documents=Sum("documents_count", default=0),
        documents_bytes=Sum("documents_bytes", default=0),
        last_expiry=Max("expires_at"),
    )
    seats = Participation.unscoped.filter(
        conversation=conversation, seat__in=Participation.LIVING, role=Participation.Role.PARTICIPANT
    )
    # What expired minutes ago is still counted as unopened; it is nothing that a deletion takes from anybody.
    waiting = seats.filter(unopened_count__gt=0) if sums["messages"] else seats.none()
    counts = seats.aggregate(people=Count("pk"), unopened_people=Count("pk", filter=Q(unopened_count__gt=0)))
    named = waiting.order_by("persona__address").values_list("persona__address", "unopened_count")
    return Losses(
        **sums,
        people=counts["people"],
        unopened_people=counts["unopened_people"] if sums["messages"] else 0,
        unopened=[Unopened(*row) for row in named[:READERS_NAMED]],
    )


def delete_conversation(*, by: Participation) -> Conversation:
    """Title, texts, names, documents and all their keys are gone at once; deleting again changes nothing.

    One transaction, under the lock of the conversation; the documents' parts, which no key opens any more,
    go with the next sweep. Seats, dates and the activity stay, and everyone but the owner is told once.
    Raises ConversationFrozen, NoLongerThere, UnderLegalHold.
    """
    with transaction.atomic():
        conversation = locked_conversation(by.conversation_id)
        seat = still_owner(by)
        state = state_of(conversation)
        if state is State.DELETED:
            return conversation
        if state is State.FROZEN:
            raise exceptions.ConversationFrozen
        demand_not_held(conversation)
        now = timezone.now()
        _take_everything_away(conversation, now=now)
        append_line(conversation=conversation, verb=Activity.Verb.DELETED, at=now, actor=seat)
        others = Participation.unscoped.filter(
            conversation=conversation, seat__in=Participation.LIVING
        ).exclude(pk=seat.pk)
        seat_notices.queue(kind=SeatNotice.Kind.DELETED, participations=others.only("pk"))
    return conversation


def _take_everything_away(conversation: Conversation, *, now: datetime) -> None:
    if give_up_all_documents(conversation):
        transaction.on_commit(expiry.wake, robust=True)
    messages = Message.unscoped.filter(conversation=conversation, emptied_at=None)
    messages.update(text_sealed=b"", key=b"", emptied_at=now)
    Notice.unscoped.filter(message__conversation=conversation, mail=None, settled_at=None).update(
        settled_at=now
    )
    Participation.unscoped.filter(conversation=conversation, unopened_count__gt=0).update(unopened_count=0)
    empty_title(conversation, now=now)
    conversation.deleted_at = now
    conversation.save(update_fields=["deleted_at"])
