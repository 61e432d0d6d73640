"""Messages as the window shows them: sealed or open, mine or theirs (spec C2–C6)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from connexion_plugin import access
from connexion_plugin.actions.documents import is_gone, read_name
from connexion_plugin.actions.messages import read_text
from connexion_plugin.exceptions import MessageGone
from connexion_plugin.models import Attachment, Message
from connexion_plugin.sealing import keys


@dataclass(frozen=True)
class Document:
    name: str
    size: int
    url: str
    scan_state: str
    sha256: str = ""


@dataclass(frozen=True)
class Letter:
    """One message as its reader meets it; `state` is open, sealed, expired or withdrawn."""

    id: UUID
    anchor: str
    is_mine: bool
    organization_name: str
    sender_address: str
    posted_at: datetime
    expires_at: datetime
    state: str
    open_url: str
    text: str = ""
    documents: Sequence[Document] = field(default_factory=tuple)
    documents_count: int = 0


def letters(entry: access.ConversationAccess, found: Sequence[Message]) -> list[Letter]:
    """In the order given. Three statements for any number: attachments, openings, and epochs not yet cached."""
    opened = access.opened_among(entry, found)
    attachments = access.attachments_of(found)
    keys.preload(
        {message.epoch_id for message in found}
        | {row.epoch_id for rows in attachments.values() for row in rows}
    )
    return [
        _letter(entry, message, message.pk in opened, attachments.get(message.pk, [])) for message in found
    ]


def _letter(
    entry: access.ConversationAccess, message: Message, is_opened: bool, attachments: Sequence[Attachment]
) -> Letter:
    is_mine = message.sender_id in {seat.pk for seat in entry.seats}
    state, text, documents = _content(message, is_mine or is_opened, attachments)
    return Letter(
        id=message.pk,
        anchor=f"message-{message.sequence}",
        is_mine=is_mine,
        organization_name=entry.conversation.organization.name,
        sender_address=message.sender.persona.address,
        posted_at=message.posted_at,
        expires_at=message.expires_at,
        state=state,
        open_url=reverse("connexion:open_message", args=[entry.conversation.pk, message.pk]),
        text=text,
        documents=documents,
        documents_count=message.documents_count,
    )


def _content(
    message: Message, is_open: bool, attachments: Sequence[Attachment]
) -> tuple[str, str, Sequence[Document]]:
    if message.withdrawn_at is not None:
        return "withdrawn", "", ()
    if is_gone(message, timezone.now()):
        return "expired", "", ()
    if not is_open:
        return "sealed", "", ()
    try:
        return "open", read_text(message), [_document(attachment) for attachment in attachments]
    except MessageGone:
        return "expired", "", ()


def _document(attachment: Attachment) -> Document:
    return Document(
        name=read_name(attachment),
        size=attachment.size,
        url=reverse("connexion:download", args=[attachment.pk]),
        scan_state=attachment.scan,
    )
