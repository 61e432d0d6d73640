"""What is begun and not posted: kept sealed, read by its author, gone when it lapses (spec C8, sealing.md)."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from connexion_plugin import access, exceptions, personas
from connexion_plugin.access import Person
from connexion_plugin.actions.draft_keys import Typed, draft_context, draft_key, seal_draft, standing_key
from connexion_plugin.actions.uploads import discard_uploads, take_uploads
from connexion_plugin.conf import settings
from connexion_plugin.database_room import telling_no_room
from connexion_plugin.documents.uploads import SealedUpload
from connexion_plugin.models import (
    Collaborator,
    Conversation,
    Draft,
    Organization,
    Participation,
    Persona,
    Upload,
)
from connexion_plugin.sealing import keys, text

LONGEST_CHARACTERS = 1_000_000
WORTH_KEEPING = ("text", "title", "addresses")


@telling_no_room()
def save_reply_draft(
    *,
    participation: Participation,
    draft_id: UUID,
    typed: Typed,
    revision: int | None,
    keeps_nothing: bool = False,
) -> Draft | None:
    """Keeps what is typed for this seat, whatever the state of the conversation; None when that is nothing.

    `revision` is the one that the page has seen, None for a page that saw no draft; with `keeps_nothing` there
    is a draft even where nothing is typed, for what is uploaded. One transaction, under the lock of the
    conversation. Raises NoLongerThere, DraftPosted, DraftElsewhere, DraftChanged, DraftTooLong.
    """
    organization = participation.conversation.organization
    _prepare(organization, typed)
    with transaction.atomic():
        Conversation.unscoped.select_for_update().get(pk=participation.conversation_id)
        seat = Participation.unscoped.get(pk=participation.pk)
        if seat.seat != Participation.Seat.TAKEN or seat.holder_id != participation.holder_id:
            raise exceptions.NoLongerThere
        if access.was_posted(seat, draft_id):
            raise exceptions.DraftPosted
        draft = Draft.unscoped.filter(participation=seat).first()
        if draft is not None and draft.author_id != seat.holder_id:
            # The seat has moved to another person (spec I7): what its former holder began does not.
            discard_draft(draft)
            draft = None
        _require_it_is_the_one(draft, draft_id, revision)
        draft = draft or _begun(draft_id, author_id=seat.holder_id)
        return _write(
            draft, hangs_on=seat, organization=organization, typed=typed, keeps_nothing=keeps_nothing
        )


@telling_no_room()
def save_start_draft(
    *,
    person: Person,
    collaborator: Collaborator,
    draft_id: UUID,
    typed: Typed,
    revision: int | None,
    keeps_nothing: bool = False,
) -> Draft | None:
    """The same for a conversation that is being started from this collaborator's persona.

    One transaction, under the lock of the persona. Chosen anew in the form, the persona takes the draft along.
    Raises NotACollaborator, DraftPosted, DraftElsewhere, DraftChanged, DraftTooLong.
    """
    _prepare(collaborator.organization, typed)
    with transaction.atomic():
        persona = personas.locked([collaborator.address])[personas.normalise(collaborator.address)]
        if persona.user_id is None or persona.user_id != person.pk:
            raise exceptions.NotACollaborator
        started = Conversation.unscoped.filter(collaborator=collaborator)
        if started.filter(pk__in=[draft_id, id_from_elsewhere(collaborator, draft_id)]).exists():
            raise exceptions.DraftPosted
        draft = (
            Draft.unscoped.filter(persona=persona).first()
            or Draft.unscoped.filter(pk=draft_id, author=persona.user_id, participation=None).first()
        )
        _require_it_is_the_one(draft, draft_id, revision)
        draft = draft or _begun(draft_id, author_id=persona.user_id)
        return _write(
            draft,
            hangs_on=persona,
            organization=collaborator.organization,
            typed=typed,
            keeps_nothing=keeps_nothing,
        )


@telling_no_room()
def ensure_reply_draft(*, participation: Participation, draft_id: UUID) -> Draft:
    """The draft of this id in this seat, made when it is missing: a document comes before a word is typed.

    One whose key was altered or is gone gets another, which what comes now is kept by. Errors as `save_reply_draft`.
    """
    standing = Draft.unscoped.filter(pk=draft_id, participation=participation, author=participation.holder_id)
    empty = partial(save_reply_draft, typed={}, revision=None, keeps_nothing=True)
    return _standing_or_made(standing, partial(empty, participation=participation, draft_id=draft_id))


@telling_no_room()
def ensure_start_draft(*, person: Person, collaborator: Collaborator, draft_id: UUID) -> Draft:
    """The same for a conversation that is being started; from whichever of their personas it was begun."""
    standing = Draft.unscoped.filter(
        pk=draft_id, participation=None, author=person.pk, persona__user=person.pk
    )
    empty = partial(save_start_draft, typed={}, revision=None, keeps_nothing=True)
    return _standing_or_made(
        standing, partial(empty, person=person, collaborator=collaborator, draft_id=draft_id)
    )


def _standing_or_made(standing: "QuerySet[Draft]", make: Callable[[], Draft | None]) -> Draft:
    """Of several documents that begin at once, one makes the draft, and the others find it."""
    draft = standing.first()
    if draft is not None:
        return _that_keeps(draft)
    try:
        draft = make()
    except exceptions.DraftChanged:
        draft = standing.first()
        if draft is None:
            raise
    assert draft is not None
    return draft


def _that_keeps(draft: Draft) -> Draft:
    """The draft, with a key that opens; what was typed by the one that does not is lost, and was before. The page's
    revision stays."""
    with suppress(keys.KeyGone, exceptions.Tampered):
        draft_key(draft)
        return draft
    _prepare(draft.organization, {})
    with transaction.atomic():
        held = Draft.unscoped.select_for_update(of=("self",)).filter(pk=draft.pk).first()
        if held is None:
            raise exceptions.DraftPosted
        seal_draft(held, {}, key=standing_key(held), lapses_at=_lapse(timezone.now()))
        held.save()
    return held


def id_from_elsewhere(collaborator: Collaborator, draft_id: UUID) -> UUID:
    """What a conversation is called whose form has the id of one that was started from another enrolment; the same
    for a repeat of it."""
    return uuid5(collaborator.pk, str(draft_id))


def read_draft(draft: Draft) -> dict[str, str]:
    """What was typed, by the names of the form's fields; nothing once its key is gone."""
    try:
        key = draft_key(draft)
    except keys.KeyGone:
        return {}
    typed: dict[str, str] = json.loads(
        text.unseal(key=key, sealed=draft.content_sealed, context=draft_context(draft, "content"))
    )
    return typed


def consume_draft(*, draft_id: UUID, author_id: Any, seat: Participation | None) -> list[SealedUpload]:
    """What is posted is a draft no more; in the transaction that posts it. Gives its documents, for the message.

    `seat` is the one it was begun in, None for a conversation that starts: what somebody chose for one
    conversation is not posted in another, whatever address the form was sent to. Raises DocumentsStillComing,
    DocumentsLost; the draft then stays as it is.
    """
    draft = (
        Draft.unscoped.select_for_update(of=("self",))
        .filter(pk=draft_id, author=author_id, participation=seat)
        .first()
    )
    if draft is None:
        return []
    documents = take_uploads(draft)
    draft.delete()
    return documents


def discard_if_empty(draft: Draft) -> None:
    """A draft in which nothing is typed and to which nothing was uploaded: what it was made for was refused."""
    with transaction.atomic():
        held = Draft.unscoped.select_for_update(of=("self",)).filter(pk=draft.pk).first()
        if held is None or Upload.unscoped.filter(draft=held).exists():
            return
        with suppress(exceptions.KeyStoreFault, exceptions.Tampered):
            if not _is_worth_keeping(read_draft(held)):
                discard_draft(held)


def discard_draft(draft: Draft) -> None:
    """Its author, or the end of the seat it was for, does away with it. Idempotent."""
    discard_drafts(Draft.unscoped.filter(pk=draft.pk))


def discard_drafts(drafts: "QuerySet[Draft]") -> int:
    """Does away with several and what was uploaded to them; in the caller's transaction, or in one of its own."""
    with transaction.atomic():
        held = list(drafts.select_for_update(of=("self",)).values_list("pk", flat=True))
        if not held:
            return 0
        discard_uploads(Upload.unscoped.filter(draft__in=held))
        Draft.unscoped.filter(pk__in=held).delete()
    return len(held)


def discard_lapsed(*, now: datetime) -> int:
    """Does away with what nobody has gone on with; returns how many. May run twice at once."""
    return discard_drafts(lapsed(now=now))


def lapsed(*, now: datetime) -> "QuerySet[Draft]":
    return Draft.unscoped.filter(lapses_at__lte=now)


def _prepare(organization: Organization, typed: Typed) -> None:
    if sum(len(name) + len(value) for name, value in typed.items()) > LONGEST_CHARACTERS:
        raise exceptions.DraftTooLong
    keys.ensure_epoch(organization_id=organization.pk, day=keys.day_of(_lapse(timezone.now())))


def _lapse(now: datetime) -> datetime:
    return now + timedelta(days=settings.draft_days)


def _require_it_is_the_one(draft: Draft | None, draft_id: UUID, revision: int | None) -> None:
    if draft is None:
        return
    if draft.pk != draft_id:
        raise exceptions.DraftElsewhere
    if draft.revision != revision:
        raise exceptions.DraftChanged


def _begun(draft_id: UUID, *, author_id: Any) -> Draft:
    return Draft(pk=draft_id, author_id=author_id, revision=0)


def _write(
    draft: Draft,
    *,
    hangs_on: Participation | Persona,
    organization: Organization,
    typed: Typed,
    keeps_nothing: bool,
) -> Draft | None:
    if (
        not _is_worth_keeping(typed)
        and not keeps_nothing
        and not Upload.unscoped.filter(draft=draft.pk).exists()
    ):
        discard_draft(draft)
        return None
    key = standing_key(draft)
    draft.participation = hangs_on if isinstance(hangs_on, Participation) else None
    draft.persona = hangs_on if isinstance(hangs_on, Persona) else None
    draft.organization = organization
    draft.revision += 1
    draft.saved_at = timezone.now()
    seal_draft(draft, typed, key=key, lapses_at=_lapse(draft.saved_at))
    try:
        with transaction.atomic():
            draft.save(force_insert=draft.revision == 1)
    except IntegrityError as error:
        # The id in the address is that of somebody else's draft: whoever sends it learns nothing.
        raise exceptions.DraftElsewhere from error
    return draft


def _is_worth_keeping(typed: Typed) -> bool:
    return any(typed.get(name, "").strip() for name in WORTH_KEEPING)
