"""The words of tus 1.0 (https://tus.io/protocols/resumable-upload): headers in, answers out, and no more.

Core with creation, creation-with-upload, checksum, expiration and termination. Nothing here knows rows.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
OFFSET_TYPE = "application/offset+octet-stream"
ALGORITHMS: Mapping[str, Callable[[], Any]] = {
    # The protocol demands SHA-1; it finds what a line garbled, and protects from nobody.
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
}
CHECKSUM_MISMATCH = 460
_NUMBER = re.compile(r"[0-9]+")
_LARGEST = 10**18  # more than any storage has, and what a database can hold
READ_PAST_PIECE_BYTES = 64 * 1024
AnyResponse = TypeVar("AnyResponse", bound=HttpResponseBase)
_KEY = re.compile(r"[!-+\--~]+")


class ProtocolFault(Exception):
    """The client broke a rule of the protocol: which status says so, and why in a few words of English."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass
class Checksum:
    """What the bytes of one request must hash to; fed as they come."""

    expected: bytes
    hasher: Any = field(repr=False)

    def holds(self) -> bool:
        return bool(self.hasher.digest() == self.expected)


def method_of(request: HttpRequest) -> str:
    """The method that is meant: some proxies let GET and POST through, and nothing else. The actual one is ignored."""
    return request.headers.get("X-HTTP-Method-Override", "").upper() or str(request.method)


def require_version(request: HttpRequest) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise ProtocolFault(412, f"This server speaks tus {VERSION}.")


def require_offset_type(request: HttpRequest) -> None:
    if request.content_type != OFFSET_TYPE:
        raise ProtocolFault(415, f"The body of an upload is {OFFSET_TYPE}.")


def upload_length(request: HttpRequest) -> int:
    """Bytes of the whole document. A length that is not known yet cannot be reserved, so it is refused."""
    if "Upload-Defer-Length" in request.headers:
        raise ProtocolFault(400, "The length must be known: Upload-Defer-Length is not supported.")
    if "Upload-Concat" in request.headers:
        raise ProtocolFault(400, "Uploads are not put together here: Upload-Concat is not supported.")
    return _number(request, "Upload-Length")


def upload_offset(request: HttpRequest) -> int:
    return _number(request, "Upload-Offset")


def body_length(request: HttpRequest) -> int:
    """Bytes announced of this body. Raises 411 where there is a body whose length nobody says."""
    if has_unknown_length(request):
        raise ProtocolFault(411, "Say how long this request is: Content-Length.")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not _NUMBER.fullmatch(length):
        raise ProtocolFault(400, "Content-Length is not a number.")
    return _limited(length)


def has_unknown_length(request: HttpRequest) -> bool:
    return "chunked" in request.headers.get("Transfer-Encoding", "").lower()


def metadata(request: HttpRequest) -> dict[str, bytes]:
    """`Upload-Metadata: filename ZGV2aXMucGRm,is_final`, decoded; what a value means is the client's to know."""
    found: dict[str, bytes] = {}
    header = request.headers.get("Upload-Metadata", "").strip()
    for pair in header.split(",") if header else ():
        key, _space, value = pair.strip().partition(" ")
        if not _KEY.fullmatch(key) or key in found:
            raise ProtocolFault(400, "Upload-Metadata cannot be understood.")
        found[key] = _decoded(value, "Upload-Metadata")
    return found


def file_name(given: Mapping[str, bytes]) -> str:
    """The one key whose value must be text."""
    try:
        return given.get("filename", b"").decode()
    except UnicodeDecodeError as error:
        raise ProtocolFault(400, "Upload-Metadata: filename is not UTF-8.") from error


def metadata_header(given: Mapping[str, bytes]) -> str:
    """As `metadata` reads it; a key without a value stands alone."""
    return ",".join(f"{key} {base64.b64encode(value).decode()}".rstrip() for key, value in given.items())


def checksum(request: HttpRequest) -> Checksum | None:
    """`Upload-Checksum: sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=`."""
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    name, _space, value = header.partition(" ")
    if name not in ALGORITHMS:
        raise ProtocolFault(400, f"Checksums of this server: {', '.join(ALGORITHMS)}.")
    hasher = ALGORITHMS[name]()
    expected = _decoded(value, "Upload-Checksum")
    if len(expected) != hasher.digest_size:
        raise ProtocolFault(400, "Upload-Checksum cannot be understood.")
    return Checksum(expected, hasher)


def answer(
    status: int = 204,
    *,
    offset: int | None = None,
    length: int | None = None,
    expires_at: datetime | None = None,
    sentence: str = "",
    **headers: str,
) -> HttpResponse:
    """An answer of the protocol; `sentence` is for people, and never holds content."""
    response = HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
    if status == CHECKSUM_MISMATCH:
        response.reason_phrase = "Checksum Mismatch"
    response["Tus-Resumable"] = VERSION
    if offset is not None:
        response["Upload-Offset"] = str(offset)
    if length is not None:
        response["Upload-Length"] = str(length)
    if expires_at is not None:
        response["Upload-Expires"] = http_date(expires_at.timestamp())
    for name, value in headers.items():
        response[name.replace("_", "-").title()] = value
    response["Cache-Control"] = "no-store"
    return response


def capabilities(*, most_bytes: int) -> HttpResponse:
    """To OPTIONS: what this server can do."""
    return answer(
        tus_version=VERSION,
        tus_extension=EXTENSIONS,
        tus_max_size=str(most_bytes),
        tus_checksum_algorithm=",".join(ALGORITHMS),
    )


def marked(response: AnyResponse) -> AnyResponse:
    """Every answer says that the protocol is spoken here, unless it is to OPTIONS or says so already."""
    response.setdefault("Tus-Resumable", VERSION)
    return response


def read_past(request: HttpRequest, most_bytes: int) -> None:
    """The rest of a refused body, so long as it could be a document: a client that still sends meets a connection
    reset, and not our answer."""
    stream: Any = request
    if has_unknown_length(request) and request.META.get("wsgi.input_terminated"):
        stream = request.META["wsgi.input"]  # of a body whose length nobody says, Django reads nothing
    with suppress(OSError):
        while most_bytes > 0 and (piece := stream.read(READ_PAST_PIECE_BYTES)):
            most_bytes -= len(piece)


def fault(error: ProtocolFault) -> HttpResponse:
    response = answer(error.status, sentence=error.reason)
    if error.status == 412:
        response["Tus-Version"] = VERSION
    return response


def _number(request: HttpRequest, header: str) -> int:
    value = request.headers.get(header, "")
    if not _NUMBER.fullmatch(value):
        raise ProtocolFault(400, f"{header} is missing, or not a number.")
    return _limited(value)


def _decoded(value: str, header: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except ValueError as error:  # binascii.Error is one; what is not ASCII raises no other
        raise ProtocolFault(400, f"{header} cannot be understood.") from error


def _limited(number: str) -> int:
    """So that a number of any length is refused as what it is: too large."""
    digits = number.lstrip("0") or "0"
    return int(digits) if len(digits) <= len(str(_LARGEST)) else _LARGEST
