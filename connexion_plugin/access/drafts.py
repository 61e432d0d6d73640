"""What a person has begun to write, and nobody else's (spec C8)."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone

from connexion_plugin.access.abilities import Person
from connexion_plugin.models import Draft, Message, Participation, Persona, Upload
from connexion_plugin.prepared import PlannedOnce
from connexion_plugin.sealing import destruction

_OF_A_DRAFT = ("participation__conversation__organization", "persona", "organization")


def draft_in(seat: Participation) -> Draft | None:
    """What the holder of this seat has begun in it."""
    return Draft.unscoped.filter(participation=seat, author=seat.holder_id).first()


def drafts_to_start(user: Person) -> "QuerySet[Draft]":
    """Conversations that the person has begun to start, the last saved first."""
    return Draft.unscoped.filter(author=user.pk, persona__user=user.pk).order_by("-saved_at")


def draft_to_start(user: Person, draft_id: UUID) -> Draft | None:
    """One of them."""
    return drafts_to_start(user).filter(pk=draft_id).first()


def was_posted(seat: Participation, draft_id: UUID) -> bool:
    """Whether the form of this id was submitted: what stands in it now would be a second message."""
    return posted_by_holder_of(seat, draft_id) is not None


def was_started(user: Person, draft_id: UUID) -> bool:
    """The same of a conversation that the person owns."""
    return Participation.unscoped.filter(
        conversation=draft_id, holder=user.pk, role=Participation.Role.OWNER
    ).exists()


def took_part(user: Person, conversation_id: UUID) -> bool:
    """Whether the person had a seat there that has ended; they know of the conversation, and read it no more."""
    ended = Participation.unscoped.filter(conversation_id=conversation_id, holder=user.pk)
    return ended.exclude(seat=Participation.Seat.TAKEN).exists()


def ended_seat_of(user: Person, conversation_id: UUID, persona_id: UUID) -> Participation | None:
    """The seat that the person had there through one address, and has no more."""
    ended = Participation.unscoped.filter(
        conversation_id=conversation_id, holder=user.pk, persona_id=persona_id
    ).exclude(seat=Participation.Seat.TAKEN)
    return ended.select_related("persona").first()


def former_address(user: Person, conversation_id: UUID, persona_id: UUID) -> str | None:
    """The address of this persona, where the person sat there through it; a seat that has moved left it without one."""
    seat = ended_seat_of(user, conversation_id, persona_id)
    if seat is not None:
        return seat.persona.address
    return Persona.unscoped.filter(pk=persona_id, user=user.pk).values_list("address", flat=True).first()


def posted_by_holder_of(seat: Participation, draft_id: UUID) -> Message | None:
    """What the form of this id has posted in the seat's conversation, through the seat, or through another that its
    holder has there, or had. By the index `message_by_key`."""
    through = Q(sender=seat.pk)
    if seat.holder_id is not None:
        through |= Q(sender__holder=seat.holder_id, sender_tenure=F("sender__tenure"))
    posted = Message.unscoped.filter(through, conversation=seat.conversation_id, idempotency_key=draft_id)
    return posted.first()


def posted_from_a_seat_of(user: Person, conversation_id: UUID, draft_id: UUID) -> Message | None:
    """What the form of this id has posted there, from whichever seat of the person's, one that has ended included."""
    return Message.unscoped.filter(
        conversation_id=conversation_id,
        idempotency_key=draft_id,
        sender__holder=user.pk,
        sender_tenure=F("sender__tenure"),
    ).first()


def draft_for(user: Person, draft_id: UUID) -> Draft:
    """One draft of the person's own, for a seat or a persona that is still theirs. Raises Http404."""
    draft = Draft.unscoped.filter(pk=draft_id, author=user.pk).select_related(*_OF_A_DRAFT).first()
    if draft is None or not _is_still_theirs(draft, user):
        raise Http404
    return draft


def upload_for(user: Person, upload_id: UUID) -> Upload:
    """A document on its way into one of the person's own drafts. Raises Http404."""
    found = next(iter(_upload(upload=upload_id, author=user.pk)), None)
    if found is None or not _is_still_theirs(found.draft, user):
        raise Http404
    return found


@PlannedOnce
def _upload(upload: Any, author: Any) -> QuerySet[Upload]:
    """Asked for by each of its pieces: to compose these five joins took a fifth of what a piece of 8 MiB takes."""
    own = Upload.unscoped.filter(pk=upload, draft__author=author)
    return own.select_related(*(f"draft__{name}" for name in _OF_A_DRAFT))


def has_expired(upload: Upload) -> bool:
    """Whether it stood still for too long, by a clock that is trusted; what is whole waits as long as its draft."""
    now = timezone.now()
    # The key store's watch is read only where it matters: each piece asks this.
    return not upload.is_complete and upload.expires_at <= now and destruction.trusts_clock(now)


def waiting_draft() -> Subquery:
    """For a queryset of seats: the id of what its holder has begun in each."""
    return Subquery(
        Draft.unscoped.filter(participation=OuterRef("pk"), author=OuterRef("holder")).values("pk")[:1]
    )


def has_begun_to_start() -> Exists:
    """For a queryset of personas: whether their holder has begun to start a conversation from each."""
    return Exists(Draft.unscoped.filter(persona=OuterRef("pk"), author=OuterRef("user")))


def _is_still_theirs(draft: Draft, user: Person) -> bool:
    if draft.participation is not None:
        seat = draft.participation
        return seat.seat == Participation.Seat.TAKEN and seat.holder_id == user.pk
    return draft.persona is not None and draft.persona.user_id == user.pk
