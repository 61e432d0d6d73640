"""Documents: bound to their message when it is posted, read by those who may (spec D1, D3)."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from connexion_plugin import exceptions
from connexion_plugin.actions.activity import append_line
from connexion_plugin.documents.uploads import SealedUpload
from connexion_plugin.models import Activity, Attachment, Conversation, Message, Participation, StoredParts
from connexion_plugin.sealing import keys, records, text


def bind_documents(*, message: Message, documents: Sequence[SealedUpload], day: date) -> None:
    """Makes attachments of sealed uploads, their keys wrapped under the message's day; in its transaction."""
    if not documents:
        return
    Attachment.unscoped.bulk_create(
        [_attachment(message, document, position, day) for position, document in enumerate(documents)]
    )
    StoredParts.unscoped.filter(pk__in=[document.attachment_id for document in documents]).delete()


def record_parts_begun(attachment_id: UUID) -> None:
    """Before the first part is written, so that a crash leaves nothing the sweep would not find."""
    StoredParts.unscoped.create(pk=attachment_id, begun_at=timezone.now())


def forget_parts(attachment_ids: Sequence[UUID]) -> None:
    StoredParts.unscoped.filter(pk__in=attachment_ids).delete()


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
        key=document_key(attachment), sealed=bytes(attachment.name_sealed), context=_context(attachment, "name")
    )


def record_download(*, participation: Participation, attachment: Attachment) -> None:
    """One line of activity a download; one transaction, under the lock of the conversation."""
    with transaction.atomic():
        conversation = Conversation.unscoped.select_for_update().get(pk=attachment.message.conversation_id)
        append_line(
            conversation=conversation,
            verb=Activity.Verb.DOWNLOADED,
            at=timezone.now(),
            actor=participation,
            message_id=attachment.message_id,
            attachment_id=attachment.pk,
        )


def content_context(attachment_id: UUID) -> bytes:
    """What a document's segments hang on; message and conversation are in the wrapping of its key."""
    return records.context("document", attachment_id, field="content")


def _attachment(message: Message, document: SealedUpload, position: int, day: date) -> Attachment:
    attachment = Attachment(
        id=document.attachment_id,
        message=message,
        position=position,
        size=document.size or 0,
        manifest_sealed=document.manifest,
    )
    wrapped = keys.wrap(
        key=document.key,
        organization_id=message.conversation.organization_id,
        day=day,
        context=_key_context(attachment),
    )
    attachment.key, attachment.epoch_id = wrapped.wrapped, wrapped.epoch_id
    attachment.name_sealed = text.seal(
        key=document.key, text=document.name or "", context=_context(attachment, "name")
    )
    return attachment


def _context(attachment: Attachment, field: str) -> bytes:
    return records.context("document", attachment.pk, field=field)


def _key_context(attachment: Attachment) -> bytes:
    message = attachment.message
    return records.context("document", attachment.pk, message.pk, message.conversation_id, field="key")
