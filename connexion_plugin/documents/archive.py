"""Everything of a conversation as one ZIP, made while it is sent (spec D6).

Stored, not deflated: documents are mostly packed already, and so the length is known before the first byte, and
a download that was cut is seen to be. ZIP64 where it is needed. Memory holds a part, whatever it weighs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from zipstream import ZipStream

from connexion_plugin.documents.downloads import never_stored, with_attachment_headers
from connexion_plugin.documents.preconditions import unmet
from connexion_plugin.documents.sealed_document import SealedDocument
from connexion_plugin.sealing.segments import DocumentDamaged

FOLDER = "documents"


@dataclass(frozen=True)
class Packed:
    """A document on its way into the archive; `name` is its own there."""

    name: str = field(repr=False)
    source: SealedDocument = field(repr=False)


@dataclass(frozen=True)
class Text:
    """A file made here: its length in bytes is known before, what is in it is made when its turn comes."""

    name: str
    size: int
    pieces: Callable[[], Iterable[bytes]] = field(repr=False)

    @classmethod
    def of(cls, name: str, content: bytes) -> Self:
        """One that is short enough to be held."""
        return cls(name, len(content), lambda: [content])


class ArchiveChanged(Exception):
    """What is being sent is not what was measured; the connection is cut, and the next try fits again."""


def respond_with_archive(
    *,
    request: HttpRequest,
    documents: Sequence[Packed],
    texts: Sequence[Text],
    name: str,
    on_damage: Callable[[UUID], None] = lambda document: None,
) -> HttpResponseBase:
    """The answer to GET or HEAD: the texts, then the documents in their folder; or 304, 412 (`preconditions`).

    A fault in either raises while the answer is being sent: the server then cuts the connection before the
    announced length. `on_damage` is called before, where a document is the reason.
    """
    archive = ZipStream(sized=True)
    for text in texts:
        archive.add(_made(text), text.name, size=text.size)
    for document in documents:
        archive.add(
            _pieces(document.source, on_damage), f"{FOLDER}/{document.name}", size=document.source.size
        )
    # Its manifest says when it was made: no two are the same, and there is no entity tag to ask for.
    if (answer := unmet(request, etag=None, size=len(archive))) is not None:
        return never_stored(answer)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse()
    else:
        response = StreamingHttpResponse(iter(archive))
        request.META["HTTP_ACCEPT_ENCODING"] = "identity"
    response["Content-Length"] = str(len(archive))
    response["Accept-Ranges"] = "none"
    return with_attachment_headers(response, name)


def _made(text: Text) -> Iterator[bytes]:
    """Made when its turn comes. Raises ArchiveChanged before more is sent than was announced."""
    sent = 0
    for piece in text.pieces():
        sent += len(piece)
        if sent > text.size:
            break
        yield piece
    if sent != text.size:
        raise ArchiveChanged(f"{text.name} is not as long as it was")


def _pieces(document: SealedDocument, on_damage: Callable[[UUID], None]) -> Iterator[bytes]:
    """Opened when its turn comes."""
    try:
        yield from document.read()
    except DocumentDamaged:
        on_damage(document.id)
        raise
