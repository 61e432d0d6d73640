"""What must agree, checked: rows against seats, counts against what they count, chains against their hashes.

Style 5: what is denormalised for speed is written by one function and verified by this one.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from connexion_plugin import access, personas
from connexion_plugin.actions import ownership, record, titles
from connexion_plugin.actions.activity import faults_in_chain
from connexion_plugin.models import Activity, Conversation, Message, Notice, Opening, Participation
from connexion_plugin.sealing import keys


def disagreements() -> Iterator[str]:
    """Every fault found, a sentence each, with ids and addresses and never a title, a text or a file name. Raises
    KeyStoreFault."""
    yield from keys.faults()
    yield from personas.disagreements()
    yield from access.disagreements()
    for conversation in Conversation.unscoped.order_by("created_at").iterator():
        for fault in faults_in_chain(conversation):
            yield f"conversation {conversation.pk}: {fault}"
    yield from _sequences()
    yield from _unrecorded()
    yield from wrong_unopened_counts()
    yield from _dates()
    yield from _holds()
    yield from _holders()
    yield from _notices()
    yield from ownership.disagreements()
    yield from titles.disagreements()
    yield from record.disagreements()


def _sequences() -> Iterator[str]:
    found = Conversation.unscoped.annotate(found=Count("messages")).exclude(found=F("last_sequence"))
    for conversation in found:
        yield (
            f"conversation {conversation.pk}: {conversation.found} messages, "
            f"and the last one is number {conversation.last_sequence}"
        )


def _unrecorded() -> Iterator[str]:
    """Each message and each opening has its line: a tail that was cut shows here, even where the conversation was
    made to forget it."""
    opened = Opening.unscoped.filter(message__conversation=OuterRef("pk"))
    found = Conversation.unscoped.annotate(
        openings=Coalesce(Subquery(_counted(opened, "message__conversation")), 0),
        posted_lines=Coalesce(Subquery(_counted(_lines(Activity.Verb.POSTED), "conversation")), 0),
        opened_lines=Coalesce(Subquery(_counted(_lines(Activity.Verb.OPENED), "conversation")), 0),
    ).exclude(posted_lines=F("last_sequence"), opened_lines=F("openings"))
    for conversation in found.iterator():
        yield (
            f"conversation {conversation.pk}: {conversation.last_sequence} messages and "
            f"{conversation.openings} openings, and its history has {conversation.posted_lines} and "
            f"{conversation.opened_lines}"
        )


def _lines(verb: Activity.Verb) -> QuerySet[Activity]:
    return Activity.unscoped.filter(conversation=OuterRef("pk"), verb=verb)


def wrong_unopened_counts() -> Iterator[str]:
    """What a seat has not opened: the messages it sees and did not write, less those it opened.

    A tombstone is nothing to open: what has been emptied counts on neither side.
    """
    seen = Message.unscoped.filter(
        conversation=OuterRef("conversation"), sequence__gt=OuterRef("sees_after"), emptied_at=None
    ).exclude(sender=OuterRef("pk"), sender_tenure=OuterRef("tenure"))
    opened = Opening.unscoped.filter(
        participation=OuterRef("pk"), tenure=OuterRef("tenure"), message__emptied_at=None
    )
    seats = Participation.unscoped.filter(seat__in=Participation.LIVING).annotate(
        seen=Coalesce(Subquery(_counted(seen, "conversation")), 0),
        opened=Coalesce(Subquery(_counted(opened, "participation")), 0),
    )
    for seat in seats.exclude(unopened_count=F("seen") - F("opened")).iterator():
        yield f"seat {seat.pk}: says {seat.unopened_count} unopened, and there are {seat.seen - seat.opened}"


def _counted(rows: QuerySet[Any], by: str) -> QuerySet[Any]:
    counted: QuerySet[Any] = rows.order_by().values(by).annotate(number=Count("pk")).values("number")
    return counted


def _holds() -> Iterator[str]:
    """What a hold keeps is in a conversation that names one which stands; nothing else may outlive its hour."""
    # One that was lifted is the worker's to follow.
    none_stands = Q(conversation__hold=None) | Q(conversation__hold__lifted_at__isnull=False)
    none_stands &= ~Q(conversation__hold__followed_at=None, conversation__hold__isnull=False)
    for message in Message.unscoped.filter(none_stands, is_held=True).iterator():
        yield f"message {message.pk}: held, and its conversation is under no legal hold"


def _holders() -> Iterator[str]:
    """Whoever takes part holds the address: by both together a persona's seats are found."""
    taken = Participation.unscoped.filter(seat=Participation.Seat.TAKEN)
    for seat in taken.exclude(holder=F("persona__user")).iterator():
        yield f"seat {seat.pk}: taken by account {seat.holder_id}, who does not hold its address"


def _notices() -> Iterator[str]:
    """A notice's message and seat are there, and of one conversation; no constraint says so."""
    there = Message.unscoped.filter(
        pk=OuterRef("message_id"), conversation__participations=OuterRef("participation_id")
    )
    for notice in Notice.unscoped.filter(~Exists(there)).iterator():
        yield f"notice {notice.pk}: of a message and a seat that are not there together"


def _dates() -> Iterator[str]:
    moving = Q(activities__verb__in=Activity.MOVING)
    for conversation in Conversation.unscoped.annotate(last=Max("activities__at", filter=moving)).exclude(
        last=F("activity_at")
    ):
        yield f"conversation {conversation.pk}: its date is not that of its last activity"
