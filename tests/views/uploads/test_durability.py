"""What the disk says when it is asked to keep what was written (goals.md, rows 3 and 4)."""

import errno
import os
import threading

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from connexion_plugin.actions import receiving
from connexion_plugin.documents import mounts
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.models import Message
from tests.views.uploads.sending import PLAIN, posted_document, stored

pytestmark = pytest.mark.spec("D2")


class Disk:
    """Cannot write what it was given before the `fails_at`th time, and says so once, as Linux does."""

    def __init__(self, monkeypatch, number=errno.EIO, fails_at=1):
        self.asked, self._fails_at, self._number = [], fails_at, number
        monkeypatch.setattr(os, "fsync", self._fsync)

    def _fsync(self, descriptor):
        self.asked.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        if len(self.asked) == self._fails_at:
            raise OSError(self._number, "this disk")


@pytest.mark.parametrize(("number", "status"), [(errno.EIO, 503), (errno.ENOSPC, 507)])
@pytest.mark.parametrize("body", [PLAIN, PLAIN[:-1]], ids=["last request", "one of many"])
def test_what_the_disk_could_not_keep_does_not_count(sending, monkeypatch, number, status, body):
    sending.create(len(PLAIN))
    Disk(monkeypatch, number)
    assert sending.patch(0, body).status_code == status
    assert sending.offset == 0
    assert sending.patch(0, PLAIN).status_code == 204
    assert sending.post().status_code == 302
    assert posted_document()[1] == PLAIN


def test_no_tail_stays_of_what_could_not_be_kept(sending, monkeypatch):
    sending.create(len(PLAIN))
    Disk(monkeypatch)
    assert sending.patch(0, b"abc").status_code == 503
    assert stored() == []


def test_a_whole_document_keeps_no_tail_of_a_process_that_was_killed(sending):
    sending.create(len(PLAIN), body=PLAIN[:1000])
    (folder,) = stored()
    sealed_storage().save(f"{folder}/{receiving.TAIL}0123456789abcdef", ContentFile(b"what nobody named"))
    assert sending.patch(1000, PLAIN[1000:]).status_code == 204
    assert sorted(sealed_storage().listdir(folder)[1]) == ["0", "1"]


def test_a_form_waits_until_its_documents_are_kept(reader, sending, monkeypatch):
    disk = Disk(monkeypatch, fails_at=0)
    sending.post(text="Voici.", documents=SimpleUploadedFile("a.pdf", PLAIN))
    (folder,) = stored()
    kept = [path.split("/parts")[1] for path in disk.asked if "/parts" in path]
    assert sorted(kept) == sorted(["", f"/{folder}", f"/{folder}/0", f"/{folder}/1", f"/{mounts.MARK}"])


def test_the_disk_is_asked_for_all_of_a_request_at_once(sending, monkeypatch):
    """One after the other, each part and its folder would wait for the disk anew."""
    sending.create(len(PLAIN))
    together = threading.Barrier(4)
    monkeypatch.setattr(os, "fsync", lambda descriptor: together.wait(60))
    assert sending.patch(0, PLAIN).status_code == 204


def test_a_form_whose_documents_cannot_be_kept_comes_back(reader, sending, monkeypatch):
    Disk(monkeypatch)
    before = Message.unscoped.count()
    answer = sending.post(text="Voici tout.", documents=SimpleUploadedFile("a.pdf", PLAIN))
    assert answer.status_code in (400, 503)
    assert "Voici tout." in answer.content.decode()
    assert Message.unscoped.count() == before
    assert stored() == []


def test_a_long_request_stops_at_the_floor_of_free_space(sending, monkeypatch):
    sending.create(len(PLAIN))
    answers = iter([True])
    monkeypatch.setattr(receiving, "has_room", lambda storage, more: next(answers, False))
    monkeypatch.setattr(receiving, "COMMITTED_BYTES", 1)
    assert sending.patch(0, PLAIN).status_code == 507
    monkeypatch.undo()
    assert 0 < sending.offset < len(PLAIN)  # what was kept by then needs not be sent again
