"""Which conversations are in this inbox? Answered by the participations, never by a guardian sub-query (goals.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

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
    Value,
)
from django.utils import timezone

from connexion_plugin.access.abilities import Person
from connexion_plugin.access.drafts import has_begun_to_start, waiting_draft
from connexion_plugin.keyset import Cut, Key, cut_out
from connexion_plugin.models import Collaborator, Message, Participation, Persona
from connexion_plugin.prepared import Prepared

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
    "conversation__title_expires_at",
    "conversation__title_emptied_at",
    "conversation__collaborator__address",
    "conversation__collaborator__status",
)


class Show(StrEnum):
    """The filters of an inbox (spec B3)."""

    ALL = "all"
    UNREAD = "unread"
    ANSWER = "answer"
    EXPIRING = "expiring"


def inbox(user: Person, persona: Persona) -> QuerySet[Participation]:
    """One persona's rows, without order; served by the index `participation_inbox`."""
    return _with_what_is_listed(_in_inbox(user.pk, persona.pk))


def _in_inbox(holder: Any, persona: Any) -> QuerySet[Participation]:
    # A value where True would do: SQLite enters an index by `in_inbox = 1`, not by `in_inbox`.
    return Participation.unscoped.filter(
        persona=persona, holder=holder, seat=Participation.Seat.TAKEN, in_inbox=Value(True)
    )


def _with_what_is_listed(rows: QuerySet[Participation]) -> QuerySet[Participation]:
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


def with_soonest_expiry(rows: QuerySet[Participation], now: Any = None) -> QuerySet[Any]:
    """Adds `soonest_expiry`: when the next message that can still be read expires."""
    living = Message.unscoped.filter(
        conversation=OuterRef("conversation"),
        sequence__gt=OuterRef("sees_after"),
        expires_at__gt=timezone.now() if now is None else now,
        is_held=False,
        emptied_at=None,  # neither withdrawn nor deleted with its conversation
    )
    return rows.annotate(soonest_expiry=Subquery(living.order_by("expires_at").values("expires_at")[:1]))


def expiring(rows: QuerySet[Participation], *, before: Any, now: Any = None) -> QuerySet[Any]:
    """Those of which a message expires before this moment."""
    return with_soonest_expiry(rows, now).filter(soonest_expiry__lt=before)


@dataclass(frozen=True)
class Listing:
    """One persona's inbox under one filter, for the pages that show it; the same rows as `inbox`."""

    holder_id: Any  # the account's key; None is nobody's
    persona_id: UUID
    show: Show
    expires_before: datetime  # what the filter "expiring" takes for soon

    def read(self, cut: Cut, key: Key | None) -> Sequence[Any]:
        """Rows with what a page shows of them, and when the next message of each expires. One statement."""
        at, row_id = (key.at, key.id) if key else (None, None)
        return _listed(self.show, cut, at=at, row_id=row_id, **self._values())

    def count(self, *, at_most: int | None = None) -> int:
        """How many rows there are; no further than `at_most`."""
        return int(_counted(self.show, at_most, **self._values())[0][0])

    def all(self) -> QuerySet[Any]:
        """The rows, without order and without what a page shows of them."""
        return _shown(self.show, **self._values())

    def _values(self) -> dict[str, Any]:
        return {
            "holder": self.holder_id,
            "persona": self.persona_id,
            "soon": self.expires_before,
            "now": timezone.now(),
        }


def _shown(show: Show, *, holder: Any, persona: Any, soon: Any, now: Any) -> QuerySet[Any]:
    rows = _in_inbox(holder, persona)
    if show is Show.UNREAD:
        return unread(rows)
    if show is Show.ANSWER:
        return waiting_for_answer(rows)
    if show is Show.EXPIRING:
        return expiring(rows, before=soon, now=now)
    return rows


@Prepared
def _listed(
    show: Show, cut: Cut, *, holder: Any, persona: Any, soon: Any, now: Any, at: Any, row_id: Any
) -> QuerySet[Any]:
    rows = _shown(show, holder=holder, persona=persona, soon=soon, now=now)
    return cut_out(with_soonest_expiry(_with_what_is_listed(rows), now), cut, at, row_id)


@Prepared
def _counted(
    show: Show, at_most: int | None, *, holder: Any, persona: Any, soon: Any, now: Any
) -> QuerySet[Any, tuple[int]]:
    rows = _shown(show, holder=holder, persona=persona, soon=soon, now=now).values("pk")[:at_most]
    return Persona.unscoped.filter(pk=persona).values_list(_Count(rows))


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
    found = _tabs(ceiling, holder=user.pk)
    return [Tab(row, row.unread_count, row.may_start, row.draft_waits) for row in found]


@Prepared
def _tabs(ceiling: int, holder: Any) -> QuerySet[Any]:
    enrolments = Collaborator.unscoped.filter(address=OuterRef("address"), status=Collaborator.Status.ACTIVE)
    personas = Persona.unscoped.filter(user=holder).annotate(
        unread_count=_Count(unread(_in_inbox(holder, OuterRef("pk"))).values("pk")[:ceiling]),
        may_start=Exists(enrolments),
        draft_waits=has_begun_to_start(),
    )
    return personas.order_by("address")


class _Count(Subquery):
    """How many rows a sliced subquery has; Django's Count cannot follow a LIMIT."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) _rows)"
    output_field = IntegerField()
