"""Documents on their way out: always attachments, never pages, by ranges if asked (spec D3, RFC 9110)."""

import logging
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from connexion_plugin.documents.preconditions import unmet
from connexion_plugin.documents.sealed_document import SealedDocument
from connexion_plugin.sealing.segments import DocumentDamaged

logger = logging.getLogger(__name__)

_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)
# What RFC 8187 allows unquoted in an extended parameter.
_ATTRIBUTE_CHARACTERS = "!#$&+-.^_`|~"
_SPELLED_OUT = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "’": "'", "–": "-", "—": "-"})


class RangeNotSatisfiable(Exception):
    """No byte of the document is in the range that was asked for."""


def respond(*, request: HttpRequest, document: SealedDocument, name: str) -> HttpResponseBase:
    """The answer to GET or HEAD: 200, 206 for one range, 416; 304 or 412 where the client asked for that (RFC 9110,
    13.2.2: before the range is looked at). Who may fetch it is the view's to know.

    Raises DocumentDamaged when the first part asked for is not what was sealed. A fault in a later part
    raises while the answer is being sent: the server then cuts the connection before the announced length,
    so that nobody keeps half a document for a whole one.
    """
    if (answer := unmet(request, etag=document.etag, size=document.size)) is not None:
        return _with_validator(answer, document)
    try:
        asked = _asked_range(request, document)
    except RangeNotSatisfiable:
        refusal = HttpResponse(status=416)
        refusal["Content-Range"] = f"bytes */{document.size}"
        return _with_headers(refusal, document, name)
    start, stop = asked or (0, document.size)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse()
    else:
        response = StreamingHttpResponse(_checked_from_the_first_byte(document, start, stop))
        # Bytes that were compressed on the way would not be those of the range, nor of their length.
        request.META["HTTP_ACCEPT_ENCODING"] = "identity"
    if asked:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{document.size}"
    response["Content-Length"] = str(stop - start)
    return _with_headers(response, document, name)


def content_disposition(name: str) -> str:
    """`attachment` with the name twice: for all in ASCII, then as it is (RFC 6266, RFC 8187)."""
    plain = unicodedata.normalize("NFKD", name.translate(_SPELLED_OUT)).encode("ascii", "ignore").decode()
    # A percent sign would be decoded by some browsers; the other two would end the quoted string.
    plain = re.sub(r'[%"\\\x00-\x1f\x7f]', "_", plain).strip()
    fallback = plain if plain and not plain.startswith(".") else f"document{plain}"
    header = f'attachment; filename="{fallback}"'
    if fallback != name:
        header += f"; filename*=UTF-8''{quote(name, safe=_ATTRIBUTE_CHARACTERS)}"
    return header


def _with_headers(response: HttpResponseBase, document: SealedDocument, name: str) -> HttpResponseBase:
    response["Accept-Ranges"] = "bytes"
    _with_validator(response, document)
    return with_attachment_headers(response, name)


def _with_validator(response: HttpResponseBase, document: SealedDocument) -> HttpResponseBase:
    response["ETag"] = f'"{document.etag}"'
    return never_stored(response)


def never_stored(response: HttpResponseBase) -> HttpResponseBase:
    """What a browser kept would outlive the message (spec E3)."""
    response["Cache-Control"] = "no-store"
    return response


def with_attachment_headers(response: HttpResponseBase, name: str) -> HttpResponseBase:
    """What makes of any answer something to keep, and never a page."""
    response["Content-Type"] = "application/octet-stream"
    response["Content-Disposition"] = content_disposition(name)
    never_stored(response)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _asked_range(request: HttpRequest, document: SealedDocument) -> tuple[int, int] | None:
    """First byte and byte after the last, or None for the whole document.

    Several ranges, another unit or what cannot be read is answered by the whole, as RFC 9110 allows.
    """
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    if request.method != "GET" or match is None or not any(match.groups()):
        return None
    if request.headers.get("If-Range", f'"{document.etag}"') != f'"{document.etag}"':
        # The reader's first half is of other bytes; a date or a weak validator proves nothing either.
        return None
    first, last = match.groups()
    if not first:
        start, stop = max(0, document.size - int(last)), document.size
    else:
        start, stop = int(first), min(int(last) + 1 if last else document.size, document.size)
        if last and int(last) < int(first):
            return None
    if start >= stop:
        raise RangeNotSatisfiable
    return start, stop


def _checked_from_the_first_byte(document: SealedDocument, start: int, stop: int) -> Iterator[bytes]:
    """The bytes, of which the first piece is unsealed now: a fault in it can still become a page."""
    pieces = document.read(start, stop)
    return _reported(document, [next(pieces, b"")], pieces)


def _reported(document: SealedDocument, first: list[bytes], pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield first.pop()  # whoever kept it would hold its memory until all is sent
        yield from pieces
    except DocumentDamaged as fault:
        logger.error("A download was cut, document %s is damaged: %s", document.id, fault)
        raise
