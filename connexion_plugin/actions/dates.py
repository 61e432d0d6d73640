"""An opening moves the date of every row of its conversation: at once among few, by the worker among many (B2)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Q, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from connexion_plugin.models import Conversation, Participation

FOLLOW = "connexion_plugin.tasks.follow_openings"
# Moving a row rewrites it and its places in four indexes: 5,000 of them take longer than all else of an opening.
MOVED_AT_ONCE = 50
# With the worker's look every few seconds, rows follow within a minute, and not more often.
FOLLOW_AFTER = timedelta(seconds=50)


def move_rows(conversation: Conversation, *, opener: Participation, now: datetime) -> None:
    """An opening moves the date of every row, and makes none unread.

    In an announcement only the owner's and the opener's: a date that moves tells of somebody's opening (C9).
    In the caller's transaction, which holds the conversation's lock.
    """
    seats = _living_seats(conversation)
    few = Q(role=Participation.Role.OWNER) | Q(pk=opener.pk)
    if conversation.hides_participants:
        seats.filter(few).update(activity_at=now)
        return
    # Whether there are many is asked once for the statement, and answered after 51 entries of an index.
    beyond = _living_seats(conversation).order_by()[MOVED_AT_ONCE : MOVED_AT_ONCE + 1]
    if not seats.exclude(Exists(beyond)).update(activity_at=now):
        seats.filter(few).update(activity_at=now)
        if conversation.rows_behind_since is None:
            Conversation.unscoped.filter(pk=conversation.pk).update(rows_behind_since=now)


def wake() -> None:
    """Ask the queue for a run; no arguments, no result."""
    async_task(FOLLOW, save=False)


def is_due(now: datetime | None = None) -> bool:
    """Whether rows have lagged long enough; the worker looks every few seconds."""
    return _due(now or timezone.now()).exists()


def follow_openings(now: datetime | None = None) -> int:
    """Moves the rows that lag behind their conversation; returns in how many conversations.

    One transaction a conversation, under its lock. May run twice, or at once: what was moved is not behind.
    """
    due: list[UUID] = list(
        _due(now or timezone.now()).order_by("rows_behind_since").values_list("pk", flat=True)
    )
    return sum(_follow(key) for key in due)


def _follow(conversation_id: UUID) -> bool:
    with transaction.atomic():
        conversation = Conversation.unscoped.select_for_update().get(pk=conversation_id)
        if conversation.rows_behind_since is None:
            return False
        if not conversation.hides_participants:
            behind = _living_seats(conversation).filter(activity_at__lt=conversation.activity_at)
            behind.update(activity_at=conversation.activity_at)
        Conversation.unscoped.filter(pk=conversation.pk).update(rows_behind_since=None)
    return True


def _living_seats(conversation: Conversation) -> "QuerySet[Participation]":
    return Participation.unscoped.filter(conversation=conversation.pk, seat__in=Participation.LIVING)


def _due(now: datetime) -> "QuerySet[Conversation]":
    """By the index `conversation_rows_behind`."""
    ahead = Q(rows_behind_since__gt=now + FOLLOW_AFTER)  # by a clock that ran ahead
    return Conversation.unscoped.filter(Q(rows_behind_since__lte=now - FOLLOW_AFTER) | ahead)
