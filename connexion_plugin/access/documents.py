"""The documents of messages that one sees, and who may fetch them when (spec D3, D4)."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.http import Http404

from connexion_plugin import exceptions
from connexion_plugin.access.abilities import Ability, ConversationAccess, Person
from connexion_plugin.access.conversations import conversation_for
from connexion_plugin.access.messages import seat_with_content
from connexion_plugin.conf import settings
from connexion_plugin.models import Attachment, Message

Scan = Attachment.Scan

WITHHELD: dict[str, type[exceptions.DocumentWithheld]] = {
    Scan.INFECTED: exceptions.DocumentInfected,
    Scan.FAILED: exceptions.DocumentNotChecked,
}


def attachments_of(messages: Sequence[Message]) -> dict[UUID, list[Attachment]]:
    """The documents of messages that the caller was given by `access`, in their order."""
    by_id = {message.pk: message for message in messages if message.documents_count}
    found: dict[UUID, list[Attachment]] = {}
    if not by_id:
        return found
    for attachment in Attachment.unscoped.filter(message__in=by_id).order_by("message_id", "position"):
        attachment.message = by_id[attachment.message_id]
        found.setdefault(attachment.message_id, []).append(attachment)
    return found


def may_fetch(entry: ConversationAccess, attachment: Attachment) -> bool:
    """Nobody but its sender before it was found clean (spec D4); nobody at all what a virus was found in.

    Not its sender either: they have what they sent, and a document that is handed out again from here is
    one that spreads, to their next machine or to whoever sits at their account.
    """
    if Ability.DOWNLOAD not in entry.abilities or attachment.scan == Scan.INFECTED:
        return False
    is_mine = attachment.message.is_by(*entry.seats)
    return is_mine or is_delivered(attachment)


def is_delivered(attachment: Attachment) -> bool:
    """Clean; or not scanned, where nothing is. What was posted before scanning was turned on waits for it."""
    return attachment.scan == Scan.CLEAN or (attachment.scan == Scan.NOT_SCANNED and settings.scanner is None)


def attachment_for(
    user: Person, attachment_id: UUID, *, persona_id: UUID | None = None
) -> tuple[ConversationAccess, Attachment]:
    """A document that the person may fetch now, and the entry by the seat that has it: that of `persona_id` first.

    Raises Http404, or DocumentWithheld to who sees that it exists.
    """
    attachment = Attachment.unscoped.select_related("message__sender").filter(id=attachment_id).first()
    # One look-up also when there is no such document: the same time, the same page.
    conversation_id = attachment.message.conversation_id if attachment else attachment_id
    entry = conversation_for(user, conversation_id, persona_id=persona_id)
    if attachment is None:
        raise Http404
    # A document stays in its envelope until the message was opened.
    seat = seat_with_content(entry, attachment.message)
    if seat is None:
        raise Http404
    entry = replace(entry, seat=seat)
    if not may_fetch(entry, attachment):
        raise WITHHELD.get(attachment.scan, exceptions.DocumentBeingChecked)
    return entry, attachment
