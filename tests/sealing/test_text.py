"""The cipher, and the names that its bytes are bound to."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connexion_plugin.exceptions import Tampered
from connexion_plugin.sealing import text
from connexion_plugin.sealing.records import context, describe

KEY = bytes(range(32))
names = st.tuples(st.text(max_size=20), st.lists(st.uuids(), max_size=3), st.text(max_size=20))
HERE = context("message", uuid4(), uuid4(), field="text")


@given(st.text(), st.binary(min_size=32, max_size=32), names)
def test_what_was_sealed_comes_back(plain, key, name):
    kind, ids, field = name
    place = context(kind, *ids, field=field)
    assert text.unseal(key=key, sealed=text.seal(key=key, text=plain, context=place), context=place) == plain


@given(names, names)
def test_two_names_never_give_the_same_context(one, other):
    first, second = (context(kind, *ids, field=field) for kind, ids, field in (one, other))
    # An id and a field of sixteen characters look alike, but not in number or in place.
    assert (first == second) == (one == other)


@given(st.binary(max_size=200), st.data())
def test_any_flipped_bit_is_found(plain, data):
    sealed = bytearray(text.seal_bytes(key=KEY, plain=plain, context=HERE))
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[place // 8] ^= 1 << place % 8
    with pytest.raises(Tampered):
        text.unseal_bytes(key=KEY, sealed=bytes(sealed), context=HERE)


@given(st.binary(max_size=200), st.data())
def test_any_cut_is_found(plain, data):
    sealed = text.seal_bytes(key=KEY, plain=plain, context=HERE)
    length = data.draw(st.integers(0, len(sealed) - 1))
    with pytest.raises(Tampered):
        text.unseal_bytes(key=KEY, sealed=sealed[:length], context=HERE)


@given(st.binary(min_size=1, max_size=60))
def test_anything_appended_is_found(tail):
    sealed = text.seal_bytes(key=KEY, plain=b"plain", context=HERE)
    with pytest.raises(Tampered):
        text.unseal_bytes(key=KEY, sealed=sealed + tail, context=HERE)


@given(names)
def test_nothing_opens_in_another_place(name):
    kind, ids, field = name
    sealed = text.seal(key=KEY, text="Devis", context=HERE)
    with pytest.raises(Tampered):
        text.unseal(key=KEY, sealed=sealed, context=context(kind, *ids, field=field))


def test_another_key_opens_nothing():
    sealed = text.seal(key=KEY, text="Devis", context=HERE)
    with pytest.raises(Tampered):
        text.unseal(key=bytes(32), sealed=sealed, context=HERE)


def test_the_same_text_is_sealed_differently_each_time():
    assert len({text.seal(key=KEY, text="Devis", context=HERE) for _ in range(1000)}) == 1000


def test_a_sealed_text_is_29_bytes_longer():
    assert len(text.seal(key=KEY, text="é" * 100, context=HERE)) == 229
    assert text.OVERHEAD_BYTES == 29


def test_a_memoryview_of_postgresql_opens_too():
    sealed = memoryview(text.seal(key=KEY, text="Devis", context=HERE))
    assert text.unseal(key=KEY, sealed=sealed, context=HERE) == "Devis"


def test_what_does_not_open_is_reported_by_the_name_of_its_row_and_nothing_else(caplog):
    message_id, conversation_id = uuid4(), uuid4()
    place = context("message", message_id, conversation_id, field="text")
    with pytest.raises(Tampered, match=str(message_id)):
        text.unseal(key=KEY, sealed=b"", context=place)
    [line] = caplog.messages
    assert line == f"Sealed bytes do not open in their place: message {message_id} {conversation_id} text"


def test_a_key_that_is_merely_tried_first_reports_nothing(caplog):
    with pytest.raises(Tampered):
        text.unseal_bytes(key=KEY, sealed=b"", context=HERE, report=False)
    assert not caplog.messages


def test_new_keys_differ_and_have_32_bytes():
    made = {text.new_key() for _ in range(1000)}
    assert len(made) == 1000
    assert {len(key) for key in made} == {32}


def test_a_context_without_field_is_described_without_it():
    assert describe(context("key store")) == "key store"
