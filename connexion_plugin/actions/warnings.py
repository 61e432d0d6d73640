"""Readers are warned before a message that they have not opened expires (spec E2); written by the worker.

Once a reader, message, day of expiry and number of days ahead, whatever is killed or runs twice: what was
written is on the message's own row, in the transaction that wrote the notices.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value

from connexion_plugin.conf import settings
from connexion_plugin.mail import seat_notices
from connexion_plugin.models import Conversation, Message, Opening, Participation, SeatNotice, kept
from connexion_plugin.sealing import keys


def warn_of_expiry(*, now: datetime, limit: int) -> int:
    """Writes the notices that are due, of at most `limit` messages; returns how many messages were looked at.

    A message is looked at once for each number of days in CONNEXION["EXPIRY_WARNING_DAYS"], and again when its
    expiry moves. To be called where the clock is trusted: one that runs ahead would warn of everything.
    """
    looked_at = 0
    for days in sorted(settings.expiry_warning_days):  # the nearest first: nobody is told twice in one run
        due = list(_due(now, days).order_by("expires_at").values_list("pk", flat=True)[: limit - looked_at])
        looked_at += sum(_warn(key, now=now, days=days) for key in due)
    return looked_at


def due_messages(now: datetime) -> int:
    """Of how many messages `warn_of_expiry` would write; changes nothing."""
    return _due(now, max(settings.expiry_warning_days, default=0)).count()


def stage_reached(expires_at: datetime, *, now: datetime, stages: Sequence[int]) -> int | None:
    """Of the numbers of days ahead, the smallest that the expiry is within; None when it is further away."""
    return min((days for days in stages if expires_at < _horizon(now, days)), default=None)


def _warn(message_id: UUID, *, now: datetime, days: int) -> bool:
    """One message, in one transaction, under the lock of its conversation; False when another was here first."""
    conversation_id = Message.unscoped.values_list("conversation", flat=True).get(pk=message_id)
    with transaction.atomic():
        Conversation.unscoped.select_for_update().get(pk=conversation_id)
        message = _due(now, days).filter(pk=message_id).first()
        if message is None:
            return False
        message.warned_days_ahead = days
        message.save(update_fields=["warned_days_ahead"])
        # Who writes a message for ten days does not want its readers alarmed on the first.
        if days == _nearest() or message.expires_at - message.posted_at >= timedelta(days=2 * days):
            seat_notices.queue(
                kind=SeatNotice.Kind.EXPIRING,
                participations=_unopened_readers(message),
                message=message,
                expires_on=keys.day_of(message.expires_at),
                days_ahead=days,
            )
    return True


def _due(now: datetime, days: int) -> QuerySet[Message]:
    """By the index `message_not_emptied`. By whole days, so that one's messages of a day come in one e-mail."""
    not_yet = Q(warned_days_ahead=None) | Q(warned_days_ahead__gt=days)
    due = Message.unscoped.filter(
        not_yet,
        ~kept(),  # before its worker has flagged them, too
        expires_at__gt=now,
        expires_at__lt=_horizon(now, days),
        emptied_at=None,
        is_held=False,
    )
    return _old_enough(due, now, days) if days == _nearest() else due


def _old_enough(messages: QuerySet[Message], now: datetime, days: int) -> QuerySet[Message]:
    """What lives less than twice that long is warned of when half of its life is over: before it expires all the
    same (E2), and not on its first day."""
    lived, left = Value(now) - F("posted_at"), F("expires_at") - Value(now)
    return messages.alias(
        life=ExpressionWrapper(F("expires_at") - F("posted_at"), DurationField()),
        lived=ExpressionWrapper(lived, DurationField()),
        left=ExpressionWrapper(left, DurationField()),
    ).filter(Q(life__gte=timedelta(days=2 * days)) | Q(lived__gte=F("left")))


def _nearest() -> int:
    return min(settings.expiry_warning_days, default=0)


def _horizon(now: datetime, days: int) -> datetime:
    return datetime.combine(keys.day_of(now) + timedelta(days=days + 1), time.min, tzinfo=UTC)


def _unopened_readers(message: Message) -> QuerySet[Participation]:
    opened = Opening.unscoped.filter(message=message, participation=OuterRef("pk"), tenure=OuterRef("tenure"))
    return (
        Participation.unscoped.filter(
            ~Exists(opened),
            conversation=message.conversation_id,
            seat__in=Participation.LIVING,
            sees_after__lt=message.sequence,
        )
        .exclude(pk=message.sender_id, tenure=message.sender_tenure)
        .only("pk")
    )
