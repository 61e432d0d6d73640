"""What the owner sees of a seat's address, and what its holder may do about it (spec I7, N4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.http import Http404

from connexion_plugin import exceptions
from connexion_plugin.access.abilities import ConversationAccess, Person
from connexion_plugin.models import (
    Activity,
    Bounce,
    Correction,
    Organization,
    Participation,
    Persona,
    Refusal,
    SeatMove,
)


@dataclass(frozen=True)
class Invitations:
    """An address of the person's through which an organization has reached them; may it invite there again?"""

    persona: Persona
    organization: Organization
    refused_at: datetime | None


def invitations_of(user: Person) -> list[Invitations]:
    """Only where the person has taken a seat: there the organization knows already that somebody holds the
    address, and a refusal tells it nothing more (spec I6). Two statements."""
    seats = (
        Participation.unscoped.filter(
            persona__user=user.pk,
            holder=user.pk,
            joined_at__isnull=False,
            role=Participation.Role.PARTICIPANT,
        )
        .order_by("conversation__organization__name", "persona__address")
        .values_list("persona", "conversation__organization")
        .distinct()
    )
    pairs = list(seats)
    personas = Persona.unscoped.in_bulk({persona for persona, _ in pairs})
    organizations = Organization.unscoped.in_bulk({organization for _, organization in pairs})
    refused = {
        (row.persona_id, row.organization_id): row.refused_at
        for row in Refusal.unscoped.filter(holder=user.pk, persona__in=personas)
    }
    return [
        Invitations(personas[persona], organizations[organization], refused.get((persona, organization)))
        for persona, organization in pairs
    ]


def refusing(organization_id: UUID, personas: Iterable[Persona]) -> set[UUID]:
    """Which of these addresses accept no further invitation of the organization. One statement."""
    found = Refusal.unscoped.filter(
        organization=organization_id, persona__in=list(personas), holder=F("persona__user")
    )
    return set(found.values_list("persona_id", flat=True))


def refusing_among(organization_id: UUID, addresses: Sequence[str]) -> list[str]:
    """The same by address, for the page that says it."""
    found = Refusal.unscoped.filter(
        organization=organization_id, persona__address__in=addresses, holder=F("persona__user")
    )
    return sorted(found.values_list("persona__address", flat=True))


def bounces_of(entry: ConversationAccess, seats: Sequence[Participation]) -> dict[UUID, Bounce]:
    """By seat, what last came back from its present address; the owner's to know."""
    if not entry.is_owner:
        return {}
    found = Bounce.unscoped.filter(participation__in=seats, address=F("participation__persona__address"))
    return {bounce.participation_id: bounce for bounce in found.order_by("at")}


def correctable_among(seats: Iterable[Participation]) -> set[UUID]:
    """Of these seats, those whose address can be corrected: nobody has ever come in or done anything through them.

    Nor an earlier holder of the address, before it was admitted again: what they wrote and opened hangs on the
    seat, and is nobody else's (I3). Whether the address has an account changes nothing (I6). One statement at most.
    """
    awaited = {seat.pk for seat in seats if seat.is_awaited}
    if not awaited:
        return awaited
    # Whoever gave an address up, or did anything, has left a line; whoever was removed and admitted again, too.
    acts = Activity.unscoped.filter(actor__in=awaited).exclude(verb=Activity.Verb.JOINED)
    readmissions = Activity.unscoped.filter(subject__in=awaited, verb=Activity.Verb.READMITTED)
    return awaited - set(
        acts.values_list("actor", flat=True).union(readmissions.values_list("subject", flat=True))
    )


def corrected_addresses(entry: ConversationAccess, seat: Participation) -> set[str]:
    """At which the seat was before the owner corrected them; the owner's to know."""
    if not entry.is_owner:
        return set()
    found = Correction.unscoped.filter(participation=seat)
    return set(found.values_list("persona__address", flat=True))


def moves_asked_of(entry: ConversationAccess, seats: Sequence[Participation]) -> dict[UUID, SeatMove]:
    """By seat, to which address its holder asks to move; the owner's to settle."""
    if not entry.is_owner:
        return {}
    found = SeatMove.unscoped.filter(participation__in=seats, settled_at=None).select_related("persona")
    return {move.participation_id: move for move in found}


def move_asked(entry: ConversationAccess, seat: Participation) -> SeatMove:
    """The request that waits at this seat. Raises NoMoveAsked, and Http404 for whom it was not for to settle."""
    move = moves_asked_of(entry, [seat]).get(seat.pk)
    if move is None and entry.is_owner:
        raise exceptions.NoMoveAsked
    if move is None:
        raise Http404
    return move


MOVABLE = (Participation.Seat.TAKEN, Participation.Seat.RELEASED)


def released_seats_of(user: Person) -> QuerySet[Participation]:
    """Seats that the person held through an address that they gave up; nobody has taken them since."""
    return (
        Participation.unscoped.filter(
            holder=user.pk,
            seat=Participation.Seat.RELEASED,
            role=Participation.Role.PARTICIPANT,
        )
        .select_related("persona", "conversation__collaborator", "conversation__organization")
        .order_by("-ended_at", "pk")
    )


def seat_to_move(user: Person, participation_id: UUID) -> Participation:
    """A seat that the person holds, or held last. Raises Http404."""
    seat = (
        Participation.unscoped.filter(
            Q(pk=participation_id, holder=user.pk, seat__in=MOVABLE), role=Participation.Role.PARTICIPANT
        )
        .select_related("persona", "conversation__collaborator", "conversation__organization")
        .first()
    )
    if seat is None or user.pk is None:
        raise Http404
    return seat


def addresses_to_move_to(user: Person, seat: Participation) -> list[Persona]:
    """The person's other addresses that have no seat in that conversation."""
    seated = Participation.unscoped.filter(conversation=seat.conversation_id).values("persona")
    return list(Persona.unscoped.filter(user=user.pk).exclude(pk__in=seated).order_by("address"))
