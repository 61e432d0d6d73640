"""A form's body, parsed by Django, where Django loses something: a name, a body that was cut, one file too many."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import IO, Any

from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import QueryDict
from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import MultiValueDict

from connexion_plugin.documents.names import safe_name

END_BYTES = 64 * 1024  # where a form's fields stand that come after its documents
PIECE_BYTES = 64 * 1024


class CountedBody:
    """A request's body that knows how much of it was read, and what came last."""

    def __init__(self, body: IO[bytes]) -> None:
        self._body, self._last = body, b""
        self.count = 0

    def read(self, size: int = -1, /) -> bytes:
        piece = self._body.read(size)
        self.count += len(piece)
        self._last = piece if len(piece) >= END_BYTES else self._last[-END_BYTES:] + piece
        return piece

    def drain(self) -> None:
        while self.read(PIECE_BYTES):
            pass

    @property
    def end(self) -> bytes:
        return self._last[-END_BYTES:]


class NamingParser(MultiPartParser):
    """Django's, but for names: it drops, without a word, a document whose name has nothing printable. As each document
    begins, `hear` is given the fields that came before it."""

    def __init__(self, *args: Any, hear: Callable[[QueryDict], None]) -> None:
        super().__init__(*args)
        self._hear = hear

    def sanitize_file_name(self, file_name: str) -> str:
        self._hear(vars(self)["_post"])
        return safe_name(file_name)


def parsed(
    meta: dict[str, Any],
    body: CountedBody,
    handlers: Sequence[FileUploadHandler],
    encoding: str | None,
    boundary: bytes,
    hear: Callable[[QueryDict], None],
) -> "tuple[QueryDict, MultiValueDict[str, UploadedFile[Any]] | None]":
    """Text and documents; None for the documents where they are more than Django takes of one form.

    The text is whole even then: of the fields before the documents, which were read, and of those after them, which
    stand at the end of the body.
    """
    parser = NamingParser(meta, body, list(handlers), encoding, hear=hear)
    try:
        return parser.parse()
    except TooManyFilesSent:
        text: QueryDict = vars(parser)["_post"].copy()
        body.drain()  # at its first document a body that is too long for that was given up
        fields = _fields_of(body.end, boundary)
        last = MultiPartParser({**meta, "CONTENT_LENGTH": str(len(fields))}, BytesIO(fields), [], encoding)
        for name, values in last.parse()[0].lists():
            text.setlist(name, _joined(text.getlist(name), values))
        return text, None


def _joined(first: list[str], last: list[str]) -> list[str]:
    """A field's values, once each: the end of a short body holds again what was read of its beginning."""
    common = min(len(first), len(last))
    while first[len(first) - common :] != last[:common]:
        common -= 1
    return [*first, *last[common:]]


def _fields_of(end: bytes, boundary: bytes) -> bytes:
    """A body of the fields that are whole in the end of another."""
    mark = b"--" + boundary
    parts = end.split(mark)[1:-1]  # the first is cut, the last says that nothing follows
    fields = [part for part in parts if b"filename" not in part.partition(b"\r\n\r\n")[0]]
    return b"".join(mark + part for part in fields) + mark + b"--\r\n"
