"""Posting and opening (spec C5, C7, E1)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Case, F, OuterRef, PositiveIntegerField, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from connexion_plugin import exceptions
from connexion_plugin.access import State, is_held, state_of
from connexion_plugin.actions import dates
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.documents import bind_documents, is_gone
from connexion_plugin.actions.drafts import consume_draft
from connexion_plugin.actions.titles import TITLE_FIELDS, follow_expiry
from connexion_plugin.actions.uploads import require_room_to_post
from connexion_plugin.documents.uploads import SealedUpload
from connexion_plugin.mail import outbox
from connexion_plugin.models import Activity, Conversation, Message, Opening, Participation
from connexion_plugin.sealing import keys, records
from connexion_plugin.sealing import text as sealed_text


def post_message(
    *,
    participation: Participation,
    text: str,
    documents: Sequence[SealedUpload] = (),
    expires_at: datetime,
    idempotency_key: UUID,
    title: str | None = None,
    draft_id: UUID | None = None,
) -> Message:
    """Adds a message to the conversation, and a notice for each other reader.

    What was kept as the draft of this id, in this seat, is a draft no more (spec C8).

    `title` is for a conversation whose title has expired (spec E3), and not looked at in another.

    One transaction, under the lock of the conversation. Posting again with the same key returns the message
    that stands. Raises a `Refused` when the state of things forbids it; nothing is written then.
    """
    organization_id = participation.conversation.organization_id
    keys.ensure_epoch(organization_id=organization_id, day=keys.day_of(expires_at))
    try:
        with transaction.atomic():
            conversation = locked_conversation(participation.conversation_id)
            seat = _seats_now(idempotency_key=idempotency_key).get(pk=participation.pk)
            if seat.posted_before is not None:
                return Message.unscoped.get(pk=seat.posted_before)
            _require_it_may_post(seat, participation)
            if draft_id is not None:
                kept = consume_draft(draft_id=draft_id, author_id=seat.holder_id, seat=seat)
                documents = [*documents, *kept]
            if documents:
                require_room_to_post(conversation.organization, documents)
            return write_message(
                conversation=conversation,
                seat=seat,
                text=text,
                documents=documents,
                expires_at=expires_at,
                idempotency_key=idempotency_key,
                title=title,
            )
    except IntegrityError:
        # Two requests of one double click can only meet here if the lock did not hold them apart (SQLite
        # has no row locks, its transactions do); the constraint `message_posted_once` has the last word.
        posted = Message.unscoped.filter(sender=participation, idempotency_key=idempotency_key).first()
        if posted is None:
            raise
        return posted


def write_message(
    *,
    conversation: Conversation,
    seat: Participation,
    text: str,
    documents: Sequence[SealedUpload],
    expires_at: datetime,
    idempotency_key: UUID,
    epoch: keys.OpenEpoch | None = None,
    title: str | None = None,
) -> Message:
    """The writing itself, for `post_message` and `start_conversation`; both hold the conversation's lock.

    `epoch`, when the caller has opened it already, is that of the day of expiry.
    """
    _check_words(conversation, text, documents)
    now = timezone.now()
    _check_expiry(conversation, expires_at, now)
    conversation.last_sequence += 1
    message = Message(
        conversation=conversation,
        sender=seat,
        sender_tenure=seat.tenure,
        sequence=conversation.last_sequence,
        posted_at=now,
        expires_at=expires_at,
        idempotency_key=idempotency_key,
        documents_count=len(documents),
        documents_bytes=sum(document.size or 0 for document in documents),
    )
    day = keys.day_of(expires_at)
    message.is_held = is_held(conversation)
    if message.is_held:
        epoch = keys.open_epoch(
            organization_id=conversation.organization_id, day=None, hold=conversation.hold_id
        )
    epoch = epoch or keys.open_epoch(organization_id=conversation.organization_id, day=day)
    _seal_text(message, text, epoch)
    message.save(force_insert=True)
    bind_documents(message=message, documents=documents, epoch=epoch)
    if follow_expiry(conversation, day=day, epoch=epoch, title=title):
        conversation.save(update_fields=TITLE_FIELDS)
    _move_seats(conversation, seat, now)
    append_line(
        conversation=conversation, verb=Activity.Verb.POSTED, at=now, actor=seat, message_id=message.pk
    )
    readers = Participation.unscoped.filter(conversation=conversation, seat__in=Participation.LIVING).exclude(
        pk=seat.pk
    )
    outbox.queue_notices(message=message, participations=readers)
    return message


def open_message(*, participation: Participation, message: Message) -> Opening:
    """Breaks the seal for one seat; a second opening changes nothing (spec C5).

    One transaction, under the lock of the conversation. Raises MessageGone, NoLongerThere.
    """
    with transaction.atomic():
        conversation = locked_conversation(message.conversation_id)
        seat = still_seated(participation)
        now = timezone.now()
        # Afresh: it may have been withdrawn while the lock was awaited, and then counts as unopened no more.
        if is_gone(Message.unscoped.get(pk=message.pk), now):
            raise exceptions.MessageGone
        opening, is_first = Opening.unscoped.get_or_create(
            message=message, participation=seat, tenure=seat.tenure, defaults={"opened_at": now}
        )
        if is_first:
            Participation.unscoped.filter(pk=seat.pk).update(
                unopened_count=Greatest(F("unopened_count") - 1, 0),
                entered_at=Coalesce("entered_at", now),  # whoever opens has come in, by whatever door
            )
            append_line(
                conversation=conversation,
                verb=Activity.Verb.OPENED,
                at=now,
                actor=seat,
                message_id=message.pk,
            )
            dates.move_rows(conversation, opener=seat, now=now)
    return opening


def read_text(message: Message) -> str:
    """The text of a message that its reader has opened. Raises MessageGone once it has expired."""
    if is_gone(message, timezone.now()):
        raise exceptions.MessageGone
    try:
        key = keys.unwrap(
            epoch_id=message.epoch_id, wrapped=bytes(message.key), context=_key_context(message)
        )
    except keys.KeyGone as error:
        raise exceptions.MessageGone from error
    return sealed_text.unseal(key=key, sealed=bytes(message.text_sealed), context=_context(message))


def wrap_message(message: Message, epoch: keys.OpenEpoch) -> None:
    """Wraps the message's key by another epoch; the caller saves, in its transaction. Raises MessageGone."""
    context = _key_context(message)
    try:
        key = keys.unwrap(epoch_id=message.epoch_id, wrapped=bytes(message.key), context=context)
    except keys.KeyGone as error:
        raise exceptions.MessageGone from error
    wrapped = epoch.wrap(key=key, context=context)
    message.key, message.epoch_id = wrapped.wrapped, wrapped.epoch_id


def locked_conversation(conversation_id: UUID) -> Conversation:
    """The row, locked until the transaction ends, with what decides whether one may post.

    PostgreSQL re-reads a row whose lock was awaited, and drops it when what was joined to it no longer fits: it
    was handed over, or its title moved to another day. It is there then, and asked for again.
    """
    rows = Conversation.unscoped.select_for_update(of=("self",)).select_related(
        "collaborator", "organization", "title_epoch"
    )
    while True:
        try:
            return rows.get(pk=conversation_id)
        except Conversation.DoesNotExist:
            if not Conversation.unscoped.filter(pk=conversation_id).exists():
                raise


def demand_not_held(conversation: Conversation) -> None:
    """Raises UnderLegalHold: nothing is taken away from what an organization must keep."""
    if is_held(conversation):
        raise exceptions.UnderLegalHold


def still_seated(participation: Participation) -> Participation:
    """The seat as it is now, under the conversation's lock: the guard has seen it earlier, without one.

    Raises NoLongerThere when it was ended since, or has passed to the next holder of its address.
    """
    seat = Participation.unscoped.get(pk=participation.pk)
    _require_it_is_still(seat, participation)
    return seat


def still_owner(participation: Participation) -> Participation:
    """The same for what only the conversation's owner does."""
    seat = still_seated(participation)
    if not seat.is_owner:
        raise exceptions.NoLongerThere
    return seat


def _seats_now(*, idempotency_key: UUID) -> QuerySet[Any]:
    """Seats with what decides whether they may post, and what they posted under this key, in one statement.

    Read after the lock was awaited: PostgreSQL re-reads the locked row alone, and the row of the enrolment that
    `locked_conversation` joins to it is as old as that statement. A deactivation may have passed it (B4).
    """
    before = Message.unscoped.filter(sender=OuterRef("pk"), idempotency_key=idempotency_key)
    return Participation.unscoped.select_related("conversation__collaborator").annotate(
        posted_before=Subquery(before.values("pk")[:1])
    )


def _require_it_is_still(seat: Participation, participation: Participation) -> None:
    if seat.seat != Participation.Seat.TAKEN or seat.holder_id != participation.holder_id:
        raise exceptions.NoLongerThere


def _require_it_may_post(seat: Participation, participation: Participation) -> None:
    _require_it_is_still(seat, participation)
    state = state_of(seat.conversation)
    if state is State.DELETED:
        raise exceptions.ConversationDeleted
    if state is State.FROZEN:
        raise exceptions.ConversationFrozen
    if state is State.CLOSED:
        raise exceptions.ConversationClosed
    if not seat.may_reply or (seat.conversation.hides_participants and not seat.is_owner):
        raise exceptions.ReadOnlySeat


def _check_words(conversation: Conversation, text: str, documents: Sequence[SealedUpload]) -> None:
    if not text.strip() and not documents:
        raise exceptions.NothingToPost
    if sum(document.size or 0 for document in documents) > conversation.organization.message_limit_bytes:
        raise exceptions.DocumentsTooLarge


def _check_expiry(conversation: Conversation, expires_at: datetime, now: datetime) -> None:
    # A form that was open for a day still means the day it said: one day of grace at either end.
    days = (expires_at - now).total_seconds() / 86_400
    organization = conversation.organization
    if not organization.shortest_expiry_days - 1 <= days <= organization.longest_expiry_days + 1 or days <= 0:
        raise exceptions.ExpiryOutOfBounds


def _seal_text(message: Message, text: str, epoch: keys.OpenEpoch) -> None:
    wrapped = epoch.wrap_new(context=_key_context(message))
    message.key, message.epoch_id = wrapped.wrapped, wrapped.epoch_id
    message.text_sealed = sealed_text.seal(key=wrapped.key, text=text, context=_context(message))


def _move_seats(conversation: Conversation, sender: Participation, now: datetime) -> None:
    """A new message brings the conversation back into each inbox, unopened for all but its sender (B2, B6)."""
    others = Case(When(pk=sender.pk, then=0), default=1, output_field=PositiveIntegerField())
    sequence = Value(conversation.last_sequence, output_field=PositiveIntegerField())
    Participation.unscoped.filter(conversation=conversation, seat__in=Participation.LIVING).update(
        unopened_count=F("unopened_count") + others,
        last_posted_sequence=Case(When(pk=sender.pk, then=sequence), default=F("last_posted_sequence")),
        entered_at=Case(When(pk=sender.pk, then=Value(now)), default=F("entered_at")),
        in_inbox=True,
        activity_at=now,
    )


def _context(message: Message) -> bytes:
    return records.context("message", message.pk, message.conversation_id, field="text")


def _key_context(message: Message) -> bytes:
    return records.context("message", message.pk, message.conversation_id, field="key")
