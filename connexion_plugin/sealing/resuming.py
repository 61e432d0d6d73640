"""A document that arrives in several requests: what is kept between two of them (sealing.md, tus 1.0).

Whole parts are in storage already. What came after the last of them, the tail, is kept sealed as it stands:
its full segments as they will lie in the part, then what does not fill one. The pause seals how far the
document has come and the digest of that very tail, so that no older tail, and none of another document, is
taken for it.
"""

import hashlib
import os
from dataclasses import dataclass
from typing import Self

from connexion_plugin.sealing.segments import (
    _PLACE,
    NONCE_BYTES,
    PART_BYTES,
    SEALED_SEGMENT_BYTES,
    SEGMENT_BYTES,
    SEGMENTS_A_PART,
    TAG_BYTES,
    DocumentDamaged,
    SegmentSealer,
    WritePart,
    _domain,
    _seal_state,
    _unseal_state,
)

_PAUSE, _TAIL = b"connexion pause", b"connexion tail"


@dataclass(frozen=True)
class Pause:
    """Where a document stands: `state` goes into its row, `tail` (which may be empty) into storage."""

    state: bytes
    tail: bytes


class ResumableSealer(SegmentSealer):
    """A sealer that can stop after any byte, and go on in another process."""

    def pause(self) -> Pause:
        """All that was fed so far. The sealer may go on: nothing is changed by asking."""
        tail = bytes(self._part[: self._filled])
        if self._pending:
            nonce = os.urandom(NONCE_BYTES)
            tail += nonce + self._cipher.encrypt(
                nonce, bytes(self._pending), self._tail_domain(self._segments)
            )
        return self._paused(self._segments, self.offset, tail)

    def pause_at_part(self) -> Pause:
        """Only what is in whole parts; what was fed after them has to be sent again."""
        return self._paused(len(self._digests) * SEGMENTS_A_PART, self.part_offset, b"")

    @classmethod
    def resumed_from(cls, pause: Pause, *, key: bytes, context: bytes, write_part: WritePart) -> Self:
        """A sealer that expects the byte after the last one that was fed before the pause.

        Raises DocumentDamaged when state and tail are not this document's, or not each other's.
        """
        segments, size, digests = _unseal_state(_PAUSE, key, context, pause.state)
        sealer = cls(key=key, context=context, write_part=write_part)
        if not digests or digests[-1] != hashlib.sha256(pause.tail).digest():
            raise DocumentDamaged("the tail is not the one of the pause")
        sealer._digests = list(digests[:-1])
        sealer._take_up(segments, size, pause.tail)
        return sealer

    def _paused(self, segments: int, size: int, tail: bytes) -> Pause:
        self._refuse_when_finished()
        digests = (*self._digests, hashlib.sha256(tail).digest())
        return Pause(_seal_state(_PAUSE, self._key, self._context, segments, size, digests), tail)

    def _take_up(self, segments: int, size: int, tail: bytes) -> None:
        whole = segments - len(self._digests) * SEGMENTS_A_PART
        left = size - segments * SEGMENT_BYTES
        filled = whole * SEALED_SEGMENT_BYTES
        if not (0 <= whole < SEGMENTS_A_PART and 0 <= left < SEGMENT_BYTES and size >= self.part_offset):
            raise DocumentDamaged("the pause contradicts itself")
        if len(tail) != filled + (NONCE_BYTES + left + TAG_BYTES if left else 0):
            raise DocumentDamaged("the tail is not as long as the pause says")
        self._part[:filled] = tail[:filled]
        for end in range(SEALED_SEGMENT_BYTES, filled + 1, SEALED_SEGMENT_BYTES):
            self._tags.update(tail[end - TAG_BYTES : end])
        self._filled, self._segments = filled, segments
        if left:
            # The digest has vouched for these bytes: they open, or the key is another.
            nonce, sealed = tail[filled : filled + NONCE_BYTES], tail[filled + NONCE_BYTES :]
            self._pending = bytearray(self._cipher.decrypt(nonce, sealed, self._tail_domain(segments)))

    def _tail_domain(self, segments: int) -> bytes:
        return _domain(_TAIL, self._context) + _PLACE.pack(segments, False)


__all__ = ["PART_BYTES", "Pause", "ResumableSealer"]
