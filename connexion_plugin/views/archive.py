"""Everything of a conversation that one may read, as one ZIP (spec D6)."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from connexion_plugin import access
from connexion_plugin.access import Ability, ConversationAccess
from connexion_plugin.actions.documents import open_document, record_downloads
from connexion_plugin.documents.archive import FOLDER, Packed, respond_with_archive, unique_names
from connexion_plugin.documents.parts import SealedDocument
from connexion_plugin.exceptions import MessageGone
from connexion_plugin.models import Attachment, Message
from connexion_plugin.sealing.segments import DocumentDamaged
from connexion_plugin.views.conversation import persona_asked, window_context
from connexion_plugin.views.policy import Policy, door
from connexion_plugin.views.thread import Document, Letter, letters

logger = logging.getLogger(__name__)

MESSAGES_AT_ONCE = 100
TEMPLATES = "connexion_plugin/archive"


@dataclass
class Contents:
    """What goes into the archive, in the order of the messages; `names` are those in its folder."""

    thread: list[Letter] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    sources: list[SealedDocument] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    withheld: list[Document] = field(default_factory=list)

    def add(self, attachment: Attachment, document: Document) -> None:
        """One document of a message that was opened; what is not clean, or cannot be opened, stays out."""
        if not (document.sha256 and document.url and access.is_delivered(attachment)):
            self.withheld.append(document)
            return
        try:
            self.sources.append(open_document(attachment))
        except (MessageGone, DocumentDamaged) as fault:
            # One that is damaged, or expires in this moment, must not keep the others back.
            logger.error("document %s is not in the archive: %s", attachment.pk, type(fault).__name__)
            self.withheld.append(document)
            return
        self.attachments.append(attachment)
        self.documents.append(document)

    def packed(self) -> list[Packed]:
        return [
            Packed(name=name, source=source) for name, source in zip(self.names, self.sources, strict=True)
        ]


@door(Policy.SIGNED_IN, "GET")
def download_conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """Texts of what was opened, documents that were found clean, and a manifest of their SHA-256.

    Opens no envelope: what is sealed says so. The archive's name is not the title's, which must stay in no
    list of downloads (spec C11).
    """
    entry = access.conversation_for(request.user, conversation_id, persona_id=persona_asked(request))
    if Ability.DOWNLOAD not in entry.abilities:
        raise Http404
    contents = _contents(entry)
    response = respond_with_archive(
        request=request,
        documents=contents.packed(),
        texts=_texts(request, entry, contents),
        name=f"connexion-{timezone.localtime():%Y-%m-%d}.zip",
    )
    if request.method == "GET":
        record_downloads(participation=entry.seat, attachments=contents.attachments)
    return response


def _contents(entry: ConversationAccess) -> Contents:
    contents = Contents()
    for found in _batches(entry):
        attachments = access.attachments_of(found)
        for message, letter in zip(found, letters(entry, found), strict=True):
            contents.thread.append(letter)
            for attachment, document in zip(attachments.get(message.pk, ()), letter.documents, strict=False):
                contents.add(attachment, document)
    contents.names = unique_names(document.name for document in contents.documents)
    return contents


def _batches(entry: ConversationAccess) -> Iterator[list[Message]]:
    """All messages, oldest first."""
    seen = access.messages_seen_by(entry.seat).select_related("sender__persona").order_by("sequence")
    after = 0
    while found := list(seen.filter(sequence__gt=after)[:MESSAGES_AT_ONCE]):
        yield found
        after = found[-1].sequence


def _texts(request: HttpRequest, entry: ConversationAccess, contents: Contents) -> dict[str, bytes]:
    """The messages and the manifest; the second is what `sha256sum -c` reads."""
    context = {**window_context(request, entry), "thread": _with_names(contents)}
    messages_name, manifest_name = _("messages.txt"), _("manifest.txt")
    messages = _rendered("messages.txt", context)
    sums = [(sha256(messages).hexdigest(), messages_name)]
    sums += [
        (document.sha256, f"{FOLDER}/{name}")
        for name, document in zip(contents.names, contents.documents, strict=True)
    ]
    context = {**context, "sums": sums, "withheld": contents.withheld, "manifest_name": manifest_name}
    return {messages_name: messages, manifest_name: _rendered("manifest.txt", context)}


def _with_names(contents: Contents) -> Iterator[dict[str, Any]]:
    """Each letter with its documents' names in the archive, or none where they are not in it."""
    names = {id(document): name for document, name in zip(contents.documents, contents.names, strict=True)}
    for letter in contents.thread:
        yield {
            "letter": letter,
            "documents": [(names.get(id(document)), document) for document in letter.documents],
        }


def _rendered(template: str, context: dict[str, Any]) -> bytes:
    return render_to_string(f"{TEMPLATES}/{template}", context).strip().encode() + b"\n"
