"""Everything of a conversation as one ZIP, made while it is sent (spec D6).

Stored, not deflated: documents are mostly packed already, and so the length is known before the first byte, and
a download that was cut is seen to be. ZIP64 where it is needed. Memory holds a segment, whatever it weighs.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from zipstream import ZipStream

from connexion_plugin.documents.downloads import with_attachment_headers
from connexion_plugin.documents.names import NAME_BYTES, shortened
from connexion_plugin.documents.parts import SealedDocument

FOLDER = "documents"


@dataclass(frozen=True)
class Packed:
    """A document on its way into the archive; `name` is its own there."""

    name: str = field(repr=False)
    source: SealedDocument = field(repr=False)


def unique_names(names: Iterable[str]) -> list[str]:
    """The same names, those that a folder would take for one told apart: `devis.pdf`, `devis (2).pdf`.

    Folders of Windows and macOS do not see case, nor how an accent is composed.
    """
    taken: set[str] = set()
    found = []
    for name in names:
        candidate, number = name, 1
        while (key := unicodedata.normalize("NFKC", candidate).casefold()) in taken:
            number += 1
            candidate = _numbered(name, number)
        taken.add(key)
        found.append(candidate)
    return found


def respond_with_archive(
    *, request: HttpRequest, documents: Sequence[Packed], texts: Mapping[str, bytes], name: str
) -> HttpResponseBase:
    """The answer to GET or HEAD: `texts` by name, then the documents in their folder.

    A fault in a document raises while the answer is being sent: the server then cuts the connection before
    the announced length.
    """
    archive = ZipStream(sized=True)
    for text_name, content in texts.items():
        archive.add(content, text_name)
    for document in documents:
        archive.add(_pieces(document.source), f"{FOLDER}/{document.name}", size=document.source.size)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse()
    else:
        response = StreamingHttpResponse(iter(archive))
        request.META["HTTP_ACCEPT_ENCODING"] = "identity"
    response["Content-Length"] = str(len(archive))
    response["Accept-Ranges"] = "none"
    return with_attachment_headers(response, name)


def _pieces(document: SealedDocument) -> Iterator[bytes]:
    """Opened when its turn comes."""
    yield from document.read()


def _numbered(name: str, number: int) -> str:
    stem, dot, extension = name.rpartition(".")
    if not stem:
        stem, dot, extension = name, "", ""
    mark = f" ({number}){dot}{extension}"
    return shortened(stem, NAME_BYTES - len(mark.encode())) + mark
