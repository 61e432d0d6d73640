"""The other people of a conversation, and its history: what one sees of them (spec C9, A1)."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from connexion_plugin.access.abilities import Ability, ConversationAccess
from connexion_plugin.access.announcements import lines_of_an_announcement
from connexion_plugin.models import Activity, Participation


def readers_of(entry: ConversationAccess) -> QuerySet[Participation]:
    """Who can read this conversation; only oneself and the owner where participants are hidden (spec C9)."""
    seats = (
        Participation.unscoped.filter(conversation=entry.conversation, seat__in=Participation.LIVING)
        .select_related("persona")
        .order_by("role", "persona__address")  # the owner first
    )
    if hides_others(entry):
        return seats.filter(Q(role=Participation.Role.OWNER) | Q(pk__in=[seat.pk for seat in entry.seats]))
    return seats


def hides_others(entry: ConversationAccess) -> bool:
    """Whether the other participants, their number and what they do are hidden from this person (spec C9)."""
    return entry.conversation.hides_participants and not entry.is_owner


def former_readers_of(entry: ConversationAccess) -> QuerySet[Participation]:
    """Who read this and no longer does, the last to go first; the owner's to know, who may admit them again."""
    if not entry.is_owner:
        return Participation.unscoped.none()
    return (
        Participation.unscoped.filter(conversation=entry.conversation)
        .exclude(seat__in=Participation.LIVING)
        .select_related("persona")
        .order_by("-ended_at", "pk")
    )


def at_address(seats: QuerySet[Participation], words: str) -> QuerySet[Participation]:
    """Those of these seats whose address holds what is looked for; no other conversation's."""
    return seats.filter(persona__address__contains=words.strip().lower()) if words.strip() else seats


def seat_of_another(entry: ConversationAccess, participation_id: UUID) -> Participation:
    """A participant's seat, living or ended, for the conversation's owner. Raises Http404."""
    seat = None
    if Ability.OWN in entry.abilities:
        seat = (
            Participation.unscoped.filter(
                pk=participation_id,
                conversation=entry.conversation,
                role=Participation.Role.PARTICIPANT,
            )
            .select_related("persona")
            .first()
        )
    if seat is None:
        raise Http404
    return seat


def deletion_of(entry: ConversationAccess) -> Activity | None:
    """The line of a conversation's deletion, with who did it; everyone in it may know (spec C12)."""
    lines = Activity.unscoped.filter(conversation=entry.conversation, verb=Activity.Verb.DELETED)
    return lines.select_related("actor__persona").first()


def activities_of(entry: ConversationAccess) -> QuerySet[Activity]:
    """The history that the person may read; `access.lines_with_names` of what a page shows of it."""
    lines = Activity.unscoped.filter(conversation=entry.conversation)
    if entry.seat.sees_after and not entry.is_owner:
        # Whoever sees only what follows their arrival does not read who did what before it (spec C10).
        lines = lines.filter(at__gte=entry.seat.invited_at)
    return lines_of_an_announcement(entry, lines) if hides_others(entry) else lines
