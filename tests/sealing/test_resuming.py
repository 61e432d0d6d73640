"""A document that arrives in pieces is the document: wherever it stopped, whoever goes on (spec D2)."""

import dataclasses
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connexion_plugin.sealing.resuming import Pause, ResumableSealer
from connexion_plugin.sealing.segments import PART_BYTES, SEALED_SEGMENT_BYTES, SEGMENT_BYTES, DocumentDamaged
from connexion_plugin.sealing.unsealing import unseal_range

pytestmark = pytest.mark.spec("D2")
KEY, CONTEXT = bytes(range(32)), b"a document"
PLAIN = os.urandom(PART_BYTES + 3 * SEGMENT_BYTES + 1234)


class Parts(dict):
    def write_part(self, index, sealed):
        self[index] = bytes(sealed)

    def read_part(self, index, length):
        yield self[index]

    def sealer(self, pause=None, *, key=KEY, context=CONTEXT):
        if pause is None:
            return ResumableSealer(key=key, context=context, write_part=self.write_part)
        return ResumableSealer.resumed_from(pause, key=key, context=context, write_part=self.write_part)


def sent_in_pieces(plain, stops):
    parts, pause, start = Parts(), None, 0
    for stop in [*sorted(stops), len(plain)]:
        sealer = parts.sealer(pause)
        assert sealer.offset == start
        sealer.feed(plain[start:stop])
        pause, start = sealer.pause(), stop
    manifest = parts.sealer(pause).finish()
    read = unseal_range(key=KEY, context=CONTEXT, manifest=manifest, read_part=parts.read_part)
    return b"".join(read)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, len(PLAIN)), max_size=5))
def test_stopped_anywhere_it_is_the_same_document(stops):
    assert sent_in_pieces(PLAIN, stops) == PLAIN


@pytest.mark.parametrize(
    "size",
    [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1],
)
def test_borders_are_no_borders(size):
    plain = PLAIN[:size]
    for stop in {0, 1, size // 2, max(size - 1, 0), size}:
        assert sent_in_pieces(plain, [min(stop, size)]) == plain


def paused(size=SEGMENT_BYTES * 2 + 77, parts=None):
    sealer = (parts if parts is not None else Parts()).sealer()
    sealer.feed(PLAIN[:size])
    return sealer.pause()


def test_what_is_after_the_last_whole_part_may_be_left_to_be_sent_again():
    parts = Parts()
    sealer = parts.sealer()
    sealer.feed(PLAIN)
    pause = sealer.pause_at_part()
    assert pause.tail == b""
    again = parts.sealer(pause)
    assert again.offset == again.part_offset == PART_BYTES
    again.feed(PLAIN[PART_BYTES:])
    manifest = again.finish()
    read = unseal_range(key=KEY, context=CONTEXT, manifest=manifest, read_part=parts.read_part)
    assert b"".join(read) == PLAIN


def test_a_pause_holds_nothing_plain():
    secret = b"canari-de-la-queue" * 100
    sealer = Parts().sealer()
    sealer.feed(secret)
    pause = sealer.pause()
    assert secret[:18] not in pause.tail + pause.state


@pytest.mark.parametrize("place", [0, 20, SEALED_SEGMENT_BYTES - 1, SEALED_SEGMENT_BYTES + 40, -1])
def test_an_altered_tail_is_found(place):
    pause = paused()
    tail = bytearray(pause.tail)
    tail[place] ^= 1
    with pytest.raises(DocumentDamaged):
        Parts().sealer(dataclasses.replace(pause, tail=bytes(tail)))


@pytest.mark.parametrize(
    "change",
    [
        lambda one, other: Pause(one.state, other.tail),
        lambda one, other: Pause(other.state, one.tail),
        lambda one, other: Pause(one.state, b""),
        lambda one, other: Pause(one.state, one.tail + b"x"),
        lambda one, other: Pause(one.state, one.tail[:-1]),
        lambda one, other: Pause(one.state[:-1], one.tail),
        lambda one, other: Pause(b"", one.tail),
    ],
)
def test_a_tail_and_a_state_that_are_not_each_others_are_found(change):
    with pytest.raises(DocumentDamaged):
        Parts().sealer(change(paused(), paused(SEGMENT_BYTES + 5)))


@pytest.mark.parametrize("other", [{"key": bytes(32)}, {"context": b"another document"}])
def test_a_pause_opens_for_no_other_document(other):
    with pytest.raises(DocumentDamaged):
        Parts().sealer(paused(), **other)


def test_an_older_tail_of_the_same_length_is_found():
    with pytest.raises(DocumentDamaged):
        Parts().sealer(Pause(paused().state, paused().tail))


def test_a_pause_changes_nothing_for_who_goes_on():
    parts = Parts()
    sealer = parts.sealer()
    for start in range(0, len(PLAIN), 1_000_003):
        sealer.feed(PLAIN[start : start + 1_000_003])
        sealer.pause()
    manifest = sealer.finish()
    read = unseal_range(key=KEY, context=CONTEXT, manifest=manifest, read_part=parts.read_part)
    assert b"".join(read) == PLAIN
