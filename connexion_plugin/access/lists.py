"""Which conversations are in this inbox? Answered by the participations, never by a guardian sub-query (goals.md)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.utils import timezone

from connexion_plugin.access.abilities import Person
from connexion_plugin.access.drafts import has_begun_to_start, waiting_draft
from connexion_plugin.models import Collaborator, Message, Participation, Persona

# What a row of the inbox shows: a third of the columns of the three tables.
LISTED = (
    "activity_at",
    "entered_at",
    "unopened_count",
    "conversation__closed_at",
    "conversation__deleted_at",
    "conversation__ownerless_since",
    "conversation__title_sealed",
    "conversation__title_key",
    "conversation__title_epoch_id",
    "conversation__title_emptied_at",
    "conversation__collaborator__address",
    "conversation__collaborator__status",
)


def inbox(user: Person, persona: Persona) -> QuerySet[Participation]:
    """One persona's rows, without order; served by the index `participation_inbox`."""
    rows = Participation.unscoped.filter(
        persona=persona, holder=user.pk, seat=Participation.Seat.TAKEN, in_inbox=True
    )
    rows = rows.select_related("conversation__collaborator").only(*LISTED)
    return rows.annotate(waiting_draft_id=waiting_draft())


def where_address_has(rows: QuerySet[Participation], fragment: str) -> QuerySet[Any]:
    """Adds `address_matches`: somebody whom the person may see there has these characters in their address.

    The owner always, the others unless participants are hidden from each other (spec B7, C9).
    """
    seats = Participation.unscoped.filter(
        conversation=OuterRef("conversation"),
        seat__in=Participation.LIVING,
        persona__address__contains=fragment.lower(),
    )
    owner = Q(conversation__collaborator__address__contains=fragment.lower())
    shown = Q(conversation__hides_participants=False) | Q(role=Participation.Role.OWNER)
    return rows.annotate(address_matches=ExpressionWrapper(owner | (shown & Exists(seats)), BooleanField()))


def unread(rows: QuerySet[Participation]) -> QuerySet[Participation]:
    """Those that hold something unread, or were never entered (spec B3)."""
    return rows.filter(Q(unopened_count__gt=0) | Q(entered_at=None))


def waiting_for_answer(rows: QuerySet[Participation]) -> QuerySet[Participation]:
    """The last message is not mine, and I may reply (spec B3)."""
    return rows.filter(
        may_reply=True,
        last_posted_sequence__lt=F("conversation__last_sequence"),
        conversation__closed_at=None,
        conversation__deleted_at=None,
        conversation__ownerless_since=None,
        conversation__collaborator__status=Collaborator.Status.ACTIVE,
    )


def with_soonest_expiry(rows: QuerySet[Participation]) -> QuerySet[Any]:
    """Adds `soonest_expiry`: when the next message that can still be read expires."""
    living = Message.unscoped.filter(
        conversation=OuterRef("conversation"),
        sequence__gt=OuterRef("sees_after"),
        expires_at__gt=timezone.now(),
        is_held=False,
        emptied_at=None,  # neither withdrawn nor deleted with its conversation
    )
    return rows.annotate(soonest_expiry=Subquery(living.order_by("expires_at").values("expires_at")[:1]))


def expiring(rows: QuerySet[Participation], *, before: datetime) -> QuerySet[Any]:
    """Those of which a message expires before this moment."""
    return with_soonest_expiry(rows).filter(soonest_expiry__lt=before)


@dataclass(frozen=True)
class Tab:
    """A persona as the inbox's tabs show it; `unread_count` stops at 100."""

    persona: Persona
    unread_count: int
    may_start: bool
    draft_waits: bool = False


def tabs_of(user: Person, *, ceiling: int = 100) -> list[Tab]:
    """The tabs: each persona with its count of unread conversations, in one statement.

    Each knows whether a conversation can be started from it. A count stops at `ceiling`, where the page
    says 99+ (an exact one of 100,000 costs 400 times as much).
    """
    rows = unread(
        Participation.unscoped.filter(
            persona=OuterRef("pk"), holder=user.pk, seat=Participation.Seat.TAKEN, in_inbox=True
        )
    )
    enrolments = Collaborator.unscoped.filter(address=OuterRef("address"), status=Collaborator.Status.ACTIVE)
    found = Persona.unscoped.filter(user=user.pk).annotate(
        unread_count=_Count(rows.values("pk")[:ceiling]),
        may_start=Exists(enrolments),
        draft_waits=has_begun_to_start(),
    )
    return [Tab(row, row.unread_count, row.may_start, row.draft_waits) for row in found.order_by("address")]


class _Count(Subquery):
    """How many rows a sliced subquery has; Django's Count cannot follow a LIMIT."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) _rows)"
    output_field = IntegerField()
