"""More time with a message: a reader asks with one click, the owner gives or declines with one (spec E2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from connexion_plugin import exceptions
from connexion_plugin.access import demand_changeable
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.documents import is_gone
from connexion_plugin.actions.lifetimes import answer_requests, bounds_of, move_expiry
from connexion_plugin.actions.messages import locked_conversation, still_owner, still_seated
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
    is_kept,
)
from connexion_plugin.sealing import keys


@dataclass(frozen=True)
class Answer:
    """What became of the owner's click: not `is_given` where nobody waited for an answer any more."""

    is_given: bool
    expires_at: datetime


def longer_expiry(message: Message, organization: Organization, *, now: datetime) -> datetime | None:
    """Until when more time would be given; None where the organization allows no longer life."""
    longer = message.expires_at + timedelta(days=settings.more_time_days)
    longest = min(longer, bounds_of(message, organization, now=now).latest)
    # Less than a day more is nothing to ask for.
    return longest if longest - message.expires_at >= timedelta(days=1) else None


def may_be_asked_for(message: Message, organization: Organization, *, now: datetime) -> bool:
    """Whether a message is near enough to its expiry for somebody to ask, and may live longer."""
    return expires_soon(message, now=now) and longer_expiry(message, organization, now=now) is not None


def expires_soon(message: Message, *, now: datetime) -> bool:
    """Whether it is near enough for that; it may have been asked for before the organization allowed less."""
    is_near = message.expires_at - now <= timedelta(days=settings.ask_for_time_days)
    return is_near and not is_kept(message) and not is_gone(message, now)


def ask_for_time(*, by: Participation, message: Message) -> TimeRequest:
    """Writes the request down; asking again for the same expiry gives the one that stands, answered or not.

    One transaction, under the lock of the conversation. The owner is told of the first of those who ask.
    Raises MessageGone, NoLongerThere, ConversationFrozen, ConversationDeleted, NoMoreTime.
    """
    with transaction.atomic():
        conversation, fresh, now = _locked(message)
        seat = still_seated(by)
        demand_changeable(conversation)
        if not may_be_asked_for(fresh, conversation.organization, now=now):
            raise exceptions.NoMoreTime
        is_first = not _open(fresh).exclude(participation__role=Participation.Role.OWNER).exists()
        request, is_new = TimeRequest.unscoped.get_or_create(
            message=fresh, participation=seat, expires_at=fresh.expires_at, defaults={"asked_at": now}
        )
        if is_new:
            append_line(
                conversation=conversation, verb=Activity.Verb.ASKED, at=now, actor=seat, message_id=fresh.pk
            )
            if is_first:
                owner = Participation.unscoped.filter(
                    conversation=conversation, role=Participation.Role.OWNER
                )
                seat_notices.queue(kind=SeatNotice.Kind.ASKED, participations=owner, message=fresh)
    return request


def grant_time(*, by: Participation, message: Message) -> Answer:
    """Everyone who asked gets it, and so does everyone else. Nothing happens when nobody asks any more, and the
    answer says so.

    One transaction, under the lock of the conversation. Raises as `change_expiry`.
    """
    with transaction.atomic():
        conversation, fresh, now = _locked(message)
        owner = still_owner(by)
        demand_changeable(conversation)
        is_waited_for = _open(fresh).exists()
        if is_waited_for:
            longer = longer_expiry(fresh, conversation.organization, now=now)
            if longer is None:
                raise exceptions.ExpiryOutOfBounds
            keys.ensure_epoch(organization_id=conversation.organization_id, day=keys.day_of(longer))
            move_expiry(conversation, fresh, expires_at=longer, by=owner, now=now, verb=Activity.Verb.GRANTED)
    return Answer(is_given=is_waited_for, expires_at=fresh.expires_at)


def decline_time(*, by: Participation, message: Message) -> Answer:
    """The message expires when it was to; those who asked are told. Nothing happens when nobody asks any more, and
    the answer says so.

    One transaction, under the lock of the conversation. Raises as `ask_for_time`.
    """
    with transaction.atomic():
        conversation, fresh, now = _locked(message)
        owner = still_owner(by)
        demand_changeable(conversation)
        is_waited_for = answer_requests(fresh, TimeRequest.State.DECLINED, now=now) > 0
        if is_waited_for:
            append_line(
                conversation=conversation,
                verb=Activity.Verb.DECLINED,
                at=now,
                actor=owner,
                message_id=fresh.pk,
            )
    return Answer(is_given=is_waited_for, expires_at=fresh.expires_at)


def tell_successor(owner: Participation) -> None:
    """Who has just come to own the conversation is told of what others ask for there: who owned it was, not they.

    In the caller's transaction, which holds the conversation's lock.
    """
    waiting = TimeRequest.unscoped.filter(state=TimeRequest.State.OPEN).exclude(participation=owner.pk)
    asked_about = Message.unscoped.filter(
        conversation=owner.conversation_id, emptied_at=None, pk__in=waiting.values("message")
    )
    for message in asked_about.only("pk"):
        seat_notices.queue(kind=SeatNotice.Kind.ASKED, participations=[owner], message=message)


def _locked(message: Message) -> tuple[Conversation, Message, datetime]:
    """The conversation, locked, and the message as it is now. Raises MessageGone."""
    conversation = locked_conversation(message.conversation_id)
    fresh = Message.unscoped.get(pk=message.pk)
    now = timezone.now()
    if is_gone(fresh, now):
        raise exceptions.MessageGone
    return conversation, fresh, now


def _open(message: Message) -> QuerySet[TimeRequest]:
    return TimeRequest.unscoped.filter(message=message, state=TimeRequest.State.OPEN)
