"""Which conversations are in this inbox? Answered by the participations, never by a guardian sub-query (goals.md)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
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
from connexion_plugin.access.listed import LISTED, ListedSeat, listed
from connexion_plugin.access.messages import openable
from connexion_plugin.keyset import Cut, Key, cut_out
from connexion_plugin.models import (
    Collaborator,
    Conversation,
    LegalHold,
    Message,
    Organization,
    Participation,
    Persona,
)
from connexion_plugin.prepared import Prepared
from connexion_plugin.statements import Statement, together

# What a row of the inbox shows: a third of the columns of the three tables.
SHOWN = tuple(
    name for name in LISTED if name not in {"pk", "conversation__pk", "waiting_draft_id", "soonest_expiry"}
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
    rows = rows.select_related("conversation__collaborator").only(*SHOWN)
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


def organizations_of(conversation_ids: Sequence[UUID]) -> dict[UUID, Organization]:
    """Of rows that the inbox has listed, by conversation: whom to get in touch with about them (spec B4)."""
    found = Conversation.unscoped.filter(pk__in=conversation_ids).select_related("organization")
    return {row.pk: row.organization for row in found.only("organization__name", "organization__telephone")}


def waiting_for_answer(rows: QuerySet[Participation], now: Any = None) -> QuerySet[Participation]:
    """The last message that I can read is not mine, and I may reply (spec B3)."""
    later = Message.unscoped.filter(
        openable(timezone.now() if now is None else now),
        conversation=OuterRef("conversation"),
        sequence__gt=OuterRef("last_posted_sequence"),
    )
    return rows.filter(
        Exists(later.filter(sequence__gt=OuterRef("sees_after"))),
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
        ~_stands(),
        conversation=OuterRef("conversation"),
        sequence__gt=OuterRef("sees_after"),
        expires_at__gt=timezone.now() if now is None else now,
        emptied_at=None,  # neither withdrawn nor deleted with its conversation
    )
    return rows.annotate(soonest_expiry=Subquery(living.order_by("expires_at").values("expires_at")[:1]))


def _stands() -> Exists:
    """The hold of the row's conversation, of which a living message is asked for: it was set before that one's hour."""
    return Exists(LegalHold.unscoped.filter(pk=OuterRef(OuterRef("conversation__hold")), lifted_at=None))


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
    # What was asked for together with the tabs (`tabs_beside`), by what asks for it.
    _ahead: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def read(self, cut: Cut, key: Key | None) -> Sequence[ListedSeat]:
        """Rows with what a page shows of them, and when the next message of each expires. One statement."""
        found: list[ListedSeat] | None = self._ahead.pop((cut, key), None)
        return together(self._rows(cut, key))[0] if found is None else found

    def count(self, *, at_most: int | None = None) -> int:
        """How many rows there are; no further than `at_most`."""
        found: int | None = self._ahead.pop(at_most, None)
        return together(self._number(at_most))[0] if found is None else found

    def tabs_beside(self, first: tuple[Cut, Key | None] | None, *, count_at_most: int | None) -> list["Tab"]:
        """The holder's tabs, as `tabs_of`; and in the same go what is read and counted next, where that is known.

        The persona may be anybody's: the rows are those of its holder, and nobody else's.
        """
        ahead: dict[Any, Statement[Any]] = {}
        if count_at_most is not None:
            ahead[count_at_most] = self._number(count_at_most)
        if first is not None:
            ahead[first] = self._rows(*first)
        found, *answers = together(_tabs.statement(SHOWN_UP_TO, holder=self.holder_id), *ahead.values())
        self._ahead.update(zip(ahead, answers, strict=True))
        return _as_tabs(found)

    def _rows(self, cut: Cut, key: Key | None) -> Statement[list[ListedSeat]]:
        at, row_id = (key.at, key.id) if key else (None, None)
        found = _listed.statement(self.show, cut, at=at, row_id=row_id, **self._values())
        return found.then(lambda rows: [listed(row) for row in rows])

    def _number(self, at_most: int | None) -> Statement[int]:
        found = _counted.statement(self.show, at_most, **self._values())
        return found.then(lambda rows: int(rows[0][0]) if rows else 0)  # no row where no address has that id

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
        return waiting_for_answer(rows, now)
    if show is Show.EXPIRING:
        return expiring(rows, before=soon, now=now)
    return rows


@Prepared
def _listed(
    show: Show, cut: Cut, *, holder: Any, persona: Any, soon: Any, now: Any, at: Any, row_id: Any
) -> QuerySet[Any, tuple[Any, ...]]:
    rows = _shown(show, holder=holder, persona=persona, soon=soon, now=now)
    rows = with_soonest_expiry(rows.annotate(waiting_draft_id=waiting_draft()), now)
    return cut_out(rows, cut, at, row_id).values_list(*LISTED)


@Prepared
def _counted(
    show: Show, at_most: int | None, *, holder: Any, persona: Any, soon: Any, now: Any
) -> QuerySet[Any, tuple[int]]:
    rows = _shown(show, holder=holder, persona=persona, soon=soon, now=now).values("pk")[:at_most]
    return Persona.unscoped.filter(pk=persona).values_list(_Count(rows))


@dataclass(frozen=True)
class Tab:
    """A persona as the inbox's tabs show it; `unread_count` stops at `SHOWN_UP_TO`."""

    persona: Persona
    unread_count: int
    may_start: bool
    draft_waits: bool = False


SHOWN_UP_TO = 100  # the page says 99+ beyond it: an exact count of 100,000 costs 400 times as much


def tabs_of(user: Person) -> list[Tab]:
    """The tabs: each persona with its count of unread conversations, in one statement.

    Each knows whether a conversation can be started from it.
    """
    return _as_tabs(_tabs(SHOWN_UP_TO, holder=user.pk))


def _as_tabs(found: Sequence[Any]) -> list[Tab]:
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
