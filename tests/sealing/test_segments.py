"""Documents sealed in segments: what goes in comes out, whole or by ranges, and nothing else does."""

import hashlib
import os
import random
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connexion_plugin.sealing import segments
from connexion_plugin.sealing.segments import (
    PART_BYTES,
    SEALED_PART_BYTES,
    SEALED_SEGMENT_BYTES,
    SEGMENT_BYTES,
    DocumentDamaged,
    Manifest,
    SegmentSealer,
)
from connexion_plugin.sealing.unsealing import unseal_range

KEY, CONTEXT = bytes(range(32)), b"attachment 1"
PLAIN = random.Random(3).randbytes(2 * PART_BYTES + 2 * SEGMENT_BYTES)

near_borders = st.one_of(
    st.integers(0, 200),
    st.builds(
        lambda border, offset: min(max(0, border + offset), len(PLAIN)),
        st.sampled_from(
            [0, SEGMENT_BYTES, 2 * SEGMENT_BYTES, PART_BYTES, PART_BYTES + SEGMENT_BYTES, 2 * PART_BYTES]
        ),
        st.integers(-40, 40),
    ),
    st.integers(0, len(PLAIN)),
)


class Shelf:
    """Parts in memory, and which of them were read."""

    def __init__(self):
        self.parts = {}
        self.read = []

    def write_part(self, index, sealed):
        # The memory is used again for the next part.
        self.parts[index] = bytes(sealed)

    def read_part(self, index, length):
        self.read.append(index)
        yield self.parts[index]

    def unsealed(self, manifest, start=0, stop=None, **kwargs):
        pieces = unseal_range(
            **{"key": KEY, "context": CONTEXT, "manifest": manifest, "read_part": self.read_part, **kwargs},
            start=start,
            stop=stop,
        )
        return b"".join(pieces)


def sealed(plain, *, chunk=None, key=KEY, context=CONTEXT):
    shelf = Shelf()
    sealer = SegmentSealer(key=key, context=context, write_part=shelf.write_part)
    step = chunk or max(1, len(plain))
    for place in range(0, len(plain), step):
        sealer.feed(plain[place : place + step])
    return shelf, sealer.finish()


@settings(max_examples=60, deadline=None)
@given(
    size=near_borders, chunk=st.sampled_from([None, 1000, 4095, SEGMENT_BYTES - 1, SEGMENT_BYTES + 1, 10**6])
)
def test_what_was_sealed_is_what_is_unsealed_whatever_the_size_and_the_chunks(size, chunk):
    shelf, manifest = sealed(PLAIN[:size], chunk=chunk)
    assert manifest.size == size
    assert shelf.unsealed(manifest) == PLAIN[:size]
    assert {index: len(part) for index, part in shelf.parts.items()} == {
        index: manifest.sealed_bytes_in(index) for index in range(manifest.part_count)
    }


@pytest.fixture(scope="module")
def shelves():
    return {
        size: sealed(PLAIN[:size]) for size in (len(PLAIN) - 77, PART_BYTES, PART_BYTES + SEGMENT_BYTES, 5, 0)
    }


@settings(max_examples=200, deadline=None)
@given(one=near_borders, other=near_borders, pick=st.integers(0, 4))
@pytest.mark.spec("D3")
def test_any_range_is_read_by_its_own_parts_alone(shelves, one, other, pick):
    size, (shelf, manifest) = sorted(shelves.items())[pick]
    start, stop = sorted((min(one, size), min(other, size)))
    shelf.read.clear()
    assert shelf.unsealed(manifest, start, stop) == PLAIN[start:stop]
    touched = set(range(start // PART_BYTES, (stop - 1) // PART_BYTES + 1)) if stop > start else set()
    if stop == size and size % PART_BYTES == 0:
        touched.add(manifest.part_count - 1)
    assert set(shelf.read) == touched


def test_only_the_segments_of_a_range_are_unsealed(shelves, monkeypatch):
    shelf, manifest = shelves[len(PLAIN) - 77]
    opened = []

    class Counting:
        def __init__(self, key):
            self.cipher = AESGCM(key)

        def decrypt_into(self, *arguments):
            opened.append(1)
            return self.cipher.decrypt_into(*arguments)

    AESGCM = segments.AESGCM
    monkeypatch.setattr(segments, "AESGCM", Counting)
    start = PART_BYTES + 3 * SEGMENT_BYTES - 1
    assert shelf.unsealed(manifest, start, start + 2) == PLAIN[start : start + 2]
    assert len(opened) == 2


@pytest.mark.parametrize(("start", "stop"), [(-1, 3), (4, 3), (0, 6), (6, 6)])
def test_a_range_outside_the_document_is_refused(shelves, start, stop):
    shelf, manifest = shelves[5]
    with pytest.raises(ValueError, match="No range"):
        shelf.unsealed(manifest, start, stop)


def test_the_sealed_parts_hold_no_plain_byte_and_no_nonce_twice():
    plain = b"canary-9f1c " * 20_000
    first, _ = sealed(plain)
    again, _ = sealed(plain)
    nonces = [
        part[place : place + 12]
        for shelf in (first, again)
        for part in shelf.parts.values()
        for place in range(0, len(part), SEALED_SEGMENT_BYTES)
    ]
    assert len(set(nonces)) == len(nonces) == 2 * (len(plain) // SEGMENT_BYTES + 1)
    assert all(b"canary" not in part for shelf in (first, again) for part in shelf.parts.values())


def test_a_part_leaves_as_soon_as_it_is_full():
    shelf = Shelf()
    sealer = SegmentSealer(key=KEY, context=CONTEXT, write_part=shelf.write_part)
    sealer.feed(PLAIN[: PART_BYTES - 1])
    assert shelf.parts == {}
    sealer.feed(PLAIN[PART_BYTES - 1 : PART_BYTES])
    assert {index: len(part) for index, part in shelf.parts.items()} == {0: SEALED_PART_BYTES}
    assert (sealer.part_offset, sealer.offset) == (PART_BYTES, PART_BYTES)


@pytest.mark.parametrize("key", [b"", bytes(16), bytes(31), bytes(33)])
def test_a_key_of_another_length_is_refused(key):
    with pytest.raises(ValueError, match="32 bytes"):
        SegmentSealer(key=key, context=CONTEXT, write_part=Shelf().write_part)


@pytest.mark.parametrize("size", [len(PLAIN) - 77, PART_BYTES + SEGMENT_BYTES])
def test_a_range_in_the_last_part_may_stop_before_the_end(shelves, size):
    shelf, manifest = shelves[size]
    first = (manifest.part_count - 1) * PART_BYTES
    assert shelf.unsealed(manifest, first + 10, first + 110) == PLAIN[first + 10 : first + 110]


# The manifest


def test_the_manifest_comes_back_from_its_sealed_form():
    _, manifest = sealed(PLAIN)
    seal = manifest.seal(key=KEY, context=CONTEXT)
    assert Manifest.unseal(seal, key=KEY, context=CONTEXT) == manifest
    assert seal != manifest.seal(key=KEY, context=CONTEXT)
    assert manifest.part_digests[0] not in seal


@pytest.mark.parametrize(
    ("key", "context"),
    [(os.urandom(32), CONTEXT), (KEY, b"attachment 2"), (KEY, b""), (KEY, CONTEXT + b"\0")],
    ids=["another key", "another record", "no record", "a longer record"],
)
def test_another_key_or_record_opens_neither_manifest_nor_document(key, context):
    shelf, manifest = sealed(PLAIN[:100_000])
    with pytest.raises(DocumentDamaged, match="not this document's"):
        Manifest.unseal(manifest.seal(key=KEY, context=CONTEXT), key=key, context=context)
    with pytest.raises(DocumentDamaged, match="segment 0 was altered"):
        shelf.unsealed(manifest, key=key, context=context)


@pytest.mark.parametrize(
    "manifest",
    [
        Manifest(PART_BYTES, (bytes(32),)),
        Manifest(5, (bytes(32), bytes(32))),
        Manifest(5, ()),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(manifest):
    seal = manifest.seal(key=KEY, context=CONTEXT)
    with pytest.raises(DocumentDamaged, match="contradicts itself"):
        Manifest.unseal(seal, key=KEY, context=CONTEXT)


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("segments_less", [0, 1, 2])
@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_the_manifest_counts_its_parts_right_around_every_border(parts, segments_less, offset):
    size = parts * PART_BYTES - segments_less * SEGMENT_BYTES + offset
    _, manifest = sealed(PLAIN[:size])
    assert Manifest.unseal(manifest.seal(key=KEY, context=CONTEXT), key=KEY, context=CONTEXT) == manifest


# Going on after a cut


@settings(max_examples=30, deadline=None)
@given(size=near_borders, cut=near_borders)
@pytest.mark.spec("D2")
def test_a_cut_upload_goes_on_from_its_last_whole_part(size, cut):
    cut = min(cut, size)
    shelf = Shelf()
    sealer = SegmentSealer(key=KEY, context=CONTEXT, write_part=shelf.write_part)
    sealer.feed(PLAIN[:cut])
    assert sealer.offset == cut
    checkpoint = sealer.checkpoint()
    del sealer
    sealer = SegmentSealer.resumed(checkpoint, key=KEY, context=CONTEXT, write_part=shelf.write_part)
    assert sealer.offset == sealer.part_offset == cut // PART_BYTES * PART_BYTES
    sealer.feed(PLAIN[sealer.part_offset : size])
    assert shelf.unsealed(sealer.finish()) == PLAIN[:size]


def test_a_checkpoint_is_no_manifest_and_a_manifest_no_checkpoint():
    shelf = Shelf()
    sealer = SegmentSealer(key=KEY, context=CONTEXT, write_part=shelf.write_part)
    sealer.feed(PLAIN[:PART_BYTES])
    checkpoint = sealer.checkpoint()
    manifest = sealer.finish().seal(key=KEY, context=CONTEXT)
    with pytest.raises(DocumentDamaged):
        Manifest.unseal(checkpoint, key=KEY, context=CONTEXT)
    with pytest.raises(DocumentDamaged):
        SegmentSealer.resumed(manifest, key=KEY, context=CONTEXT, write_part=shelf.write_part)


def test_a_checkpoint_that_contradicts_itself_is_refused(monkeypatch):
    sealer = SegmentSealer(key=KEY, context=CONTEXT, write_part=Shelf().write_part)
    monkeypatch.setattr(SegmentSealer, "part_offset", 5)
    with pytest.raises(DocumentDamaged, match="contradicts itself"):
        SegmentSealer.resumed(sealer.checkpoint(), key=KEY, context=CONTEXT, write_part=Shelf().write_part)


@pytest.mark.parametrize(
    "act", [SegmentSealer.finish, SegmentSealer.checkpoint, lambda sealer: sealer.feed(b"x")]
)
def test_a_closed_document_takes_nothing_more(act):
    sealer = SegmentSealer(key=KEY, context=CONTEXT, write_part=Shelf().write_part)
    sealer.finish()
    with pytest.raises(ValueError, match="closed"):
        act(sealer)


def test_what_storage_raises_goes_through():
    def full(index, part):
        raise OSError(28, "No space left on device")

    sealer = SegmentSealer(key=KEY, context=CONTEXT, write_part=full)
    with pytest.raises(OSError, match="No space"):
        sealer.feed(PLAIN[:PART_BYTES])


# The format, as it is written down: what is sealed today is read in ten years


def read_by_the_book(parts, key, context):
    """A second reader, written from the description alone, with its figures and not with our constants."""
    plain, index, digests = b"", 0, []
    head = b"connexion segment \x00\x01" + len(context).to_bytes(4, "big") + context
    for part in parts:
        tags = b""
        for place in range(0, len(part), 65_564):
            segment = part[place : place + 65_564]
            last = len(segment) < 65_564
            associated = head + index.to_bytes(8, "big") + bytes([last])
            plain += segments.AESGCM(key).decrypt(segment[:12], segment[12:], associated)
            tags += segment[-16:]
            index += 1
        digests.append(hashlib.sha256(tags).digest())
    return plain, index, digests


def test_the_format_is_the_one_that_is_written_down():
    shelf, manifest = sealed(PLAIN[: 4_194_304 + 70_000])
    parts = [shelf.parts[0], shelf.parts[1]]
    assert [len(part) for part in parts] == [64 * 65_564, 70_000 + 2 * 28]
    plain, count, digests = read_by_the_book(parts, KEY, CONTEXT)
    assert plain == PLAIN[: 4_194_304 + 70_000]
    seal = manifest.seal(key=KEY, context=CONTEXT)
    associated = b"connexion manifest \x00\x01" + len(CONTEXT).to_bytes(4, "big") + CONTEXT
    state = segments.AESGCM(KEY).decrypt(seal[:12], seal[12:], associated)
    sizes = count.to_bytes(8, "big") + len(plain).to_bytes(8, "big")
    assert state == sizes + b"".join(digests)


def test_without_a_range_the_whole_document_is_read(shelves):
    shelf, manifest = shelves[5]
    pieces = unseal_range(key=KEY, context=CONTEXT, manifest=manifest, read_part=shelf.read_part)
    assert b"".join(pieces) == PLAIN[:5]


@pytest.mark.parametrize("keeps", [0, 1, 100], ids=["nothing", "the last piece", "every piece"])
def test_a_piece_stays_as_it_was_while_the_next_ones_come(keeps):
    """The memory of a part is used again for the next one, but not what somebody still has of it."""
    plain = os.urandom(3 * PART_BYTES + 5)
    shelf, manifest = sealed(plain)
    kept, place = deque(maxlen=keeps), 0
    for piece in unseal_range(key=KEY, context=CONTEXT, manifest=manifest, read_part=shelf.read_part):
        kept.append((place, piece))
        place += len(piece)
        assert all(found == plain[start : start + len(found)] for start, found in kept)
        del piece
    assert place == len(plain)
