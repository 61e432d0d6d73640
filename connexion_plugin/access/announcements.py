"""The history of an announcement, as a participant reads it: the owner's side and oneself, nobody else (spec C9)."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from connexion_plugin.access.abilities import ConversationAccess
from connexion_plugin.access.hand_overs import by_an_owner, reigns_of
from connexion_plugin.models import Activity, Bounce, Correction, Participation, TimeRequest

Verb = Activity.Verb
# Shown where the owner did it, or nobody: what becomes of the conversation, its messages and its owner. A verb
# that is not here is shown to whom it is about, and to the owner.
OF_THE_OWNERS_SIDE = frozenset(
    {
        Verb.CREATED,
        Verb.POSTED,
        Verb.OPENED,
        Verb.JOINED,
        Verb.DOWNLOADED,
        Verb.CLOSED,
        Verb.REOPENED,
        Verb.RELEASED,
        Verb.FROZEN,
        Verb.THAWED,
        Verb.WITHDRAWN,
        Verb.EXPIRED,
        Verb.HELD,
        Verb.HOLD_LIFTED,
        Verb.LENGTHENED,
        Verb.SHORTENED,
        Verb.DELETED,
        Verb.WITHHELD,
        Verb.HANDED_OVER,
    }
)
# One line for one or for many, who are not named where they are many: whoever is among them learns only that it
# is about them, since a name would tell that nobody else is meant.
OF_ANY_NUMBER = frozenset({Verb.INVITED, Verb.BOUNCED})
ANSWERS = frozenset({Verb.GRANTED, Verb.DECLINED})  # to all who asked; they name nobody


def lines_of_an_announcement(entry: ConversationAccess, lines: QuerySet[Activity]) -> QuerySet[Activity]:
    """Of these lines, those that a participant reads. One statement more: who owned it, from which line to which."""
    reigns = reigns_of(entry.conversation)
    owners = Q(actor=None) | by_an_owner(reigns)
    # Before the seat's address was corrected somebody else sat there.
    by_me = _of_mine("actor", entry) & ~Exists(corrections_since("actor"))
    about_me = _of_mine("subject", entry)
    nobody_else = Q(subject=None) | Q(verb=Verb.HANDED_OVER)
    former_owners = {reign.seat_id for reign in reigns}
    return lines.filter(
        Q(verb__in=OF_THE_OWNERS_SIDE) & owners & nobody_else
        | ~Q(verb__in=OF_ANY_NUMBER) & (by_me & (nobody_else | about_me) | owners & about_me)
        | _invitations_of([seat for seat in entry.seats if seat.pk not in former_owners])
        | _bounces_of(entry.seats)
        | _answers_to(entry.seats)
    )


def corrections_since(role: str) -> QuerySet[Correction]:
    """Of the line's actor or subject: the corrections of its address after the line. By the constraint's index."""
    return Correction.unscoped.filter(participation=OuterRef(role), at__gt=OuterRef("at"))


def _of_mine(role: str, entry: ConversationAccess) -> Q:
    """Lines that name a seat of the person's own, since it is theirs: an earlier holder is another reader (I3)."""
    lines = Q()
    for seat in entry.seats:
        lines |= Q(**{role: seat.pk}) & _since_it_is_theirs(seat)
    return lines


def _since_it_is_theirs(seat: Participation) -> Q:
    if not seat.tenure:
        return Q()
    since = seat.held_since or seat.joined_at  # a seat passed on undated: what they did since they came in
    return Q(at__gte=since) if since else Q(pk=None)


def _invitations_of(seats: Sequence[Participation]) -> Q:
    """By their moment, which each seat has of its own line."""
    return Q(verb=Verb.INVITED, at__in=[seat.invited_at for seat in seats if not seat.tenure])


def _bounces_of(seats: Sequence[Participation]) -> Q:
    lines = Q(pk=None)
    for seat in seats:
        recorded = Bounce.unscoped.filter(participation=seat.pk, recorded_at=OuterRef("at"))
        lines |= Q(Exists(recorded), verb=Verb.BOUNCED) & _since_it_is_theirs(seat)
    return lines


def _answers_to(seats: Sequence[Participation]) -> Q:
    """Requests of an earlier holder are gone (`actions.seats.pass_to`)."""
    asked = TimeRequest.unscoped.filter(
        participation__in=[seat.pk for seat in seats],
        message=OuterRef("message_id"),
        answered_at=OuterRef("at"),
    )
    return Q(Exists(asked), verb__in=ANSWERS)
