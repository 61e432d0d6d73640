"""Documents read by ranges from their sealed parts (sealing.md); the format is `sealing.segments`."""

import hashlib
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from io import BytesIO

from cryptography.exceptions import InvalidTag

from connexion_plugin.sealing.segments import (
    _PLACE,
    _SEGMENT,
    NONCE_BYTES,
    PART_BYTES,
    SEALED_SEGMENT_BYTES,
    SEGMENT_BYTES,
    SEGMENTS_A_PART,
    TAG_BYTES,
    DocumentDamaged,
    Manifest,
    _cipher,
    _domain,
)

# What is handed out at once: each piece passes a dozen hands on its way to the socket.
SEGMENTS_A_PIECE = 32
PIECE_BYTES = SEGMENTS_A_PIECE * SEGMENT_BYTES

ReadPart = Callable[[int, int], Generator[bytes | memoryview]]


class _Pieces:
    """Memory for the plain bytes of a part, handed out without a copy and used again for the next part.

    `BytesIO.getvalue` gives the very memory that `getbuffer` wrote to; while somebody has it, `getbuffer` makes a
    copy for itself. A server holds the last piece while it asks for the next: hence one more than a part takes.
    """

    def __init__(self) -> None:
        self._ring: deque[BytesIO] = deque()

    def take(self, count: int) -> list[BytesIO]:
        """So many, of PIECE_BYTES each; what they hold is to be written over."""
        return [self._next() for _ in range(count)]

    def _next(self) -> BytesIO:
        if len(self._ring) <= PART_BYTES // PIECE_BYTES:
            self._ring.append(BytesIO(bytes(PIECE_BYTES)))
        else:
            self._ring.rotate(-1)
        return self._ring[-1]


class _PartUnsealer:
    """Has one part's plain bytes in memory, and of its sealed ones only what `read_part` gives at once."""

    def __init__(self, *, key: bytes, context: bytes, manifest: Manifest, read_part: ReadPart) -> None:
        self._cipher = _cipher(key)
        self._domain = _domain(_SEGMENT, context)
        self._manifest = manifest
        self._read_part = read_part
        self._pieces = _Pieces()

    def unseal(self, part: int, segments: range) -> list[BytesIO]:
        """The plain bytes of these segments, all of one part, in pieces that are filled one after the other; all are
        checked before."""
        pieces, tags = self._pieces.take(-(-len(segments) // SEGMENTS_A_PIECE)), hashlib.sha256()
        with ExitStack() as exits:
            rooms = [exits.enter_context(piece.getbuffer()) for piece in pieces]
            for segment, sealed in exits.enter_context(closing(self._stored(part))):
                tags.update(sealed[-TAG_BYTES:])
                if segment in segments:
                    piece, place = divmod(segment - segments.start, SEGMENTS_A_PIECE)
                    self._unseal_segment(segment, sealed, rooms[piece][place * SEGMENT_BYTES :])
        if tags.digest() != self._manifest.part_digests[part]:
            raise DocumentDamaged(f"the tags of part {part} are not those that were sealed")
        return pieces

    def _unseal_segment(self, segment: int, sealed: memoryview, room: memoryview) -> None:
        nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        associated = self._domain + _PLACE.pack(segment, segment == self._manifest.segment_count - 1)
        try:
            self._cipher.decrypt_into(nonce, body, associated, room[: len(body) - TAG_BYTES])
        except InvalidTag as error:
            raise DocumentDamaged(f"segment {segment} was altered") from error

    def _stored(self, part: int) -> Generator[tuple[int, memoryview]]:
        """Each segment of the part with what is stored of it, of just the length that was sealed."""
        length = missing = self._manifest.sealed_bytes_in(part)
        segment = part * SEGMENTS_A_PART
        with closing(self._read_part(part, length)) as stretches:
            for stretch in stretches:
                for start in range(0, len(stretch), SEALED_SEGMENT_BYTES):
                    sealed = memoryview(stretch)[start : start + SEALED_SEGMENT_BYTES]
                    if len(sealed) != min(SEALED_SEGMENT_BYTES, missing):
                        raise _other_length(part, length)
                    yield segment, sealed
                    segment, missing = segment + 1, missing - len(sealed)
        if missing:
            raise _other_length(part, length)


def _other_length(part: int, length: int) -> DocumentDamaged:
    return DocumentDamaged(f"part {part} does not have the {length} bytes that were sealed")


def unseal_range(
    *,
    key: bytes,
    context: bytes,
    manifest: Manifest,
    read_part: ReadPart,
    start: int = 0,
    stop: int | None = None,
) -> Iterator[bytes]:
    """Yield the plain bytes from `start` up to `stop` (the document's end by default).

    `read_part(index, length)` yields what storage holds of a part, at once or in several stretches, of which all but
    the last have whole segments; `length` is what it must weigh, and one byte more may come to show that it is
    longer. A stretch is looked at until the next one is asked for. Only the parts of the range are read, only its
    segments are unsealed. A part is checked whole before its first byte is yielded; a fault raises DocumentDamaged,
    and nothing of that part or after it is handed out.
    """
    stop = manifest.size if stop is None else stop
    if not 0 <= start <= stop <= manifest.size:
        raise ValueError(f"No range {start}–{stop} in a document of {manifest.size} bytes.")
    unsealer = _PartUnsealer(key=key, context=context, manifest=manifest, read_part=read_part)
    if stop == manifest.size and manifest.size % PART_BYTES == 0:
        # The last part holds only the empty last segment. It comes first: found faulty after the last byte
        # went out, it could no longer abort anything.
        unsealer.unseal(manifest.part_count - 1, range(manifest.segment_count - 1, manifest.segment_count))
    position = start
    while position < stop:
        part = position // PART_BYTES
        part_stop = min(stop, (part + 1) * PART_BYTES)
        segments = range(position // SEGMENT_BYTES, (part_stop - 1) // SEGMENT_BYTES + 1)
        if part_stop == manifest.size and part == manifest.part_count - 1:
            segments = range(segments.start, manifest.segment_count)
        pieces, first = unsealer.unseal(part, segments), segments.start * SEGMENT_BYTES
        for place, piece in zip(range(first, part_stop, PIECE_BYTES), pieces, strict=False):
            stop_of_piece = min(part_stop, place + PIECE_BYTES)
            yield piece.getvalue()[position - place : stop_of_piece - place]
            position = stop_of_piece
