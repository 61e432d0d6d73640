"""From which address a form writes: the one that its page named, whatever has become of its seat (spec I2, C10)."""

from uuid import UUID

from django.http import HttpRequest

from connexion_plugin import access
from connexion_plugin.access import Ability, State
from connexion_plugin.exceptions import ReadOnlySeat, Refused, SenderGone, SenderOnlyReads
from connexion_plugin.models import Participation
from connexion_plugin.views.conversation import persona_asked, sender_asked


def entry_to_post(request: HttpRequest, conversation_id: UUID, draft_id: UUID) -> access.ConversationAccess:
    """The conversation through the seat that the form writes from; through another only while none is named, or
    where the named one has ended: ask `ended_sender` then. Raises Http404."""
    return access.conversation_to_post_in(
        request.user,
        conversation_id,
        persona_id=persona_asked(request),
        sender_id=_named(request),
        draft_id=draft_id,
    )


def ended_sender(request: HttpRequest, entry: access.ConversationAccess) -> str | None:
    """The address that the form writes from, where its seat has ended since, or has moved to another address."""
    named = _named(request)
    if named is None or named in {seat.persona_id for seat in entry.seats}:
        return None
    return access.former_address(request.user, entry.conversation.pk, named)


def require_its_sender(request: HttpRequest, entry: access.ConversationAccess) -> None:
    """Raises SenderGone where another seat would act than the one that the page named."""
    address = ended_sender(request, entry)
    if address is not None:
        raise SenderGone(address=address, other=entry.seat.persona.address)


def seat_that_answers(entry: access.ConversationAccess) -> Participation | None:
    """Another seat of the person's that may post where this one only reads."""
    if entry.state is not State.OPEN or Ability.POST in entry.abilities:
        return None
    return access.seat_that_posts(entry)


def of_this_sender(entry: access.ConversationAccess, reason: Refused) -> Refused:
    """A refusal as it reads for who may answer from another address."""
    other = seat_that_answers(entry)
    if other is None or not isinstance(reason, ReadOnlySeat):
        return reason
    return SenderOnlyReads(address=entry.seat.persona.address, other=other.persona.address)


def _named(request: HttpRequest) -> UUID | None:
    """A page that only shows the form has named nobody yet, unless its address does; what is sent came from a tab."""
    asked = sender_asked(request)
    return asked or (persona_asked(request) if request.method == "POST" else None)
