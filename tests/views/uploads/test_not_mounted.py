"""The folder of documents is not mounted: nothing is damaged, nothing is stored, nothing is forgotten (D3, D4)."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from connexion_plugin.actions import scanning
from connexion_plugin.actions.stored_parts import sweep_parts
from connexion_plugin.checks import storage as storage_checks
from connexion_plugin.exceptions import StorageTrouble, StorageUnreachable
from connexion_plugin.models import Attachment, Message, StoredParts, Upload
from tests.views.uploads.sending import PLAIN, Sending, posted_document, stored

pytestmark = pytest.mark.spec("D2", "D3", "D4")


@pytest.fixture
def folder():
    return Path(django_settings.STORAGES["connexion"]["OPTIONS"]["location"])


@pytest.fixture
def unmount(folder):
    """Takes what is mounted away, and leaves the folder below it; gives what brings it back."""

    def away():
        beside = folder.with_name("mounted")
        folder.rename(beside)
        folder.mkdir()
        return lambda: (folder.rmdir(), beside.rename(folder))

    return away


@pytest.fixture
def document(sending):
    sending.create(len(PLAIN), body=PLAIN)
    sending.post(text="Voici.")
    return Attachment.unscoped.get()


def test_a_download_says_that_the_storage_is_away_and_begins_once_it_is_back(reader, document, unmount):
    scanning.scan_documents()
    mount = unmount()
    for view, key in (("download", document.pk), ("download_conversation", document.message.conversation_id)):
        page = reader.get(reverse(f"connexion:{view}", args=[key]))
        assert (page.status_code, page["Retry-After"]) == (503, "60")
        assert str(StorageUnreachable.sentence) in page.content.decode()
    mount()
    assert posted_document()[1] == PLAIN


def test_an_upload_waits_and_goes_on_where_it_was(sending, unmount):
    sending.create(len(PLAIN), body=PLAIN[:1000])
    mount = unmount()
    assert sending.patch(1000, PLAIN[1000:]).status_code == 503
    assert sending.create(5).status_code == 503
    assert Upload.unscoped.count() == 1
    assert stored() == []
    mount()
    sending.url = reverse("connexion:upload", args=[Upload.unscoped.get().pk])
    assert sending.offset == 1000
    assert sending.patch(1000, PLAIN[1000:]).status_code == 204
    assert sending.post().status_code == 302
    assert posted_document()[1] == PLAIN


def test_a_form_comes_back_with_its_text(document, reader, conversation, unmount):
    unmount()
    before = Message.unscoped.count()
    answer = Sending(reader, conversation).post(text="Le plan.", documents=SimpleUploadedFile("a.pdf", PLAIN))
    assert answer.status_code == 503
    assert "Le plan." in answer.content.decode()
    assert str(StorageTrouble.sentence) in answer.content.decode()
    assert Message.unscoped.count() == before
    assert stored() == []


def test_the_scanner_takes_no_document_for_damaged(document, unmount):
    mount = unmount()
    scanning.scan_documents()
    document.refresh_from_db(from_queryset=Attachment.unscoped.all())
    assert (document.scan, document.check_tries, bytes(document.digest_sealed)) == (
        Attachment.Scan.NOT_SCANNED,
        0,
        b"",
    )
    mount()
    Attachment.unscoped.update(check_due_at=timezone.now())
    scanning.scan_documents()
    document.refresh_from_db(from_queryset=Attachment.unscoped.all())
    assert document.digest_sealed


def test_the_sweep_forgets_nothing_that_it_could_not_delete(sending, unmount):
    sending.create(len(PLAIN), body=PLAIN[:1000])
    Upload.unscoped.all().delete()
    mount = unmount()
    later = timezone.now() + timedelta(days=2)
    with pytest.raises(StorageUnreachable):
        sweep_parts(begun_before=later)
    assert StoredParts.unscoped.count() == 1
    mount()
    assert sweep_parts(begun_before=later) == 1
    assert stored() == []


def test_a_check_names_it(document, unmount, folder):
    asked = {"app_configs": None, "databases": ["default"]}
    assert storage_checks.check_documents_are_there(**asked) == []
    unmount()
    (found,) = storage_checks.check_documents_are_there(**asked)
    assert (found.id, "connexion_setup --documents" in found.hint) == ("connexion.E019", True)
    call_command("connexion_setup", "--documents", stdout=StringIO())  # restored without its mark
    assert storage_checks.check_documents_are_there(**asked) == []
    assert storage_checks.check_documents_are_there(None) == []


@pytest.mark.django_db(transaction=True)
def test_a_folder_whose_documents_have_all_gone_is_not_marked_anew(sending, unmount):
    """Once it was marked, one without the mark is another, whatever the rows hold by now."""
    sending.create(5, body=PLAIN[:5])
    assert sending.ask("DELETE").status_code == 204
    assert not any(model.unscoped.exists() for model in (StoredParts, Upload, Attachment))
    mount = unmount()
    assert [one.id for one in storage_checks.check_documents_are_there(None, databases=["default"])] == [
        "connexion.E019"
    ]
    assert sending.create(5).status_code == 503
    assert stored() == []
    mount()
    assert sending.create(5).status_code == 201


def test_before_the_first_document_there_is_nothing_to_miss(sending, unmount):
    unmount()
    assert storage_checks.check_documents_are_there(None, databases=["default"]) == []
    assert sending.create(len(PLAIN), body=PLAIN).status_code == 201
