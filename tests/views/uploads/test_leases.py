"""Two requests at once on one upload, and one that was overtaken (spec D2)."""

import gc
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from connexion_plugin.actions import receiving
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.models import Draft, Upload
from connexion_plugin.sealing.segments import SegmentSealer
from tests.views.uploads.sending import PLAIN, posted_document, stored

pytestmark = pytest.mark.spec("D2")


def test_while_one_request_brings_bytes_another_is_told_to_wait(sending):
    sending.create(10)
    Upload.unscoped.update(lease=uuid4(), leased_until=timezone.now() + timedelta(seconds=30))
    assert sending.patch(0, b"abc").status_code == 423
    Upload.unscoped.update(leased_until=timezone.now())  # its process died
    assert sending.patch(0, b"abc").status_code == 204


def test_whoever_has_lost_the_lease_writes_nothing_more(sending, monkeypatch):
    sending.create(len(PLAIN))
    renew = receiving._Landing._renew

    def overtaken(landing, **when):
        Upload.unscoped.update(lease=uuid4())
        return renew(landing, **when)

    monkeypatch.setattr(receiving._Landing, "_renew", overtaken)
    assert sending.patch(0, PLAIN).status_code == 423
    monkeypatch.undo()
    assert stored() == []
    Upload.unscoped.update(leased_until=timezone.now())
    assert sending.offset == 0


def test_a_document_given_up_while_its_bytes_come_leaves_nothing(sending, monkeypatch):
    sending.create(len(PLAIN))
    feed = receiving.ResumableSealer.feed

    def given_up(sealer, piece):
        feed(sealer, piece)
        if sealer.part_offset:
            Upload.unscoped.all().delete()

    monkeypatch.setattr(receiving.ResumableSealer, "feed", given_up)
    assert sending.patch(0, PLAIN).status_code == 410
    assert stored() == []


def test_a_request_that_stood_still_takes_nothing_from_what_was_posted_meanwhile(sending, monkeypatch):
    """A lid was closed: the document came in by another connection and was posted before the first one ended."""
    sending.create(10)
    read = receiving._Landing._next

    def stalled(landing, source, most):
        if True:
            monkeypatch.undo()
            Upload.unscoped.update(leased_until=timezone.now())
            assert sending.patch(0, b"0123456789").status_code == 204
            assert sending.post().status_code == 302
            return b"012"
        return read(landing, source, most)

    monkeypatch.setattr(receiving._Landing, "_next", stalled)
    assert sending.patch(0, b"0123456789").status_code == 410
    assert posted_document()[1] == b"0123456789"
    (folder,) = stored()
    assert [name for name in sealed_storage().listdir(folder)[1] if "tail" in name] == []


def test_a_part_that_another_request_has_committed_meanwhile_is_not_replaced(sending, monkeypatch):
    """This one stood still between its look at the lease and the writing; the document is posted by then."""
    sending.create(len(PLAIN))
    save = FileSystemStorage.save

    def stalled(storage, name, content, **options):
        monkeypatch.undo()
        Upload.unscoped.update(leased_until=timezone.now())
        assert sending.patch(0, PLAIN).status_code == 204
        assert sending.post().status_code == 302
        return save(storage, name, content, **options)

    monkeypatch.setattr(FileSystemStorage, "save", stalled)
    assert sending.patch(0, bytes(len(PLAIN))).status_code == 410
    assert posted_document()[1] == PLAIN


@pytest.mark.spec("D1")
def test_what_a_request_held_of_a_document_is_free_when_it_ends(sending):
    """Four mebibytes of memory a request, left to the collector, were four requests' worth at a time."""
    sending.create(10)
    gc.collect()
    gc.disable()
    try:
        assert sending.patch(0, b"abc").status_code == 204
        assert not [one for one in gc.get_objects() if issubclass(type(one), SegmentSealer)]
        page = {"save_draft": "1", "draft_revision": Draft.unscoped.get().revision}
        sending.post(text="Voici.", documents=SimpleUploadedFile("a.pdf", b"x"), **page)
        assert Upload.unscoped.count() == 2
        assert not [one for one in gc.get_objects() if issubclass(type(one), SegmentSealer)]
    finally:
        gc.enable()
