"""Everything of a conversation that one may read, as one ZIP (spec D6)."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from connexion_plugin import access
from connexion_plugin.access import Ability, ConversationAccess
from connexion_plugin.actions.documents import open_document
from connexion_plugin.actions.downloads import record_downloads
from connexion_plugin.actions.rereading import are_others_being_read, read_others
from connexion_plugin.documents.archive import (
    FOLDER,
    ArchiveChanged,
    Packed,
    Text,
    respond_with_archive,
)
from connexion_plugin.documents.sealed_document import SealedDocument
from connexion_plugin.documents.unique_names import UniqueNames
from connexion_plugin.exceptions import MessageGone, NoLongerThere, StorageUnreachable, Tampered
from connexion_plugin.models import Attachment, Message
from connexion_plugin.sealing.segments import DocumentDamaged
from connexion_plugin.views.conversation import entered, window_context
from connexion_plugin.views.documents import RETRY_AFTER_SECONDS, unreachable
from connexion_plugin.views.errors import error
from connexion_plugin.views.policy import Policy, door, sign_in_for_a_file
from connexion_plugin.views.thread import Document, Letter, letters

logger = logging.getLogger(__name__)

MESSAGES_AT_ONCE = 100
TEMPLATES = "connexion_plugin/archive"
Write = Callable[[dict[str, Any]], str]


@dataclass(frozen=True)
class Kept:
    """A document that goes into the archive; `name` is its own there."""

    attachment: Attachment
    name: str = field(repr=False)
    source: SealedDocument = field(repr=False)
    sha256: str


@dataclass(frozen=True)
class Withheld:
    """A document that stays out; `reason` is "expired", "damaged", or where its scan stands."""

    name: str = field(repr=False)
    reason: str


@dataclass
class Contents:
    """What goes into the archive besides the texts, in the order of the messages."""

    documents: dict[UUID, Kept] = field(default_factory=dict)
    withheld: list[Withheld] = field(default_factory=list)
    last: int = 0  # the sequence of the newest message in it
    _names: UniqueNames = field(default_factory=UniqueNames)

    def add(self, attachment: Attachment, document: Document) -> None:
        """One document of a message that was opened; what is not clean, or cannot be opened, stays out.

        Raises StorageUnreachable.
        """
        if not (document.sha256 and document.url and access.is_delivered(attachment)):
            self.withheld.append(Withheld(document.name, document.scan_state))
            return
        try:
            source = open_document(attachment)
            source.check()
        except (MessageGone, DocumentDamaged, Tampered) as fault:
            # One that is damaged, or expires in this moment, must not keep the others back. Found out once the sending
            # has begun, it would cut this archive and every later one.
            logger.error("document %s is not in the archive: %s", attachment.pk, type(fault).__name__)
            reason = "expired" if isinstance(fault, MessageGone) else "damaged"
            self.withheld.append(Withheld(document.name, reason))
            return
        name = self._names.of(document.name)
        self.documents[attachment.pk] = Kept(attachment, name, source, document.sha256)


@door(Policy.SIGNED_IN, "GET", signed_out=sign_in_for_a_file)
def download_conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """Texts of what was opened, documents that were found clean, and a manifest of their SHA-256.

    Opens no envelope: what is sealed says so. The archive's name is not the title's, which must stay in no
    list of downloads (spec C11).
    """
    entry = entered(request, conversation_id)
    if Ability.DOWNLOAD not in entry.abilities:
        raise Http404
    contents, conversation_id = Contents(), entry.conversation.pk
    try:
        if are_others_being_read(conversation_id):
            return _being_read(request)
        texts = _texts(request, entry, contents)
    except StorageUnreachable as fault:
        return unreachable(request, fault, what=_("This archive cannot be downloaded at this moment"))
    response = respond_with_archive(
        request=request,
        texts=texts,
        documents=[Packed(name=kept.name, source=kept.source) for kept in contents.documents.values()],
        name=f"connexion-{timezone.localtime():%Y-%m-%d}.zip",
        on_damage=partial(read_others, conversation_id),
    )
    if request.method == "GET" and response.status_code == 200:
        attachments = [kept.attachment for kept in contents.documents.values()]
        try:
            record_downloads(participation=entry.seat, attachments=attachments)
        except NoLongerThere as removed:
            raise Http404 from removed
    return response


def _being_read(request: HttpRequest) -> HttpResponse:
    """The page for who comes back after an archive was cut, before the worker has looked for other damage."""
    response = error(
        request,
        503,
        what=_("This archive is not ready yet"),
        safe=_(
            "An archive of this conversation was cut because one of its documents is damaged. All the others are "
            "being read, so that the next archive is whole."
        ),
        todo=_(
            "Try again in a few minutes: the archive will name what is missing. Meanwhile each document can be "
            "downloaded by itself."
        ),
    )
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _texts(request: HttpRequest, entry: ConversationAccess, contents: Contents) -> list[Text]:
    """The messages and the manifest; the second is what `sha256sum -c` reads.

    The messages are made twice, and never held: now, for their length, for their digest and for what there is
    to pack, which fills `contents`; and again while they are sent.
    """
    context = window_context(request, entry)
    messages_name, manifest_name = _("messages.txt"), _("manifest.txt")
    head = _rendered("messages.txt", context).strip().encode() + b"\n"
    measured, size = sha256(head), len(head)
    for piece in _letters(entry, contents):
        measured.update(piece)
        size += len(piece)
    digest = measured.hexdigest()
    sums = [(kept.sha256, f"{FOLDER}/{kept.name}") for kept in contents.documents.values()]
    manifest = _rendered(
        "manifest.txt",
        {
            **context,
            "sums": [(digest, messages_name), *sums],
            "withheld": contents.withheld,
            "manifest_name": manifest_name,
        },
    )
    again = partial(_once_more, head, entry, contents, digest)
    language, zone = translation.get_language(), timezone.get_current_timezone()
    return [
        Text(messages_name, size, lambda: _spoken(again(), language, zone)),
        Text.of(manifest_name, manifest.strip().encode() + b"\n"),
    ]


def _letters(entry: ConversationAccess, contents: Contents) -> Iterator[bytes]:
    """The text of each message, oldest first; what hangs on it is added to `contents`."""
    write = _writer()
    for found in _batches(entry):
        attachments = access.attachments_of(found)
        for message, letter in zip(found, letters(entry, found), strict=True):
            hanging = attachments.get(message.pk, ())
            for attachment, document in zip(hanging, letter.documents, strict=False):
                contents.add(attachment, document)
            contents.last = message.sequence
            yield _text_of(letter, hanging, contents, write)


def _once_more(head: bytes, entry: ConversationAccess, contents: Contents, digest: str) -> Iterator[bytes]:
    """The same, as it was measured. Raises ArchiveChanged where it is not the same any more."""
    sent, write = sha256(head), _writer()
    yield head
    for found in _batches(entry, until=contents.last):
        attachments = access.attachments_of(found)
        pieces = [
            _text_of(letter, attachments.get(message.pk, ()), contents, write)
            for message, letter in zip(found, letters(entry, found), strict=True)
        ]
        for piece in pieces:
            sent.update(piece)
            yield piece
    if sent.hexdigest() != digest:
        raise ArchiveChanged("a message was opened, withdrawn or expired while the archive was being sent")


def _text_of(letter: Letter, attachments: Sequence[Attachment], contents: Contents, write: Write) -> bytes:
    """Each document by its name in the archive, or by none where it is not in it."""
    kept = [contents.documents.get(attachment.pk) for attachment in attachments]
    documents = [
        (one.name if one else None, document) for one, document in zip(kept, letter.documents, strict=False)
    ]
    return b"\n" + write({"message": letter, "documents": documents}).strip("\n").encode() + b"\n"


def _batches(entry: ConversationAccess, *, until: int | None = None) -> Iterator[list[Message]]:
    """All messages, oldest first."""
    seen = access.messages_seen_by(entry.seat).select_related("sender__persona").order_by("sequence")
    if until is not None:
        seen = seen.filter(sequence__lte=until)
    after = 0
    while found := list(seen.filter(sequence__gt=after)[:MESSAGES_AT_ONCE]):
        yield found
        after = found[-1].sequence


def _spoken(pieces: Iterator[bytes], language: str | None, zone: Any) -> Iterator[bytes]:
    """While an answer is being sent, the language and the zone of its request are no longer set."""
    while True:
        # Around each step, not around the loop: a generator shares its caller's context between two steps.
        with translation.override(language), timezone.override(zone):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


def _writer() -> Write:
    """Writes one message after another in one context: each of its own would be a circle of references, and
    keep the texts in memory until the collector comes."""
    template: Any = get_template(f"{TEMPLATES}/message.txt")
    context = Context()

    def write(values: dict[str, Any]) -> str:
        with context.push(values):
            return str(template.template.render(context))

    return write


def _rendered(template: str, context: dict[str, Any]) -> str:
    return str(get_template(f"{TEMPLATES}/{template}").render(context))
