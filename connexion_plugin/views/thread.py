"""Messages as the window shows them: sealed or open, mine or theirs (spec C2–C6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from connexion_plugin import access, plain_text
from connexion_plugin.actions.documents import is_gone, read_digest, read_name
from connexion_plugin.actions.messages import read_text
from connexion_plugin.exceptions import MessageGone, Tampered
from connexion_plugin.models import Attachment, Message
from connexion_plugin.routes import address_of
from connexion_plugin.sealing import keys
from connexion_plugin.views.more_time import TimeLine, time_lines

LIVING = frozenset({"open", "sealed"})
TO_WITHDRAW = LIVING | {"damaged"}
READERS_NAMED = 10  # a page of their own names them all


@dataclass(frozen=True)
class Document:
    """`scan_state` is where its scan stands, or "damaged" where its row was altered."""

    name: str = field(repr=False)
    size: int
    url: str
    scan_state: str
    sha256: str = ""


@dataclass(frozen=True)
class Letter:
    """One message as its reader meets it; `state` is open, sealed, expired, withdrawn, deleted or damaged."""

    id: UUID
    anchor: str
    is_mine: bool
    organization_name: str
    sender_address: str
    posted_at: datetime
    expires_at: datetime
    is_held: bool
    state: str
    open_url: str | None
    text: str = field(default="", repr=False)
    is_long: bool = False  # cut with "Plus…" (spec C6)
    documents: Sequence[Document] = field(default_factory=tuple)
    documents_count: int = 0
    withdraw_url: str | None = None
    expiry_url: str | None = None
    time: TimeLine | None = None
    # Of a withdrawn message, for its sender and the owner: who had opened it, up to some, and all (spec C12).
    opened_by: Sequence[str] | None = None
    opened_by_others: int = 0
    openings_url: str = ""

    # As in the inbox: a template asks for `letter["text"]` first.
    __getitem__ = object.__getattribute__


def letters(
    entry: access.ConversationAccess,
    found: Sequence[Message],
    *,
    carried: Mapping[str, str | int] | None = None,
    opened: set[UUID] | None = None,
) -> list[Letter]:
    """In the order given; `carried` goes along in their addresses, `opened` are those known to be open.

    Three statements for any number: attachments, openings, and epochs not yet cached; one more where a
    message was withdrawn, one more where a message expires soon.
    """
    for message in found:
        message.conversation = entry.conversation  # of each is asked whether its hold keeps it
    opened = access.opened_among(entry, found) if opened is None else opened
    attachments = access.attachments_of(found)
    keys.preload(
        {message.epoch_id for message in found}
        | {row.epoch_id for rows in attachments.values() for row in rows}
    )
    former = _former_readers(entry, found)
    # Through the seat of this tab: what is open and what is unread are a participation's (spec B3).
    query = urlencode({**(carried or {}), "persona": entry.seat.persona_id})
    times = time_lines(entry, found, carried=query)
    return [
        _letter(
            entry,
            message,
            is_opened=message.pk in opened,
            attachments=attachments.get(message.pk, []),
            former_readers=former.get(message.pk),
            time=times.get(message.pk),
            carried=query,
        )
        for message in found
    ]


def _former_readers(
    entry: access.ConversationAccess, found: Sequence[Message]
) -> dict[UUID, tuple[list[str], int]]:
    """Addresses of the first who had opened what was withdrawn, and their number; for whoever may know them."""
    withdrawn = [row for row in found if row.withdrawn_at is not None and access.may_know_openers(entry, row)]
    return access.first_openers_of(entry, withdrawn, at_most=READERS_NAMED) if withdrawn else {}


def _letter(
    entry: access.ConversationAccess,
    message: Message,
    *,
    is_opened: bool,
    attachments: Sequence[Attachment],
    former_readers: tuple[Sequence[str], int] | None,
    time: TimeLine | None,
    carried: str,
) -> Letter:
    is_mine = message.is_by(*entry.seats)
    opened_by, openers_count = former_readers or (None, 0)
    # What another of my addresses posted stays in its envelope here, or this tab would count it for ever (B3).
    is_open = is_opened or message.is_by(entry.seat)
    state, text, documents = _content(entry, message, is_open, attachments)
    if entry.state is access.State.DELETED:  # while its envelope was being opened
        state = "deleted"
    is_living = state in LIVING
    here = [entry.conversation.pk, message.pk]
    return Letter(
        id=message.pk,
        anchor=f"message-{message.sequence}",
        is_mine=is_mine,
        organization_name=entry.conversation.organization.name,
        sender_address=message.sender.persona.address,
        posted_at=message.posted_at,
        expires_at=message.expires_at,
        is_held=access.is_kept(message),
        state=state,
        open_url=f"{address_of('open_message', *here)}?{carried}" if state == "sealed" else None,
        text=text,
        is_long=plain_text.is_long(text),
        documents=documents,
        documents_count=message.documents_count,
        withdraw_url=f"{address_of('withdraw_message', *here)}?{carried}"
        if state in TO_WITHDRAW and access.may_withdraw(entry, message)
        else None,
        expiry_url=f"{address_of('change_expiry', *here)}?{carried}"
        if is_living and access.may_change_expiry(entry, message)
        else None,
        time=time if is_living else None,
        opened_by=opened_by,
        opened_by_others=openers_count - len(opened_by or ()),
        openings_url=f"{address_of('openings', *here)}?{carried}" if opened_by else "",
    )


def _content(
    entry: access.ConversationAccess, message: Message, is_open: bool, attachments: Sequence[Attachment]
) -> tuple[str, str, Sequence[Document]]:
    if message.withdrawn_at is not None:
        return "withdrawn", "", ()
    if is_gone(message, timezone.now()):
        return "expired", "", ()
    if not is_open:
        return "sealed", "", ()
    try:
        return "open", read_text(message), [_document(entry, row) for row in attachments]
    except MessageGone:
        return "expired", "", ()
    except Tampered:  # the log has it; the others are read
        return "damaged", "", ()


def _document(entry: access.ConversationAccess, attachment: Attachment) -> Document:
    try:
        return _readable_document(entry, attachment)
    except Tampered:
        return Document(name=_("Unreadable name"), size=attachment.size, url="", scan_state="damaged")


def _fetched_from(entry: access.ConversationAccess, attachment: Attachment) -> str:
    """Through the tab one is in, where there are several: what one has fetched is a line of that address."""
    here = address_of("download", attachment.pk)
    return f"{here}?{urlencode({'persona': entry.seat.persona_id})}" if len(entry.seats) > 1 else here


def _readable_document(entry: access.ConversationAccess, attachment: Attachment) -> Document:
    may_fetch = access.may_fetch(entry, attachment)
    return Document(
        name=read_name(attachment),
        size=attachment.size,
        url=_fetched_from(entry, attachment) if may_fetch else "",
        scan_state=attachment.scan,
        sha256=read_digest(attachment),
    )
