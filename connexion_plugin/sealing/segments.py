"""Documents sealed in segments: the format, and what writes it; `sealing.unsealing` reads it (sealing.md).

A segment is 64 KiB of plain bytes under AES-256-GCM, stored as nonce (12), sealed bytes, tag (16). Its
nonce is random: a counter would repeat one when a cut upload is sent again. Every segment is full but the
last, which is shorter and may be empty; so a part can leave as soon as it is full, whatever comes next.
Sixty-four segments make a part, an object of storage. Closing a document seals its manifest: size, number
of segments, and for each part the digest of its tags. A tag answers for its segment's bytes, so a ranged
read that has checked one part's tags cannot be given an older version of one of its segments.
"""

import hashlib
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from mmap import mmap
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext_lazy as _

from connexion_plugin.exceptions import ConnexionError

VERSION = 1
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
SEGMENT_BYTES = 64 * 1024
SEALED_SEGMENT_BYTES = NONCE_BYTES + SEGMENT_BYTES + TAG_BYTES
SEGMENTS_A_PART = 64
PART_BYTES = SEGMENTS_A_PART * SEGMENT_BYTES
SEALED_PART_BYTES = SEGMENTS_A_PART * SEALED_SEGMENT_BYTES
DIGEST_BYTES = 32

WritePart = Callable[[int, memoryview], None]

# What is sealed says what it is, so that none can be served in another's place.
_SEGMENT, _MANIFEST, _CHECKPOINT = b"connexion segment", b"connexion manifest", b"connexion checkpoint"
_SIZES = struct.Struct(">QQ")
_PLACE = struct.Struct(">Q?")


class DocumentDamaged(ConnexionError):
    """What storage or the database holds is not what was sealed; the text says where, never what."""

    sentence = _(
        "This document is no longer what was sent: its sealed copy was altered or is missing. "
        "It cannot be downloaded; please ask its sender to send it again."
    )


def _buffer(length: int) -> memoryview:
    """Memory that goes back to the system at once: a server has as many heaps as threads, and each would keep
    what the largest transfer in it took."""
    return memoryview(mmap(-1, length))


def _domain(kind: bytes, context: bytes) -> bytes:
    return b"%b %b%b%b" % (kind, VERSION.to_bytes(2), len(context).to_bytes(4), context)


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise ValueError(f"A document's key has {KEY_BYTES} bytes, not {len(key)}.")
    return AESGCM(key)


@dataclass(frozen=True)
class Manifest:
    """What a closed document consists of: `size` in plain bytes, and each part's digest of tags."""

    size: int
    part_digests: tuple[bytes, ...]

    @property
    def segment_count(self) -> int:
        return self.size // SEGMENT_BYTES + 1

    @property
    def part_count(self) -> int:
        return len(self.part_digests)

    def segments_in(self, part: int) -> int:
        """How many segments the part of this index holds."""
        return min(SEGMENTS_A_PART, self.segment_count - part * SEGMENTS_A_PART)

    def sealed_bytes_in(self, part: int) -> int:
        """The exact length in storage of the part of this index."""
        if part < self.part_count - 1:
            return SEALED_PART_BYTES
        return self.size - part * PART_BYTES + self.segments_in(part) * (NONCE_BYTES + TAG_BYTES)

    def seal(self, *, key: bytes, context: bytes) -> bytes:
        """The manifest as the attachment's row keeps it."""
        return _seal_state(_MANIFEST, key, context, self.segment_count, self.size, self.part_digests)

    @classmethod
    def unseal(cls, sealed: bytes, *, key: bytes, context: bytes) -> Self:
        """Raises DocumentDamaged when these bytes are not this document's manifest."""
        segments, size, digests = _unseal_state(_MANIFEST, key, context, sealed)
        manifest = cls(size, digests)
        parts = (manifest.segment_count - 1) // SEGMENTS_A_PART + 1
        if segments != manifest.segment_count or len(digests) != parts:
            raise DocumentDamaged("the manifest contradicts itself")
        return manifest


def _seal_state(
    kind: bytes, key: bytes, context: bytes, segments: int, size: int, digests: tuple[bytes, ...]
) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    state = _SIZES.pack(segments, size) + b"".join(digests)
    return nonce + _cipher(key).encrypt(nonce, state, _domain(kind, context))


def _unseal_state(
    kind: bytes, key: bytes, context: bytes, sealed: bytes
) -> tuple[int, int, tuple[bytes, ...]]:
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    if len(rest) < TAG_BYTES + _SIZES.size:
        raise DocumentDamaged(f"the {kind.decode()} is cut short")
    try:
        state = _cipher(key).decrypt(nonce, rest, _domain(kind, context))
    except InvalidTag as error:
        raise DocumentDamaged(f"the {kind.decode()} is not this document's") from error
    segments, size = _SIZES.unpack_from(state)
    places = range(_SIZES.size, len(state), DIGEST_BYTES)
    return segments, size, tuple(state[place : place + DIGEST_BYTES] for place in places)


class SegmentSealer:
    """Seals one document as its bytes come; holds one part in memory, whatever the document weighs.

    `write_part(index, sealed)` is called once for each part, in order, while bytes are fed; the memory it is
    given is used again when it returns. What it raises goes through, after which the sealer must be thrown away.
    """

    def __init__(self, *, key: bytes, context: bytes, write_part: WritePart) -> None:
        self._key, self._context, self._write_part = key, context, write_part
        self._cipher = _cipher(key)
        self._domain = _domain(_SEGMENT, context)
        self._part = _buffer(SEALED_PART_BYTES)
        self._filled = 0
        self._tags = hashlib.sha256()
        self._pending = bytearray()
        self._segments = 0
        self._digests: list[bytes] = []
        self._finished = False

    @property
    def part_offset(self) -> int:
        """Plain bytes that are safe in whole parts already written: where a cut upload goes on."""
        return len(self._digests) * PART_BYTES

    @property
    def offset(self) -> int:
        """Plain bytes taken so far."""
        return self._segments * SEGMENT_BYTES + len(self._pending)

    def feed(self, plain: bytes | bytearray | memoryview) -> None:
        """Take the next bytes of the document, as many as one likes."""
        self._refuse_when_finished()
        coming = memoryview(plain).cast("B")
        while coming:
            if not self._pending and len(coming) >= SEGMENT_BYTES:
                self._seal_segment(coming[:SEGMENT_BYTES], last=False)
                coming = coming[SEGMENT_BYTES:]
                continue
            missing = SEGMENT_BYTES - len(self._pending)
            self._pending += coming[:missing]
            coming = coming[missing:]
            if len(self._pending) == SEGMENT_BYTES:
                full, self._pending = self._pending, bytearray()
                self._seal_segment(memoryview(full), last=False)

    def finish(self) -> Manifest:
        """Close the document: its last part is written, and nothing more can be fed."""
        self._refuse_when_finished()
        size = self.offset
        self._seal_segment(memoryview(self._pending), last=True)
        self._finished = True
        return Manifest(size, tuple(self._digests))

    def checkpoint(self) -> bytes:
        """The sealed state at `part_offset`, from which another process may go on with `resumed`."""
        self._refuse_when_finished()
        segments = len(self._digests) * SEGMENTS_A_PART
        digests = tuple(self._digests)
        return _seal_state(_CHECKPOINT, self._key, self._context, segments, self.part_offset, digests)

    @classmethod
    def resumed(cls, checkpoint: bytes, *, key: bytes, context: bytes, write_part: WritePart) -> Self:
        """A sealer that expects the bytes from the checkpoint's `part_offset` on.

        Raises DocumentDamaged when these bytes are not this document's checkpoint.
        """
        segments, size, digests = _unseal_state(_CHECKPOINT, key, context, checkpoint)
        if segments != len(digests) * SEGMENTS_A_PART or size != len(digests) * PART_BYTES:
            raise DocumentDamaged("the checkpoint contradicts itself")
        sealer = cls(key=key, context=context, write_part=write_part)
        sealer._segments, sealer._digests = segments, list(digests)
        return sealer

    def _refuse_when_finished(self) -> None:
        # A second end would be a second manifest under the same key, and the older one would still verify.
        if self._finished:
            raise ValueError("This document is closed.")

    def _seal_segment(self, plain: memoryview, *, last: bool) -> None:
        nonce = os.urandom(NONCE_BYTES)
        start = self._filled
        end = start + NONCE_BYTES + len(plain) + TAG_BYTES
        self._part[start : start + NONCE_BYTES] = nonce
        associated = self._domain + _PLACE.pack(self._segments, last)
        self._cipher.encrypt_into(nonce, plain, associated, self._part[start + NONCE_BYTES : end])
        self._tags.update(self._part[end - TAG_BYTES : end])
        self._filled = end
        self._segments += 1
        if last or end == SEALED_PART_BYTES:
            self._end_part()

    def _end_part(self) -> None:
        self._write_part(len(self._digests), self._part[: self._filled].toreadonly())
        self._digests.append(self._tags.digest())
        self._tags = hashlib.sha256()
        self._filled = 0
