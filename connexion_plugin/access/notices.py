"""What became of the notices: a state beside each participant, never a line of the history each (spec A2)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from connexion_plugin.access.abilities import ConversationAccess
from connexion_plugin.access.messages import openable
from connexion_plugin.models import Conversation, Mail, Message, Notice, Opening, Participation


def last_notices_of(entry: ConversationAccess, seats: Sequence[Participation]) -> dict[UUID, Notice]:
    """The last notice due to each of these seats, with its mail where there is one; the owner's to know.

    One statement for a page of seats.
    """
    if not entry.is_owner:
        return {}
    others = [seat.pk for seat in seats if not seat.is_owner]
    last = Participation.unscoped.filter(pk__in=others).annotate(last=Subquery(_gathered())).values("last")
    rows = Notice.unscoped.filter(pk__in=last).select_related("mail")
    waiting = Notice.unscoped.filter(mail=None, settled_at=None)
    ungathered = (
        _of_recent(waiting, entry.conversation).filter(participation__in=others).select_related("mail"),
        _of_what_waits(waiting, others).select_related("mail"),
    )
    found: dict[UUID, Notice] = {}
    for notice in rows.union(*ungathered, all=True):
        other = found.get(notice.participation_id)
        if other is None or (other.created_at, other.pk) < (notice.created_at, notice.pk):
            found[notice.participation_id] = notice
    return {seat: notice for seat, notice in found.items() if not _was_not_due(notice)}


def _gathered() -> QuerySet[Notice, Any]:
    """For a queryset of seats: the last of each that the worker has looked at. By the index `notice_gathered`."""
    looked_at = Q(mail__isnull=False) | Q(settled_at__isnull=False)
    mine = Notice.unscoped.filter(looked_at, participation=OuterRef("pk"))
    return mine.order_by("-created_at", "-pk").values("pk")[:1]


# What the worker has not looked at is found by its messages, for no index that a post writes has the seats first.


def _of_recent(waiting: QuerySet[Notice], conversation: Conversation) -> QuerySet[Notice]:
    """Of what was posted since the oldest that waits anywhere, and of the last message."""
    since = Subquery(waiting.order_by("created_at").values("created_at")[:1])
    recent = Q(message__posted_at__gte=since) | Q(message__sequence=conversation.last_sequence)
    return waiting.filter(recent, message__conversation=conversation)


def _of_what_waits(waiting: QuerySet[Notice], seats: Sequence[UUID]) -> QuerySet[Notice]:
    """Of the newest that can still be opened and was not, through each of these seats: however old, it is what one is
    told of who comes, comes back or sits elsewhere (`actions.seats.tell_what_waits`). Who has opened all has none."""
    opened = Opening.unscoped.filter(
        message=OuterRef("pk"), participation=OuterRef(OuterRef("pk")), tenure=OuterRef(OuterRef("tenure"))
    )
    unopened = (
        Message.unscoped.filter(
            openable(timezone.now()),
            ~Exists(opened),
            conversation=OuterRef("conversation"),
            sequence__gt=OuterRef("sees_after"),
        )
        .exclude(sender=OuterRef("pk"), sender_tenure=OuterRef("tenure"))
        .order_by("-sequence")
    )
    newest = Participation.unscoped.filter(pk__in=seats, unopened_count__gt=0).values(
        newest=Subquery(unopened.values("pk")[:1])
    )
    return waiting.filter(message__in=newest, participation__in=seats)


def _was_not_due(notice: Notice) -> bool:
    """Opened, withdrawn or over before it went out."""
    if notice.mail is None:
        return notice.settled_at is not None
    return notice.mail.state == Mail.State.DROPPED
