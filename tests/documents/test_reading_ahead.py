"""The next part is read while one is handed out, a folder's by the system and another storage's by a thread; nothing
else is different for it."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import wait
from contextlib import contextmanager

import pytest
from django.core.files.storage import FileSystemStorage, InMemoryStorage
from hypothesis import given, settings
from hypothesis import strategies as st

from connexion_plugin.documents import mounts, reading_ahead
from connexion_plugin.documents.reading_ahead import AT_ONCE, QUICK_SECONDS
from connexion_plugin.exceptions import StorageUnreachable
from connexion_plugin.sealing.segments import PART_BYTES, DocumentDamaged
from connexion_plugin.sealing.unsealing import PIECE_BYTES
from tests.documents.test_sealed_parts import PLAIN, alter, sealed_document

SIZES = 3 * PART_BYTES - 77, 2 * PART_BYTES, PART_BYTES + 1
DOCUMENT = (PLAIN * 3)[: SIZES[0]]


class WatchedStorage(InMemoryStorage):
    """Notes which parts were opened, by whom; `fails` says for whom it does not answer."""

    def __init__(self):
        super().__init__()
        mounts.make(self)
        self.forget()

    def forget(self):
        self.asked, self.ahead, self.fails = [], [], lambda index, is_ahead: False

    def _open(self, name, mode="rb"):
        index = name.rpartition("/")[2]
        if mode == "rb" and index.isdecimal():
            is_ahead = threading.current_thread().name.startswith("read-ahead")
            (self.ahead if is_ahead else self.asked).append(int(index))
            if self.fails(int(index), is_ahead):
                raise ConnectionError("no route")
        return super()._open(name, mode)


@pytest.fixture(scope="module")
def documents():
    storage = WatchedStorage()
    return [sealed_document(storage, DOCUMENT[:size]) for size in SIZES]


@pytest.fixture
def document(documents):
    documents[0].storage.forget()
    return documents[0]


@pytest.fixture
def storage(document):
    return document.storage


@settings(max_examples=60, deadline=None)
@given(pick=st.integers(0, 2), one=st.integers(0, SIZES[0]), other=st.integers(0, SIZES[0]))
@pytest.mark.spec("D3")
def test_any_range_is_the_same(documents, pick, one, other):
    documents[pick].storage.forget()
    start, stop = sorted(min(place, documents[pick].size) for place in (one, other))
    assert b"".join(documents[pick].read(start, stop)) == DOCUMENT[start:stop]


def test_the_first_part_is_read_by_who_asks_and_each_other_ahead(document, storage):
    assert taken_slowly(document.read()) == DOCUMENT
    assert (storage.asked, storage.ahead) == ([0], [1, 2])


def test_never_more_than_one_part_ahead_nor_beyond_the_range(document, storage):
    pieces = document.read(0, 2 * PART_BYTES)
    next(pieces)
    wait_for_the_readers()
    assert storage.ahead == [1]
    assert len(taken_slowly(pieces)) == 2 * PART_BYTES - PIECE_BYTES
    wait_for_the_readers()
    assert (storage.asked, storage.ahead) == ([0], [1])


def test_a_range_in_one_part_asks_no_thread(document, storage):
    assert len(taken_slowly(document.read(100, PART_BYTES))) == PART_BYTES - 100
    wait_for_the_readers()
    assert (storage.asked, storage.ahead) == ([0], [])


def test_who_asks_reads_what_could_not_be_read_ahead(document, storage):
    storage.fails = lambda index, is_ahead: is_ahead and index == 1
    assert taken_slowly(document.read()) == DOCUMENT
    assert (storage.asked, storage.ahead) == ([0, 1], [1, 2])


def test_a_storage_that_fails_says_so_once_to_who_asks(document, storage, caplog):
    storage.fails = lambda index, is_ahead: index == 1
    found = bytearray()
    with pytest.raises(StorageUnreachable):
        taken_slowly(document.read(), found)
    assert found == DOCUMENT[:PART_BYTES]
    assert caplog.messages == [f"document {document.id}: the storage failed: ConnectionError"]


def test_a_storage_that_hangs_is_waited_for_once(document, storage, caplog, monkeypatch):
    """By who asks, while a thread waits for it already: that one's error is theirs."""
    monkeypatch.setattr(reading_ahead, "SLOW_SECONDS", 0.05)
    begun = threading.Event()
    storage.fails = lambda index, is_ahead: index == 1 and not (begun.set() or time.sleep(0.5))
    with pytest.raises(StorageUnreachable) as raised:
        b"".join(piece for piece in document.read() if begun.wait(60))
    assert isinstance(raised.value.__cause__, ConnectionError)
    assert (storage.asked, storage.ahead) == ([0], [1])
    assert caplog.messages == [f"document {document.id}: the storage failed: ConnectionError"]


def test_who_comes_after_a_storage_has_hung_asks_it_once_more(document, storage, monkeypatch):
    """A slow reader has waited for nothing, and the storage may be back."""
    storage.fails = lambda index, is_ahead: is_ahead and index == 1
    monkeypatch.setattr(reading_ahead, "SLOW_SECONDS", 0.05)
    assert taken_slowly(document.read()) == DOCUMENT
    assert (storage.asked, storage.ahead) == ([0, 1], [1, 2])


def test_all_before_a_damaged_part_is_handed_out(documents):
    damaged = sealed_document(WatchedStorage(), DOCUMENT)
    alter(damaged.storage, f"{damaged.id.hex}/1", flipped)
    found = bytearray()
    with pytest.raises(DocumentDamaged, match="segment 70 was altered"):
        taken_slowly(damaged.read(), found)
    assert found == DOCUMENT[:PART_BYTES]


def test_without_a_free_thread_nobody_waits(document, storage):
    with busy_readers():
        assert b"".join(document.read()) == DOCUMENT
    assert (storage.asked, storage.ahead) == ([0, 1, 2], [])


def test_who_goes_away_leaves_no_work_behind(document, storage):
    with busy_readers():
        pieces = document.read()
        next(pieces)
        pieces.close()
    wait_for_the_readers()
    assert (storage.asked, storage.ahead) == ([0], [])


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="this system is not told")
@pytest.mark.parametrize(
    ("slow", "told_of"),
    [({0}, ["1", "2"]), ({1}, ["2"]), ({2}, []), (set(), [])],
    ids=["cold", "the first part in memory", "all but the last", "all in memory"],
)
def test_of_a_cold_folder_the_system_is_told_and_no_thread_asked(slow, told_of, tmp_path, monkeypatch):
    """Once told, the parts come from memory, and the next ones are still to be told of."""
    storage = FileSystemStorage(location=tmp_path)
    mounts.make(storage)
    kept = sealed_document(storage, DOCUMENT)
    told, seconds = [], [0.0]

    def read_slowly(storage, document, index, buffer, length):
        seconds[0] += 2 * QUICK_SECONDS if index in slow else QUICK_SECONDS / 2
        yield from read_stretches(storage, document, index, buffer, length)

    read_stretches = reading_ahead.read_stretches
    monkeypatch.setattr(reading_ahead, "read_stretches", read_slowly)
    monkeypatch.setattr(reading_ahead, "monotonic", lambda: seconds[0])
    monkeypatch.setattr(
        os, "posix_fadvise", lambda file, *about: told.append((os.readlink(f"/dev/fd/{file}"), about))
    )
    monkeypatch.setattr(reading_ahead, "_readers", lambda: pytest.fail("a thread was asked"))
    assert b"".join(kept.read(5)) == DOCUMENT[5:]
    assert told == [
        (str(tmp_path / kept.id.hex / index), (0, 0, os.POSIX_FADV_WILLNEED)) for index in told_of
    ]


def test_a_part_that_is_missing_in_a_folder_is_told_when_it_is_its_turn(tmp_path):
    storage = FileSystemStorage(location=tmp_path)
    mounts.make(storage)
    kept = sealed_document(storage, DOCUMENT)
    (tmp_path / kept.id.hex / "1").unlink()
    found = bytearray()
    assert b"".join(kept.read(0, PART_BYTES)) == DOCUMENT[:PART_BYTES]
    with pytest.raises(DocumentDamaged, match="is gone"):
        taken_slowly(kept.read(), found)
    assert found == DOCUMENT[:PART_BYTES]


def test_a_process_that_was_forked_has_threads_of_its_own():
    script = """
import os, signal
from django.conf import settings
settings.configure()
from connexion_plugin.documents import reading_ahead
assert reading_ahead._readers().submit(int).result(20) == 0
child = os.fork()
if not child:
    signal.alarm(20)
    os._exit(reading_ahead._readers().submit(int).result())
assert os.waitpid(child, 0)[1] == 0
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def flipped(sealed):
    return sealed[:400_000] + bytes([sealed[400_000] ^ 1]) + sealed[400_001:]


@contextmanager
def busy_readers():
    over = threading.Event()
    busy = [reading_ahead._readers().submit(over.wait, 60) for _ in range(AT_ONCE)]
    try:
        yield
    finally:
        over.set()
        assert all(one.result() for one in busy)


def wait_for_the_readers():
    """All that was asked of them so far is done."""
    meeting = threading.Barrier(AT_ONCE, timeout=60)
    wait([reading_ahead._readers().submit(meeting.wait) for _ in range(AT_ONCE)])


def taken_slowly(pieces, found=None):
    """By somebody who leaves the threads the time for a part; `found` has what came, whatever is raised."""
    found = bytearray() if found is None else found
    for piece in pieces:
        if len(found) % PART_BYTES == 0:
            wait_for_the_readers()
        found += piece
    return bytes(found)
