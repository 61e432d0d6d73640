"""Documents: bound to their message when it is posted, read by those who may (spec D1, D3)."""

import hashlib
import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from connexion_plugin import exceptions
from connexion_plugin.actions import scan_leases
from connexion_plugin.database_room import telling_no_room
from connexion_plugin.documents import mounts
from connexion_plugin.documents.parts import delete_parts, sealed_storage
from connexion_plugin.documents.sealed_document import SealedDocument
from connexion_plugin.documents.unique_names import UniqueNames, family_of
from connexion_plugin.documents.uploads import SealedUpload
from connexion_plugin.models import (
    Attachment,
    Conversation,
    Message,
    StorageMark,
    StoredParts,
    Upload,
    is_kept,
)
from connexion_plugin.sealing import keys, records, text
from connexion_plugin.sealing.segments import DocumentDamaged

# In the place of the hour at which a document began to come in: nobody waits for it, whatever the clock says.
GIVEN_UP = datetime(1970, 1, 1, tzinfo=UTC)


def bind_documents(*, message: Message, documents: Sequence[SealedUpload], epoch: keys.OpenEpoch) -> None:
    """Makes attachments of sealed uploads, their keys wrapped by the message's epoch; in its transaction.

    Two of one name would be two links of one name to their readers, who never learn from which folders they came: the
    second is numbered. Raises UploadGone where the sweep has given one of them up meanwhile: no message names parts
    that are not there.
    """
    if not documents:
        return
    ids = [document.attachment_id for document in documents]
    if StoredParts.unscoped.filter(pk__in=ids, is_given_up=False).delete()[0] != len(ids):
        raise exceptions.UploadGone
    names = UniqueNames(as_taken=str)
    Attachment.unscoped.bulk_create(
        [
            _attachment(message, document, names.of(document.name or ""), position, epoch)
            for position, document in enumerate(documents)
        ]
    )
    scan_leases.wake_on_commit(message.posted_at)


def wrap_documents(message: Message, epoch: keys.OpenEpoch) -> None:
    """Wraps the keys of a message's documents by another epoch; their parts are not touched. Raises MessageGone."""
    attachments = list(Attachment.unscoped.filter(message=message))
    for attachment in attachments:
        attachment.message = message
        wrapped = epoch.wrap(key=document_key(attachment), context=_key_context(attachment))
        attachment.key, attachment.epoch_id = wrapped.wrapped, wrapped.epoch_id
    if attachments:
        Attachment.unscoped.bulk_update(attachments, ["key", "epoch"])


@telling_no_room()
def new_document_key(attachment_id: UUID) -> tuple[bytes, bytes]:
    """A fresh key and the context for a document that begins to come in (`documents.uploads.KeyFor`).

    Raises StorageTrouble where the storage is not there, DatabaseFull.
    """
    require_storage()
    return recorded_key(attachment_id)


def require_storage() -> None:
    """Raises StorageTrouble where documents cannot be kept. Outside any transaction: a storage may be slow to answer,
    and on SQLite every writer would wait for it."""
    storage = sealed_storage()
    if not was_marked():
        if not is_anything_stored():
            mark_storage()
        elif mounts.is_there(storage):
            _note_mark()  # an earlier version made it
    mounts.require_to_write(storage)


def mark_storage(*, signs: bool = False) -> None:
    """Says that the storage holds this installation's documents: before the first of all, or since an operator knows.

    With `signs`, a mark that does not say whose it is says so from now on. Raises StorageTrouble, also where it is
    another installation's.
    """
    row, _is_new = StorageMark.objects.get_or_create(number=1)
    mounts.make(sealed_storage(), row.installation, signs=signs)
    _note_mark()


def _note_mark() -> None:
    StorageMark.objects.get_or_create(number=1)
    StorageMark.objects.filter(made_at=None).update(made_at=timezone.now())


def _installation() -> UUID | None:
    return StorageMark.objects.values_list("installation", flat=True).first()


mounts.ask_whose(_installation)


def was_marked() -> bool:
    """Whether the storage was marked once: then one without the mark is another, or is not there."""
    return StorageMark.objects.filter(made_at__isnull=False).exists()


def recorded_key(attachment_id: UUID) -> tuple[bytes, bytes]:
    """`new_document_key` where the storage was asked before. First the document goes on record, before any part is
    written, so that a crash leaves nothing the sweep misses."""
    StoredParts.unscoped.create(pk=attachment_id, begun_at=timezone.now())
    return secrets.token_bytes(32), content_context(attachment_id)


def is_anything_stored() -> bool:
    """Whether the storage holds parts, as far as the rows know: then it is no new one."""
    return any(model.unscoped.exists() for model in (StoredParts, Upload, Attachment))


def give_up_documents(message: Message) -> None:
    """Removes the documents of a message; in the caller's transaction, which holds the conversation's lock.

    Rows first, with a note of what is stored; the parts on commit. Killed in between, what is left has no
    key any more, and the next sweep finds it by the note (`actions.stored_parts`).
    """
    ids = list(Attachment.unscoped.filter(message=message).values_list("pk", flat=True))
    if not ids:
        return
    notes = [StoredParts(pk=key, begun_at=GIVEN_UP) for key in ids]
    StoredParts.unscoped.bulk_create(notes, ignore_conflicts=True)
    Attachment.unscoped.filter(pk__in=ids).delete()
    transaction.on_commit(lambda: delete_stored(ids), robust=True)


def give_up_all_documents(conversation: Conversation) -> int:
    """The same for every document of a conversation, in three statements; returns how many.

    The parts are left to the sweep.
    """
    ids = list(Attachment.unscoped.filter(message__conversation=conversation).values_list("pk", flat=True))
    if ids:
        notes = [StoredParts(pk=key, begun_at=GIVEN_UP) for key in ids]
        StoredParts.unscoped.bulk_create(notes, ignore_conflicts=True)
        Attachment.unscoped.filter(message__conversation=conversation).delete()
    return len(ids)


def delete_stored(ids: Sequence[UUID]) -> None:
    """The parts, and the notes of them; for `transaction.on_commit`."""
    storage = sealed_storage()
    for key in ids:
        delete_parts(storage, key)
        StoredParts.unscoped.filter(pk=key).delete()


def document_key(attachment: Attachment) -> bytes:
    """The key of a document, for its name, manifest and content. Raises MessageGone once it has expired."""
    try:
        return keys.unwrap(
            epoch_id=attachment.epoch_id, wrapped=bytes(attachment.key), context=_key_context(attachment)
        )
    except keys.KeyGone as error:
        raise exceptions.MessageGone from error


def read_name(attachment: Attachment) -> str:
    """The document's name, as it came in and was made safe then."""
    return text.unseal(
        key=document_key(attachment),
        sealed=bytes(attachment.name_sealed),
        context=_context(attachment, "name"),
    )


def brings_others(message: Message, documents: Sequence[SealedUpload]) -> bool:
    """Whether one of these is not among the message's documents, by name, size and content. Raises MessageGone.

    Which of one name was numbered hangs on what else was posted: the numbers are left out on either side.

    The message may have more: what was kept with its draft comes with no form. Content is read only where a name and
    its size are the same: a corrected page is often as long as the one before. What cannot be read is another.
    """
    if not documents:
        return False
    coming = {(family_of(document.name or ""), document.size or 0) for document in documents}
    attached = Attachment.unscoped.filter(message=message).select_related("message")
    posted = [(family_of(read_name(attachment)), attachment.size, attachment) for attachment in attached]
    if not coming <= {(name, size) for name, size, _attachment in posted}:
        return True
    try:
        brought = Counter(
            (family_of(one.name or ""), one.size or 0, _digest_of(_opened(one))) for one in documents
        )
        there = Counter(
            (name, size, read_digest(attachment) or _digest_of(open_document(attachment)))
            for name, size, attachment in posted
            if (name, size) in coming
        )
    except (DocumentDamaged, exceptions.StorageUnreachable):
        return True
    return bool(brought - there)


def _opened(document: SealedUpload) -> SealedDocument:
    return open_stored(
        document.attachment_id,
        manifest_sealed=document.manifest,
        size=document.size or 0,
        key=document.key,
    )


def _digest_of(document: SealedDocument) -> str:
    digest = hashlib.sha256()
    for piece in document.read():
        digest.update(piece)
    return digest.hexdigest()


def seal_digest(attachment: Attachment, digest: str) -> bytes:
    """The SHA-256 of the document, in hexadecimal, as its row keeps it. Raises MessageGone."""
    return text.seal(key=document_key(attachment), text=digest, context=_context(attachment, "digest"))


def read_digest(attachment: Attachment) -> str:
    """The same, or nothing before the document was read (spec D5). Raises MessageGone."""
    if not attachment.digest_sealed:
        return ""
    return text.unseal(
        key=document_key(attachment),
        sealed=bytes(attachment.digest_sealed),
        context=_context(attachment, "digest"),
    )


def open_document(attachment: Attachment) -> SealedDocument:
    """The document, ready to be read by ranges. Raises MessageGone once it cannot be read any more."""
    if is_gone(attachment.message, timezone.now()):
        raise exceptions.MessageGone
    return open_stored(
        attachment.pk,
        manifest_sealed=attachment.manifest_sealed,
        size=attachment.size,
        key=document_key(attachment),
    )


def open_stored(
    document: UUID, *, manifest_sealed: bytes | memoryview, size: int, key: bytes
) -> SealedDocument:
    """A document that is whole, from what its row says, whichever row that is. Raises DocumentDamaged, Tampered."""
    return SealedDocument.opened(
        id=document,
        manifest_sealed=bytes(manifest_sealed),
        size=size,
        key=key,
        context=content_context(document),
        storage=sealed_storage(),
    )


def is_gone(message: Message, now: datetime) -> bool:
    """At its hour a message cannot be read, sweep or not (spec E3); once emptied, whatever the clock says.
    A legal hold suspends the hour."""
    if message.withdrawn_at or message.emptied_at:
        return True
    return message.expires_at <= now and not is_kept(message)


def content_context(attachment_id: UUID) -> bytes:
    """What a document's segments hang on; message and conversation are in the wrapping of its key."""
    return records.context("document", attachment_id, field="content")


def _attachment(
    message: Message, document: SealedUpload, name: str, position: int, epoch: keys.OpenEpoch
) -> Attachment:
    attachment = Attachment(
        id=document.attachment_id,
        message=message,
        position=position,
        size=document.size or 0,
        manifest_sealed=document.manifest,
        scan=scan_leases.first_state(),
        check_due_at=message.posted_at,
    )
    wrapped = epoch.wrap(key=document.key, context=_key_context(attachment))
    attachment.key, attachment.epoch_id = wrapped.wrapped, wrapped.epoch_id
    attachment.name_sealed = text.seal(key=document.key, text=name, context=_context(attachment, "name"))
    return attachment


def _context(attachment: Attachment, field: str) -> bytes:
    return records.context("document", attachment.pk, field=field)


def _key_context(attachment: Attachment) -> bytes:
    message = attachment.message
    return records.context("document", attachment.pk, message.pk, message.conversation_id, field="key")
