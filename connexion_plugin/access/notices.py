"""What became of the notices: a state beside each participant, never a line of the history each (spec A2)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from connexion_plugin.access.abilities import ConversationAccess
from connexion_plugin.models import Conversation, Mail, Notice, Participation


def last_notices_of(entry: ConversationAccess, seats: Sequence[Participation]) -> dict[UUID, Notice]:
    """The last notice due to each of these seats, with its mail where there is one; the owner's to know.

    One statement for a page of seats.
    """
    if not entry.is_owner:
        return {}
    others = [seat.pk for seat in seats if not seat.is_owner]
    last = Participation.unscoped.filter(pk__in=others).annotate(last=Subquery(_gathered())).values("last")
    rows = Notice.unscoped.filter(pk__in=last).select_related("mail")
    ungathered = _ungathered(entry.conversation).filter(participation__in=others).select_related("mail")
    found: dict[UUID, Notice] = {}
    for notice in rows.union(ungathered, all=True):
        other = found.get(notice.participation_id)
        if other is None or (other.created_at, other.pk) < (notice.created_at, notice.pk):
            found[notice.participation_id] = notice
    return {seat: notice for seat, notice in found.items() if not _was_not_due(notice)}


def _gathered() -> QuerySet[Notice, Any]:
    """For a queryset of seats: the last of each that the worker has looked at. By the index `notice_gathered`."""
    looked_at = Q(mail__isnull=False) | Q(settled_at__isnull=False)
    mine = Notice.unscoped.filter(looked_at, participation=OuterRef("pk"))
    return mine.order_by("-created_at", "-pk").values("pk")[:1]


def _ungathered(conversation: Conversation) -> QuerySet[Notice]:
    """Those that it has not: of what was posted since the oldest such, and of the last message, of which whoever
    is invited is told. Found by their messages, for no index that a post writes has their seats first."""
    waiting = Notice.unscoped.filter(mail=None, settled_at=None)
    since = Subquery(waiting.order_by("created_at").values("created_at")[:1])
    recent = Q(message__posted_at__gte=since) | Q(message__sequence=conversation.last_sequence)
    return waiting.filter(recent, message__conversation=conversation)


def _was_not_due(notice: Notice) -> bool:
    """Opened, withdrawn or over before it went out."""
    if notice.mail is None:
        return notice.settled_at is not None
    return notice.mail.state == Mail.State.DROPPED
