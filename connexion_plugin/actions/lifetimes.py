"""Changing when a message expires, within what the organization allows (spec E1).

Keys are wrapped again and the data never: the message's, its documents', and the title's, which follows the
latest expiry. What is brought forward stays readable in older backups until its first day of expiry (sealing.md).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from connexion_plugin import exceptions
from connexion_plugin.access import demand_changeable
from connexion_plugin.actions import warnings
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.documents import is_gone, wrap_documents
from connexion_plugin.actions.messages import (
    locked_conversation,
    still_seated,
    wrap_message,
)
from connexion_plugin.actions.titles import TITLE_FIELDS, follow_latest_expiry
from connexion_plugin.conf import settings
from connexion_plugin.mail import seat_notices
from connexion_plugin.models import (
    Activity,
    Conversation,
    Message,
    Organization,
    Participation,
    SeatNotice,
    TimeRequest,
)
from connexion_plugin.sealing import keys


@dataclass(frozen=True)
class Bounds:
    """Between which moments a message's expiry may lie: its life is counted from its posting."""

    earliest: datetime
    latest: datetime

    def hold(self, expires_at: datetime) -> bool:
        return self.earliest <= expires_at <= self.latest


def bounds_of(message: Message, organization: Organization, *, now: datetime) -> Bounds:
    """What the organization allows for this message; `earliest` is never past."""
    shortest = message.posted_at + timedelta(days=organization.shortest_expiry_days)
    longest = message.posted_at + timedelta(days=organization.longest_expiry_days)
    return Bounds(earliest=max(shortest, now), latest=longest)


def change_expiry(*, by: Participation, message: Message, expires_at: datetime) -> Message:
    """The message expires at another moment; the same moment again changes nothing.

    One transaction, under the lock of the conversation. Raises MessageGone, ExpiryOutOfBounds, NoLongerThere,
    ConversationFrozen, ConversationDeleted.
    """
    organization_id = by.conversation.organization_id
    keys.ensure_epoch(organization_id=organization_id, day=keys.day_of(expires_at))
    with transaction.atomic():
        conversation = locked_conversation(message.conversation_id)
        fresh = Message.unscoped.get(pk=message.pk)
        now = timezone.now()
        if is_gone(fresh, now):
            raise exceptions.MessageGone
        seat = still_seated(by)
        demand_changeable(conversation)
        if expires_at != fresh.expires_at:
            move_expiry(conversation, fresh, expires_at=expires_at, by=seat, now=now)
    return fresh


def move_expiry(
    conversation: Conversation,
    message: Message,
    *,
    expires_at: datetime,
    by: Participation,
    now: datetime,
    verb: Activity.Verb | None = None,
) -> None:
    """The writing itself; the caller holds the conversation's lock and has found the message living, `now`.

    A later expiry answers those who asked for more time. `verb` says it in other words than later or earlier.
    Raises ExpiryOutOfBounds, EpochOver (the day is not to come), MessageGone (its key is).
    """
    bounds = bounds_of(message, conversation.organization, now=now)
    if expires_at <= now or not bounds.hold(expires_at):
        raise exceptions.ExpiryOutOfBounds
    is_later = expires_at > message.expires_at
    day = keys.day_of(expires_at)
    if day != keys.day_of(message.expires_at):
        epoch = keys.open_epoch(organization_id=conversation.organization_id, day=day)
        wrap_message(message, epoch)
        wrap_documents(message, epoch)
    # Told of an earlier day than the true one nobody misses anything; told of a later one they would.
    reached = warnings.stage_reached(expires_at, now=now, stages=settings.expiry_warning_days)
    told = message.warned_days_ahead if is_later else None
    message.warned_days_ahead = None if told is None or reached is None else max(told, reached)
    message.expires_at = expires_at
    message.save(update_fields=["expires_at", "key", "epoch", "warned_days_ahead"])
    if is_later:
        answer_requests(message, TimeRequest.State.GRANTED, now=now)
    if follow_latest_expiry(conversation, now=now):
        conversation.save(update_fields=TITLE_FIELDS)
    append_line(
        conversation=conversation,
        verb=verb or (Activity.Verb.LENGTHENED if is_later else Activity.Verb.SHORTENED),
        at=now,
        actor=by,
        message_id=message.pk,
    )


def answer_requests(message: Message, state: TimeRequest.State, *, now: datetime) -> int:
    """Answers all who ask for more time with this message, and has them told; returns how many. In the
    caller's transaction, which holds the conversation's lock."""
    waiting = TimeRequest.unscoped.filter(message=message, state=TimeRequest.State.OPEN)
    seats = list(Participation.unscoped.filter(time_requests__in=waiting).only("pk"))
    if seats:
        waiting.update(state=state, answered_at=now)
        seat_notices.queue(kind=SeatNotice.Kind(state.value), participations=seats, message=message)
    return len(seats)
