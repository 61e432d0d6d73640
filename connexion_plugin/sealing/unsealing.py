"""Documents read by ranges from their sealed parts (sealing.md); the format is `sealing.segments`."""

import hashlib
from collections.abc import Callable, Iterator

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
    _buffer,
    _cipher,
    _domain,
)

# What is handed out at once: each piece passes a dozen hands on its way to the socket.
PIECE_BYTES = 4 * SEGMENT_BYTES

ReadPart = Callable[[int, int], bytes | memoryview]


class _PartUnsealer:
    def __init__(self, *, key: bytes, context: bytes, manifest: Manifest, read_part: ReadPart) -> None:
        self._cipher = _cipher(key)
        self._domain = _domain(_SEGMENT, context)
        self._manifest = manifest
        self._read_part = read_part
        self._plain = _buffer(PART_BYTES)

    def unseal(self, part: int, segments: range) -> memoryview:
        """The plain bytes of these segments, all of one part, until the next call; all are checked before."""
        sealed, plain, decrypt_into = memoryview(self._checked(part)), self._plain, self._cipher.decrypt_into
        filled, last = 0, self._manifest.segment_count - 1
        for segment in segments:
            start = segment % SEGMENTS_A_PART * SEALED_SEGMENT_BYTES
            nonce = sealed[start : start + NONCE_BYTES]
            body = sealed[start + NONCE_BYTES : start + SEALED_SEGMENT_BYTES]
            end = filled + len(body) - TAG_BYTES
            try:
                decrypt_into(
                    nonce, body, self._domain + _PLACE.pack(segment, segment == last), plain[filled:end]
                )
            except InvalidTag as error:
                raise DocumentDamaged(f"segment {segment} was altered") from error
            filled = end
        return plain[:filled]

    def _checked(self, part: int) -> bytes | memoryview:
        length = self._manifest.sealed_bytes_in(part)
        sealed = self._read_part(part, length)
        if len(sealed) != length:
            raise DocumentDamaged(f"part {part} does not have the {length} bytes that were sealed")
        tags = hashlib.sha256()
        for end in (*range(SEALED_SEGMENT_BYTES, length, SEALED_SEGMENT_BYTES), length):
            tags.update(sealed[end - TAG_BYTES : end])
        if tags.digest() != self._manifest.part_digests[part]:
            raise DocumentDamaged(f"the tags of part {part} are not those that were sealed")
        return sealed


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

    `read_part(index, length)` returns what storage holds of a part; `length` is what it must weigh, and one
    byte more may be returned to show that it is longer; it is looked at until the next call. Only the parts of
    the range are read, only its segments are unsealed. A part is checked whole before its first byte is yielded;
    a fault raises DocumentDamaged, and nothing of that part or after it is handed out.
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
        plain, first = unsealer.unseal(part, segments), segments.start * SEGMENT_BYTES
        while position < part_stop:
            stop_of_piece = min(part_stop, position + PIECE_BYTES)
            yield bytes(plain[position - first : stop_of_piece - first])
            position = stop_of_piece
