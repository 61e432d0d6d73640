"""A seat as the verbs change it: ended, passed to somebody else, and what it counts (spec I3, C9)."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from connexion_plugin import access
from connexion_plugin.actions.drafts import discard_drafts
from connexion_plugin.mail import outbox, seat_notices
from connexion_plugin.models import (
    Conversation,
    Draft,
    Message,
    Notice,
    Opening,
    Participation,
    SeatMove,
    TimeRequest,
)


def end_seat(seat: Participation, how: Participation.Seat, *, at: datetime) -> None:
    """Its person reads nothing more through it; the caller holds the conversation's lock, and recomputes."""
    seat.seat, seat.ended_at = how, at
    seat.save(update_fields=["seat", "ended_at"])
    discard_drafts(Draft.unscoped.filter(participation=seat))


def pass_to(seat: Participation, holder_id: Any, *, at: datetime) -> None:
    """The seat is this account's from now on, or, with None, whoever's will verify its address; not saved.

    Nobody inherits what another did through it (I3): its openings, its messages, what it has asked for. Call it
    before `joined_at` is written, which says that somebody held it.
    """
    changes = holder_id is None or holder_id != seat.holder_id
    if changes and seat.joined_at is not None:
        seat.tenure += 1
        seat.entered_at, seat.last_posted_sequence = None, 0
        TimeRequest.unscoped.filter(participation=seat.pk).delete()
        SeatMove.unscoped.filter(participation=seat.pk, settled_at=None).update(settled_at=timezone.now())
        seat_notices.pass_on(seat)
    if changes:  # also where nobody came in meanwhile: the one before them is another all the same
        seat.holder_id = holder_id
        date_holder(seat, at=at)


def date_holder(seat: Participation, *, at: datetime) -> None:
    """Since when another than the first holder holds it: what was done through it before is not theirs to read in an
    announcement, and admitted again they find their own (I3, C9). Not saved."""
    seat.held_since = at if seat.tenure and seat.holder_id is not None else None


def permissions_of(seat: Participation) -> tuple[str, ...]:
    """What a participant's seat is worth to who holds it."""
    return (access.VIEW, access.REPLY) if seat.may_reply else (access.VIEW,)


def date_shown(conversation: Conversation, at: datetime) -> datetime:
    """The conversation's date; an announcement's may be that of somebody's opening, and is not shown (C9)."""
    return at if conversation.hides_participants else conversation.activity_at


def unopened_by(seat: Participation) -> int:
    """How many of the messages that the seat sees it has not opened."""
    return _unopened(seat).count()


def tell_what_waits(seat: Participation) -> None:
    """Queues the notice of the newest message that can still be opened and was not, through this seat (spec N1).

    What the seat was told of it before was told to somebody else, or at another address, or before it ended: it is
    told anew. Where nothing can be opened there is nothing to tell. In the caller's transaction.
    """
    newest = _unopened(seat).filter(access.openable(timezone.now())).order_by("sequence").last()
    if isinstance(newest, Message):
        Notice.unscoped.filter(message=newest, participation=seat).delete()
        outbox.queue_notices(message=newest, participations=[seat])


def _unopened(seat: Participation) -> QuerySet[Message]:
    opened = Opening.unscoped.filter(message=OuterRef("pk"), participation=seat.pk, tenure=seat.tenure)
    seen = access.messages_seen_by(seat).filter(~Exists(opened), emptied_at=None)
    return seen.exclude(sender=seat.pk, sender_tenure=seat.tenure)
