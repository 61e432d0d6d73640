"""Starting a conversation, and entering one (spec C7, C11, B3)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from connexion_plugin import access, exceptions, personas
from connexion_plugin.access import Person
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.documents import brings_others
from connexion_plugin.actions.drafts import consume_draft, id_from_elsewhere
from connexion_plugin.actions.holds import hold_for_new
from connexion_plugin.actions.messages import lives_otherwise, read_text, write_message
from connexion_plugin.actions.participants import seat_personas
from connexion_plugin.actions.room import require_room_to_post
from connexion_plugin.actions.titles import read_title, seal_title
from connexion_plugin.actions.uploads import require_as_shown
from connexion_plugin.database_room import telling_no_room
from connexion_plugin.documents.uploads import SealedUpload
from connexion_plugin.models import Activity, Collaborator, Conversation, Message, Participation, Persona
from connexion_plugin.plain_text import plain_title
from connexion_plugin.sealing import keys


@dataclass(frozen=True)
class Beginning:
    """What a conversation starts with. `language` is for addresses nobody has seen before, unless `languages` says
    theirs; `hides_participants` makes it an announcement, in which only the owner posts (spec C9)."""

    title: str = field(repr=False)
    addresses: Sequence[str] = field(repr=False)
    language: str
    text: str = field(repr=False)
    expires_at: datetime
    documents: Sequence[SealedUpload] = ()
    # Those of its draft that its author has seen (`uploads.require_as_shown`).
    shown: Collection[UUID] | None = None
    hides_participants: bool = False
    languages: Mapping[str, str] = field(default_factory=dict, repr=False)


@telling_no_room()
def start_conversation(
    *, person: Person, collaborator: Collaborator, beginning: Beginning, idempotency_key: UUID
) -> Conversation:
    """Starts a conversation from the collaborator's persona, seats the invited, posts the first message.

    One transaction; locks the enrolment, then the personas. Other addresses of the person's are not invited.
    `idempotency_key` is the conversation's id, and that of its draft: starting twice with it gives the one that
    stands, or another where that one was started from another enrolment. Raises NotACollaborator (also when the
    address has passed to somebody else than `person` since the guard looked), InvitationsRefused (by all of them;
    whoever alone refuses is left out), ValueError (the title), and what `write_message` raises.
    """
    day = keys.day_of(beginning.expires_at)
    keys.ensure_epoch(organization_id=collaborator.organization_id, day=day)
    return _started_as(idempotency_key, person, collaborator, beginning, form_id=idempotency_key)


def _started_as(
    key: UUID, person: Person, collaborator: Collaborator, beginning: Beginning, *, form_id: UUID
) -> Conversation:
    """`form_id` is what the draft of this form is called, whatever id its conversation gets."""
    try:
        with transaction.atomic():
            enrolment = _locked_enrolment(collaborator)
            standing = _already_started(enrolment, key)
            return standing or _start(person, enrolment, beginning, key, form_id)
    except IntegrityError:
        standing = _already_started(collaborator, key)
        if standing is not None:
            return standing
        if not Conversation.unscoped.filter(pk=key).exists():
            raise
    # The key names a conversation that was not started from this enrolment: whoever sends it learns nothing.
    return _started_as(id_from_elsewhere(collaborator, key), person, collaborator, beginning, form_id=form_id)


def begins_otherwise(conversation: Conversation, beginning: Beginning) -> bool:
    """Whether `beginning` says, names or brings what this conversation did not begin with, as far as that can still be
    read: it would be lost with a repeat's answer."""
    message = first_message(conversation)
    if message.expires_at == beginning.expires_at:
        return False  # to the microsecond: it is this very one
    try:
        words = (read_title(conversation), read_text(message))
        if brings_others(message, beginning.documents):
            return True
    except exceptions.MessageGone:
        return True
    return (
        words != (plain_title(beginning.title), beginning.text)
        or conversation.hides_participants != beginning.hides_participants
        or lives_otherwise(message, beginning.expires_at)
        or _names_others(conversation, beginning)
    )


def _names_others(conversation: Conversation, beginning: Beginning) -> bool:
    seats = Participation.unscoped.filter(conversation=conversation, invited_at=conversation.created_at)
    invited = set(seats.exclude(role=Participation.Role.OWNER).values_list("persona__address", flat=True))
    named = {personas.normalise(address) for address in beginning.addresses}
    # The owner's own are left out, as they are now: one may have been invited before it was theirs.
    own = Persona.unscoped.filter(
        address__in=named | invited, user__in=seats.filter(role=Participation.Role.OWNER).values("holder")
    )
    theirs = {personas.normalise(conversation.collaborator.address), *own.values_list("address", flat=True)}
    named, invited = named - theirs, invited - theirs
    left_out = access.refusing_among(conversation.organization_id, list(named - invited))
    return named.difference(left_out) != invited


def _start(
    person: Person, enrolment: Collaborator, beginning: Beginning, key: UUID, form_id: UUID
) -> Conversation:
    rows = personas.locked(
        [enrolment.address, *beginning.addresses],
        language=beginning.language,
        languages=beginning.languages,
    )
    owner = rows.pop(personas.normalise(enrolment.address))
    if owner.user_id is None or owner.user_id != person.pk:
        raise exceptions.NotACollaborator
    others = [row for row in rows.values() if row.user_id != owner.user_id]
    invited = _without_refusing(enrolment, others)
    now = timezone.now()
    conversation = Conversation(
        id=key,
        organization=enrolment.organization,
        collaborator=enrolment,
        created_at=now,
        activity_at=now,
        hides_participants=beginning.hides_participants,
        hold=hold_for_new(enrolment.pk),
    )
    if conversation.hold_id is not None:
        conversation.kept_since = now
        epoch = keys.open_epoch(
            organization_id=enrolment.organization_id, day=None, hold=conversation.hold_id
        )
    else:
        day = keys.day_of(beginning.expires_at)
        epoch = keys.open_epoch(organization_id=enrolment.organization_id, day=day)
    seal_title(conversation, title=beginning.title, epoch=epoch, expires_at=beginning.expires_at)
    conversation.save(force_insert=True)
    uploaded = consume_draft(draft_id=form_id, author_id=owner.user_id, seat=None)
    require_as_shown(uploaded, beginning.shown)
    documents = [*beginning.documents, *uploaded]
    require_room_to_post(enrolment.organization, documents)
    seat = _seat_the_owner(conversation, owner, now)
    append_line(conversation=conversation, verb=Activity.Verb.CREATED, at=now, actor=seat)
    if conversation.hold is not None:
        append_line(conversation=conversation, verb=Activity.Verb.HELD, at=conversation.hold.set_at)
    access.recompute(conversation, [owner.user_id])
    seat_personas(
        conversation=conversation,
        rows=invited,
        by=seat,
        at=now,
        may_reply=not beginning.hides_participants,
    )
    write_message(
        conversation=conversation,
        seat=seat,
        text=beginning.text,
        documents=documents,
        expires_at=beginning.expires_at,
        idempotency_key=key,
        epoch=epoch,
    )
    return conversation


def _without_refusing(enrolment: Collaborator, rows: list[Persona]) -> list[Persona]:
    """Those who accept the organization's invitations (spec I7). Raises InvitationsRefused when nobody is left."""
    refusing = access.refusing(enrolment.organization_id, rows)
    accepting = [row for row in rows if row.pk not in refusing]
    if refusing and not accepting:
        raise exceptions.InvitationsRefused
    return accepting


def _seat_the_owner(conversation: Conversation, owner: Persona, now: datetime) -> Participation:
    seat = Participation(
        conversation=conversation,
        persona=owner,
        holder_id=owner.user_id,
        role=Participation.Role.OWNER,
        seat=Participation.Seat.TAKEN,
        invited_at=now,
        joined_at=now,
        entered_at=now,
        activity_at=now,
    )
    seat.save(force_insert=True)
    return seat


def enter_conversation(*, participation: Participation) -> None:
    """The reader has come in: the row is bold no more (spec B3). One statement, idempotent."""
    if participation.entered_at is None:
        Participation.unscoped.filter(pk=participation.pk, entered_at=None).update(entered_at=timezone.now())


def first_message(conversation: Conversation) -> Message:
    return Message.unscoped.get(conversation=conversation, sequence=1)


def _locked_enrolment(collaborator: Collaborator) -> Collaborator:
    enrolment = (
        Collaborator.unscoped.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=collaborator.pk)
    )
    if not enrolment.is_active:
        raise exceptions.NotACollaborator
    return enrolment


def _already_started(collaborator: Collaborator, idempotency_key: UUID) -> Conversation | None:
    return Conversation.unscoped.filter(pk=idempotency_key, collaborator=collaborator).first()
