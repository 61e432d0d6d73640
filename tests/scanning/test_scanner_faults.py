"""A scanner that is down, hung, or not to be believed: what waits for it is neither lost nor called clean."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.cache import cache
from django.utils import timezone

from connexion_plugin.actions import scanning
from connexion_plugin.models import Attachment, Mail
from tests.scanning.clamd_server import DROP, DROP_EARLY, HANG, FakeClamd
from tests.scanning.conftest import NAME
from tests.scanning.readers import fetch, open_letter, state

pytestmark = [pytest.mark.spec("D4"), pytest.mark.django_db]
Scan = Attachment.Scan


def test_while_the_scanner_is_down_documents_are_held_and_released_by_itself(
    real_clamd, scan_with, post_documents, bob, caplog
):
    scan_with(real_clamd.address)
    (document,) = post_documents(b"Bonjour")
    open_letter(bob, document)
    real_clamd.stop()
    started = timezone.now()
    try:
        for minutes in range(0, 61, 4):
            with time_machine.travel(started + timedelta(minutes=minutes), tick=True):
                cache.clear()
                assert not scanning.scan_documents()
                assert state(document) == Scan.WAITING
                assert document.check_tries == 0
                assert document.check_due_at - timezone.now() <= timedelta(minutes=5)
                assert fetch(bob, document).status_code == 403
        assert "documents wait" in caplog.text
    finally:
        real_clamd.start()
    with time_machine.travel(started + timedelta(minutes=66), tick=True):
        cache.clear()
        scanning.scan_documents()
        assert state(document) == Scan.CLEAN
        assert fetch(bob, document).status_code == 200


def test_a_scanner_that_is_down_is_not_asked_for_every_document(scan_with, post_documents, tmp_path, caplog):
    scan_with(str(tmp_path / "nobody.sock"))
    post_documents(b"1", b"2", b"3")
    scanning.scan_documents()
    scanning.scan_documents()
    assert caplog.text.count("documents wait") == 1
    assert scanning.is_outage()


def test_a_scanner_whose_ok_means_nothing_is_not_asked(fake_clamd, scan_with, post_documents, caplog):
    scan_with(fake_clamd.address)
    fake_clamd._answer = lambda document: "stream: OK"
    (document,) = post_documents(b"Bonjour")
    scanning.scan_documents()
    assert state(document) == Scan.WAITING
    assert "its signatures are missing" in caplog.text


@pytest.mark.parametrize(
    "answer", [HANG, DROP, DROP_EARLY, "stream: Can't create a file ERROR", "nonsense", "stream: OK, perhaps"]
)
def test_a_document_that_breaks_the_scanner_is_tried_for_an_hour_and_then_given_up(
    fake_clamd, scan_with, post_documents, answer, caplog
):
    scan_with(fake_clamd.address, SCANNER_ANSWER_SECONDS=0.2)
    fake_clamd.behaviour = lambda document: answer
    (document,) = post_documents(b"Bonjour " * 20_000)
    started, pauses = timezone.now(), []
    for _ in range(scanning.TRIES - 1):
        scanning.scan_documents()
        assert state(document) == Scan.WAITING
        pauses.append(round((document.check_due_at - timezone.now()).total_seconds()))
        Attachment.unscoped.update(check_due_at=timezone.now())
    assert pauses == sorted(pauses)
    assert sum(pauses) > 3600
    assert timezone.now() - started < timedelta(minutes=1)
    scanning.scan_documents()
    assert state(document) == Scan.FAILED
    assert document.check_due_at is None
    assert Mail.unscoped.filter(kind=Mail.Kind.WITHHELD).count() == 1
    assert NAME not in caplog.text


def test_one_that_recovers_is_told_of_by_nobody(fake_clamd, scan_with, post_documents):
    scan_with(fake_clamd.address)
    fake_clamd.behaviour = lambda document: DROP
    (document,) = post_documents(b"Bonjour")
    scanning.scan_documents()
    fake_clamd.behaviour = lambda document: "stream: OK"
    Attachment.unscoped.update(check_due_at=timezone.now())
    scanning.scan_documents()
    assert state(document) == Scan.CLEAN
    assert not Mail.unscoped.filter(kind=Mail.Kind.WITHHELD).exists()


def test_a_storage_that_fails_is_not_held_against_the_document(
    fake_clamd, scan_with, post_documents, monkeypatch, caplog
):
    scan_with(fake_clamd.address)
    (document,) = post_documents(b"Bonjour")
    monkeypatch.setattr(scanning, "open_document", fail)
    scanning.scan_documents()
    assert (state(document), document.check_tries) == (Scan.WAITING, 0)
    assert "OSError" in caplog.text
    assert "secret" not in caplog.text


def fail(attachment):
    raise OSError("s3://secret")


def test_a_damaged_document_is_never_clean(fake_clamd, scan_with, post_documents):
    scan_with(fake_clamd.address)
    (document,) = post_documents(b"Bonjour")
    for part in (
        Path(django_settings.STORAGES["connexion"]["OPTIONS"]["location"]) / document.pk.hex
    ).iterdir():
        part.write_bytes(bytes(part.stat().st_size))
    scanning.scan_documents()
    assert state(document) == Scan.WAITING
    assert fake_clamd.received == []


def test_no_plain_byte_is_on_disk_while_a_document_is_scanned(fake_clamd, scan_with, post_documents):
    canary, found = b"Canari-octets-5502 ", []
    folder = Path(django_settings.CONNEXION["KEY_STORE"]).parent

    def search(document: bytes) -> str:
        files = [path for path in folder.rglob("*") if path.is_file()]
        open_files = [Path(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
        for path in [*files, *(link for link in open_files if link.is_file())]:
            found.extend([path] if canary in path.read_bytes() else [])
        return "stream: OK"

    fake_clamd.behaviour = search
    scan_with(fake_clamd.address)
    (document,) = post_documents(canary * 50_000)
    scanning.scan_documents()
    assert fake_clamd.received == [canary * 50_000]
    assert found == []
    assert state(document) == Scan.CLEAN


def test_a_fake_that_is_good_is_as_good_as_a_real_one(fake_clamd: FakeClamd, scan_with, post_documents):
    scan_with(fake_clamd.address)
    (document,) = post_documents(b"Bonjour")
    scanning.scan_documents()
    assert state(document) == Scan.CLEAN
