"""Posting and opening (spec C5, C7, E1)."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from connexion_plugin import exceptions
from connexion_plugin.access import is_held, posted_by_holder_of
from connexion_plugin.actions import dates, posting
from connexion_plugin.actions.activity import MOVED_BY_A_LINE, append_line, next_line
from connexion_plugin.actions.documents import bind_documents, is_gone
from connexion_plugin.actions.drafts import consume_draft
from connexion_plugin.actions.room import require_room_to_post
from connexion_plugin.actions.titles import follow_expiry
from connexion_plugin.actions.uploads import require_as_shown
from connexion_plugin.database_room import telling_no_room
from connexion_plugin.documents.uploads import SealedUpload
from connexion_plugin.mail import outbox
from connexion_plugin.models import Activity, Conversation, Message, Opening, Participation
from connexion_plugin.sealing import keys, records
from connexion_plugin.sealing import text as sealed_text
from connexion_plugin.statements import change, insertion, together

DAY = timedelta(days=1)


@telling_no_room()
def post_message(
    *,
    participation: Participation,
    text: str,
    documents: Sequence[SealedUpload] = (),
    expires_at: datetime,
    idempotency_key: UUID,
    title: str | None = None,
    draft_id: UUID | None = None,
    shown: Collection[UUID] | None = None,
) -> Message:
    """Adds a message to the conversation, and a notice for each other reader.

    What was kept as the draft of this id, in this seat, is a draft no more (spec C8). `shown` are those of its
    documents that its author has seen; another was added, or one taken back, in another window (DocumentsChanged).

    `title` is for a conversation whose title has expired (spec E3), and not looked at in another.

    One transaction, under the lock of the conversation. Posting again with the same key, through any of the person's
    seats there, returns the message that stands. Raises a `Refused` when the state of things forbids it; nothing is
    written then.
    """
    organization_id, day = participation.conversation.organization_id, keys.day_of(expires_at)
    keys.ensure_epoch(organization_id=organization_id, day=day)
    try:
        with transaction.atomic():
            seat, found = posting.seat_under_lock(
                participation, idempotency_key=idempotency_key, draft_id=draft_id, day=day
            )
            # Whichever of a person's seats it came from, and whether they are still seated there.
            if seat.is_key_used and (before := posted_by_holder_of(seat, idempotency_key)):
                return before
            require_it_is_still(seat, participation)
            posting.require_it_may_post(seat)
            conversation = seat.conversation
            kept: list[SealedUpload] = []
            if draft_id is not None and seat.has_draft:
                kept = consume_draft(draft_id=draft_id, author_id=seat.holder_id, seat=seat)
            require_as_shown(kept, shown)
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
                # Under a hold the day's key need not even be there any more.
                epoch=None
                if is_held(conversation)
                else keys.open_held(found, organization_id=organization_id, day=day),
                title=title,
            )
    except IntegrityError:
        # Two requests of one double click can only meet here if the lock did not hold them apart (SQLite
        # has no row locks, its transactions do); the constraint `message_posted_once` has the last word.
        posted = posted_by_holder_of(participation, idempotency_key)
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
    posting.check_words(conversation, text, documents)
    now = timezone.now()
    posting.check_expiry(conversation, expires_at, now)
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
    message.is_held = is_held(conversation)
    if message.is_held:
        epoch = keys.open_epoch(
            organization_id=conversation.organization_id, day=None, hold=conversation.hold_id
        )
    epoch = epoch or keys.open_epoch(
        organization_id=conversation.organization_id, day=keys.day_of(expires_at)
    )
    _seal_text(message, text, epoch)
    moved = follow_expiry(conversation, expires_at=expires_at, epoch=epoch, title=title)
    line = next_line(
        conversation=conversation, verb=Activity.Verb.POSTED, at=now, actor=seat, message_id=message.pk
    )
    *_, noticed, older_waits = together(
        insertion(message),
        posting.move_seats.statement(
            conversation=conversation.pk, sender=seat.pk, sequence=conversation.last_sequence, now=now
        ),
        insertion(line),
        change(conversation, [*MOVED_BY_A_LINE, *moved]),
        outbox.notices_of(message=message, now=now),
        outbox.older_waiting(now),
    )
    bind_documents(message=message, documents=documents, epoch=epoch)
    if noticed:
        outbox.wake_on_commit(now, older_waits=older_waits)
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


def lives_otherwise(message: Message, expires_at: datetime) -> bool:
    """Whether one that is posted now, and expires then, lives another number of days than this one from its posting."""
    asked = expires_at - timezone.now()
    return round((message.expires_at - message.posted_at) / DAY) != round(asked / DAY)


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
    require_it_is_still(seat, participation)
    return seat


def still_owner(participation: Participation) -> Participation:
    """The same for what only the conversation's owner does."""
    seat = still_seated(participation)
    if not seat.is_owner:
        raise exceptions.NoLongerThere
    return seat


def require_it_is_still(seat: Participation, participation: Participation) -> None:
    if seat.seat != Participation.Seat.TAKEN or seat.holder_id != participation.holder_id:
        raise exceptions.NoLongerThere


def _seal_text(message: Message, text: str, epoch: keys.OpenEpoch) -> None:
    wrapped = epoch.wrap_new(context=_key_context(message))
    message.key, message.epoch_id = wrapped.wrapped, wrapped.epoch_id
    message.text_sealed = sealed_text.seal(key=wrapped.key, text=text, context=_context(message))


def _context(message: Message) -> bytes:
    return records.context("message", message.pk, message.conversation_id, field="text")


def _key_context(message: Message) -> bytes:
    return records.context("message", message.pk, message.conversation_id, field="key")
