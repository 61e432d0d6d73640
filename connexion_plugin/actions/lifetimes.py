"""Changing when a message expires, within what the organization allows (spec E1).

Keys are wrapped again and the data never: the message's, its documents', and the title's, which follows the
latest expiry. What is brought forward stays readable in older backups until its first day of expiry (sealing.md).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from connexion_plugin import exceptions
from connexion_plugin.access import State, state_of
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.documents import is_gone, wrap_documents
from connexion_plugin.actions.messages import locked_conversation, still_seated, wrap_message
from connexion_plugin.actions.titles import TITLE_FIELDS, follow_latest_expiry
from connexion_plugin.models import Activity, Conversation, Message, Organization, Participation
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
        if is_gone(fresh, timezone.now()):
            raise exceptions.MessageGone
        seat = still_seated(by)
        demand_changeable(conversation)
        if expires_at != fresh.expires_at:
            move_expiry(conversation, fresh, expires_at=expires_at, by=seat)
    return fresh


def demand_changeable(conversation: Conversation) -> None:
    """Raises ConversationDeleted, ConversationFrozen; a closed conversation's messages still expire."""
    state = state_of(conversation)
    if state is State.DELETED:
        raise exceptions.ConversationDeleted
    if state is State.FROZEN:
        raise exceptions.ConversationFrozen


def move_expiry(
    conversation: Conversation, message: Message, *, expires_at: datetime, by: Participation
) -> None:
    """The writing itself; the caller holds the conversation's lock and has found the message living.

    Raises ExpiryOutOfBounds, EpochOver (the day is not to come), MessageGone (its key is).
    """
    now = timezone.now()
    bounds = bounds_of(message, conversation.organization, now=now)
    if expires_at <= now or not bounds.hold(expires_at):
        raise exceptions.ExpiryOutOfBounds
    is_later = expires_at > message.expires_at
    day = keys.day_of(expires_at)
    if day != keys.day_of(message.expires_at):
        epoch = keys.open_epoch(organization_id=conversation.organization_id, day=day)
        wrap_message(message, epoch)
        wrap_documents(message, epoch)
    message.expires_at = expires_at
    message.save(update_fields=["expires_at", "key", "epoch"])
    if follow_latest_expiry(conversation):
        conversation.save(update_fields=TITLE_FIELDS)
    append_line(
        conversation=conversation,
        verb=Activity.Verb.LENGTHENED if is_later else Activity.Verb.SHORTENED,
        at=now,
        actor=by,
        message_id=message.pk,
    )
