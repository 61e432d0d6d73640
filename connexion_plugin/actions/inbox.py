"""Rows leave one's own inbox, and come back (spec B6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from connexion_plugin import access
from connexion_plugin.access import Person
from connexion_plugin.models import Message, Participation, Persona

NOTHING_KNOWN: Mapping[UUID, int] = MappingProxyType({})


@dataclass(frozen=True)
class Deleted:
    """What became of the seats that were in the inbox: those that left it, and those that a message kept there."""

    gone: Sequence[UUID]
    kept: Sequence[UUID]


def delete_from_inbox(
    *, user: Person, persona: Persona, ids: Sequence[UUID], reaches: Mapping[UUID, int] = NOTHING_KNOWN
) -> Deleted:
    """Takes these seats out of the persona's inbox, but for those in which somebody has posted meanwhile.

    `reaches` says, by seat, how far the row reached that the person looked at (`access.reach`); a seat that it
    does not name goes in any case. One transaction.
    """
    with transaction.atomic():
        rows = Participation.unscoped.select_for_update().filter(
            pk__in=ids, persona=persona, holder=user.pk, seat=Participation.Seat.TAKEN, in_inbox=True
        )
        found = list(rows.order_by("id"))
        # Asked under the lock of the seats: a message that comes later brings its row back by itself.
        kept = _posted_in_since([seat for seat in found if seat.pk in reaches], reaches)
        gone = [seat.pk for seat in found if seat.pk not in kept]
        Participation.unscoped.filter(pk__in=gone).update(in_inbox=False)
    return Deleted(gone, [seat.pk for seat in found if seat.pk in kept])


def _posted_in_since(seats: Sequence[Participation], reaches: Mapping[UUID, int]) -> set[UUID]:
    """Those in which a message of somebody else, which can still be read, lies beyond what was looked at."""
    later = Q(pk__in=[])
    for seat in seats:
        beyond = Q(conversation=seat.conversation_id, sequence__gt=seat.sees_after + reaches[seat.pk])
        later |= beyond & ~Q(sender=seat.pk, sender_tenure=seat.tenure)
    messages = Message.unscoped.filter(later, access.openable(timezone.now()))
    there = set(messages.values_list("conversation", flat=True))
    return {seat.pk for seat in seats if seat.conversation_id in there}


def restore_to_inbox(*, user: Person, persona: Persona, ids: Sequence[UUID]) -> int:
    """Brings seats back that are still the person's; returns how many."""
    return Participation.unscoped.filter(
        pk__in=ids, persona=persona, holder=user.pk, seat=Participation.Seat.TAKEN, in_inbox=False
    ).update(in_inbox=True)
