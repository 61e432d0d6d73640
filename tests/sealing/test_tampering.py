"""The tampering table (goals.md, row 12): every class of alteration, at every place, is found."""

import random

import pytest

from connexion_plugin.sealing.segments import (
    NONCE_BYTES,
    PART_BYTES,
    SEALED_SEGMENT_BYTES,
    SEGMENT_BYTES,
    SEGMENTS_A_PART,
    TAG_BYTES,
    DocumentDamaged,
    Manifest,
    SegmentSealer,
)
from connexion_plugin.sealing.unsealing import unseal_range

KEY, CONTEXT = bytes(range(32)), b"attachment 1"
OTHER_KEY, OTHER_CONTEXT = bytes(range(1, 33)), b"attachment 2"
# Two full parts and a third of three segments, the last one short.
PLAIN = random.Random(12).randbytes(2 * PART_BYTES + 2 * SEGMENT_BYTES + 1000)
COUNT = len(PLAIN) // SEGMENT_BYTES + 1


def sealed(plain, key=KEY, context=CONTEXT):
    parts = []
    sealer = SegmentSealer(key=key, context=context, write_part=lambda index, part: parts.append(bytes(part)))
    sealer.feed(plain)
    return parts, sealer.finish().seal(key=key, context=context)


PARTS, MANIFEST = sealed(PLAIN)
# The same document sent twice under one key: after a cut, an upload seals the same places again.
OLDER_PARTS, OLDER_MANIFEST = sealed(PLAIN)
SHORTER_PARTS, SHORTER_MANIFEST = sealed(PLAIN[: PART_BYTES + 5])
OTHER_PARTS, OTHER_MANIFEST = sealed(PLAIN, OTHER_KEY, OTHER_CONTEXT)
SAME_KEY_PARTS, SAME_KEY_MANIFEST = sealed(PLAIN, KEY, OTHER_CONTEXT)


def place(segment):
    """(part, first byte, byte after the last) of a segment in storage."""
    part, position = divmod(segment, SEGMENTS_A_PART)
    start = position * SEALED_SEGMENT_BYTES
    return part, start, min(start + SEALED_SEGMENT_BYTES, len(PARTS[part]))


def segment_of(parts, segment):
    part, start, stop = place(segment)
    return parts[part][start:stop]


def with_segment(segment, replacement):
    part, start, stop = place(segment)
    altered = list(PARTS)
    altered[part] = PARTS[part][:start] + replacement + PARTS[part][stop:]
    return part, altered, MANIFEST


def flipped(sealed_bytes, position):
    return sealed_bytes[:position] + bytes([sealed_bytes[position] ^ 1]) + sealed_bytes[position + 1 :]


def flip():
    """One bit, in the nonce, the first and last sealed byte and the tag of every segment; all the manifest."""
    for segment in range(COUNT):
        original = segment_of(PARTS, segment)
        for position in (0, NONCE_BYTES, len(original) - TAG_BYTES - 1, len(original) - 1):
            yield with_segment(segment, flipped(original, position))
    for position in range(len(MANIFEST)):
        yield None, PARTS, flipped(MANIFEST, position)


def cut():
    """Every segment shortened by a byte, every part ended after each segment, every manifest shorter."""
    for segment in range(COUNT):
        yield with_segment(segment, segment_of(PARTS, segment)[:-1])
        part, start, _ = place(segment)
        yield part, [*PARTS[:part], PARTS[part][:start], *PARTS[part + 1 :]], MANIFEST
    for length in range(len(MANIFEST)):
        yield None, PARTS, MANIFEST[:length]


def swap():
    """Every segment with its neighbour, every part with every other."""
    for segment in range(COUNT - 1):
        part, start, stop = place(segment)
        other_part, other_start, other_stop = place(segment + 1)
        altered = list(PARTS)
        if part == other_part:
            body = PARTS[part]
            altered[part] = body[:start] + body[other_start:other_stop] + body[start:stop] + body[other_stop:]
        else:
            _, altered, _ = with_segment(segment, segment_of(PARTS, segment + 1))
            altered[other_part] = segment_of(PARTS, segment) + PARTS[other_part][other_stop:]
        yield part, altered, MANIFEST
    for one in range(len(PARTS)):
        for other in range(one):
            altered = list(PARTS)
            altered[one], altered[other] = altered[other], altered[one]
            yield other, altered, MANIFEST


def repeat():
    """Every segment once more after itself, and in its follower's place."""
    for segment in range(COUNT):
        yield with_segment(segment, segment_of(PARTS, segment) * 2)
        if segment + 1 < COUNT:
            yield with_segment(segment + 1, segment_of(PARTS, segment))


def drop():
    """Every segment left out, every part too."""
    for segment in range(COUNT):
        yield with_segment(segment, b"")
    for part in range(len(PARTS)):
        yield part, [*PARTS[:part], *PARTS[part + 1 :]], MANIFEST


def splice():
    """Every segment's head on another's tail, whole nonces and whole tags exchanged."""
    for segment in range(COUNT):
        original, older = segment_of(PARTS, segment), segment_of(OLDER_PARTS, segment)
        for border in (NONCE_BYTES, len(original) // 2, len(original) - TAG_BYTES):
            yield with_segment(segment, original[:border] + older[border:])


def append():
    """A byte, and a valid segment, after every segment."""
    for segment in range(COUNT):
        original = segment_of(PARTS, segment)
        yield with_segment(segment, original + b"\0")
        yield with_segment(segment, original + segment_of(OLDER_PARTS, segment))
    yield None, PARTS, MANIFEST + b"\0"


def empty():
    """Every part emptied, every segment replaced by zeros, no manifest."""
    for part in range(len(PARTS)):
        yield part, [*PARTS[:part], b"", *PARTS[part + 1 :]], MANIFEST
    for segment in range(COUNT):
        yield with_segment(segment, bytes(len(segment_of(PARTS, segment))))
    yield None, PARTS, b""


def other_document():
    """Every segment and part from another document, under its own key and under the same one."""
    for parts in (OTHER_PARTS, SAME_KEY_PARTS):
        for segment in range(COUNT):
            yield with_segment(segment, segment_of(parts, segment))
        for part in range(len(PARTS)):
            yield part, [*PARTS[:part], parts[part], *PARTS[part + 1 :]], MANIFEST
        yield 0, parts, MANIFEST


def older_segment():
    """Every segment, and every part, as an earlier sending sealed it: same key, same place, same bytes."""
    for segment in range(COUNT):
        yield with_segment(segment, segment_of(OLDER_PARTS, segment))
    for part in range(len(PARTS)):
        yield part, [*PARTS[:part], OLDER_PARTS[part], *PARTS[part + 1 :]], MANIFEST


def older_manifest():
    """The manifest of an earlier sending, of the same length and shorter."""
    yield 0, PARTS, OLDER_MANIFEST
    yield 0, PARTS, SHORTER_MANIFEST
    # The sending that was shorter had the same first part: the fault is where they part.
    yield 1, [PARTS[0], *PARTS[1:]], reclosed_after_the_first_part()


def reclosed_after_the_first_part():
    manifest = Manifest.unseal(MANIFEST, key=KEY, context=CONTEXT)
    shorter = Manifest.unseal(SHORTER_MANIFEST, key=KEY, context=CONTEXT)
    return Manifest(shorter.size, (manifest.part_digests[0], shorter.part_digests[1])).seal(
        key=KEY, context=CONTEXT
    )


def other_row():
    """The manifest of another attachment's row, whatever key it was sealed by."""
    yield None, PARTS, OTHER_MANIFEST
    yield None, PARTS, SAME_KEY_MANIFEST
    yield None, OTHER_PARTS, OTHER_MANIFEST
    yield None, SAME_KEY_PARTS, SAME_KEY_MANIFEST


CLASSES = [
    flip,
    cut,
    swap,
    repeat,
    drop,
    splice,
    append,
    empty,
    other_document,
    older_segment,
    older_manifest,
    other_row,
]


def read(parts, manifest, start=0, stop=None, *, segments_at_once=SEGMENTS_A_PART + 1):
    """(what was handed out, whether the fault was found)."""
    handed_out, step = bytearray(), segments_at_once * SEALED_SEGMENT_BYTES

    def read_part(index, length):
        stored = parts[index] if index < len(parts) else b""
        for start in range(0, len(stored), step):
            yield stored[start : start + step]

    try:
        opened = Manifest.unseal(manifest, key=KEY, context=CONTEXT)
        for piece in unseal_range(
            key=KEY,
            context=CONTEXT,
            manifest=opened,
            read_part=read_part,
            start=start,
            stop=opened.size if stop is None else min(stop, opened.size),
        ):
            handed_out += piece
    except DocumentDamaged:
        return bytes(handed_out), True
    return bytes(handed_out), False


def test_there_are_the_twelve_classes_of_the_table():
    assert len(CLASSES) == 12
    assert read(PARTS, MANIFEST) == (PLAIN, False)


@pytest.mark.parametrize("segments_at_once", [3, SEGMENTS_A_PART + 1])
@pytest.mark.parametrize("alter", CLASSES, ids=lambda alter: alter.__name__)
def test_every_alteration_is_found_and_nothing_of_the_damaged_part_is_handed_out(alter, segments_at_once):
    missed, places = [], 0
    for number, (damaged_part, parts, manifest) in enumerate(alter()):
        places += 1
        handed_out, found = read(parts, manifest, segments_at_once=segments_at_once)
        expected = PLAIN[: (damaged_part or 0) * PART_BYTES]
        if not found or handed_out != expected:
            missed.append(number)
    assert places
    assert missed == []


@pytest.mark.parametrize("alter", [flip, swap, splice, older_segment], ids=lambda alter: alter.__name__)
def test_a_range_that_touches_only_the_altered_segment_finds_it_too(alter):
    for damaged_part, parts, manifest in alter():
        if damaged_part is None:
            continue
        changed = next(
            segment
            for segment in range(damaged_part * SEGMENTS_A_PART, COUNT)
            if segment_of(parts, segment) != segment_of(PARTS, segment)
        )
        start = changed * SEGMENT_BYTES
        assert read(parts, manifest, start, min(start + 10, len(PLAIN))) == (b"", True)


def test_the_empty_last_part_is_checked_before_the_first_byte_goes_out():
    parts, manifest = sealed(PLAIN[:PART_BYTES])
    assert len(parts) == 2
    for altered in (b"", flipped(parts[1], 3), parts[1] + b"\0", parts[0]):
        assert read([parts[0], altered], manifest) == (b"", True)
    # A range that stops before the end has no need of it.
    assert read([parts[0], b""], manifest, 0, 10) == (PLAIN[:10], False)


@pytest.mark.parametrize("size", [0, SEGMENT_BYTES, PART_BYTES + SEGMENT_BYTES])
def test_an_empty_last_segment_is_checked_with_its_part(size):
    parts, manifest = sealed(PLAIN[:size])
    assert read(parts, manifest) == (PLAIN[:size], False)
    intact = PLAIN[: (len(parts) - 1) * PART_BYTES]
    for position in range(len(parts[-1]) - NONCE_BYTES - TAG_BYTES, len(parts[-1])):
        assert read([*parts[:-1], flipped(parts[-1], position)], manifest) == (intact, True)
