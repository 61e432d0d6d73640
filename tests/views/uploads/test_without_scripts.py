"""Documents that a form brings, kept with its draft (spec D2, C8)."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from connexion_plugin.models import Draft, Message, Upload
from tests.views.uploads.sending import posted_document, stored

pytestmark = pytest.mark.spec("D2")


def attached(name="pièce.pdf", content=b"abc"):
    return SimpleUploadedFile(name, content)


def test_a_form_that_is_kept_keeps_its_documents(sending):
    answer = sending.post(text="Bientôt", documents=attached(), save_draft="1")
    assert answer.status_code == 302
    page = sending.client.get(answer["Location"]).content.decode()
    assert "pièce.pdf" in page
    assert 'name="remove_upload"' in page
    revision = Draft.unscoped.get().revision
    assert sending.post(text="Bientôt", draft_revision=revision).status_code == 302
    assert posted_document() == ("pièce.pdf", b"abc")


def test_a_form_that_could_not_be_sent_keeps_its_documents(sending):
    answer = sending.post(text="Bonjour", expires_in_days="never", documents=attached())
    assert answer.status_code == 422
    assert "pièce.pdf" in answer.content.decode()
    revision = Draft.unscoped.get().revision
    assert sending.post(text="Bonjour", draft_revision=revision).status_code == 302
    assert posted_document()[1] == b"abc"


@pytest.mark.django_db(transaction=True)
def test_a_button_takes_a_document_back(sending):
    sending.create(3, body=b"abc")
    upload = Upload.unscoped.get()
    for wrong in ("nothing", str(uuid4())):
        sending.post(text="Bonjour", remove_upload=wrong, draft_revision=Draft.unscoped.get().revision)
        assert Upload.unscoped.count() == 1
    revision = Draft.unscoped.get().revision
    answer = sending.post(text="Bonjour", remove_upload=str(upload.pk), draft_revision=revision)
    assert answer.status_code == 302
    assert not Upload.unscoped.exists()
    assert stored() == []
    assert Message.unscoped.count() == 1


def test_documents_that_find_no_room_are_not_kept_and_the_page_says_so(sending, settings):
    settings.CONNEXION = {**settings.CONNEXION, "UNPOSTED_LIMIT_BYTES": 2}
    answer = sending.post(text="Bonjour", documents=attached(), save_draft="1")
    assert answer.status_code == 409
    assert "Bonjour" in answer.content.decode()
    assert stored() == []


@pytest.mark.parametrize(("brought", "kept"), [(5, 0), (2, 2)])
def test_a_form_that_is_kept_is_held_to_the_number_of_documents(sending, settings, brought, kept):
    settings.CONNEXION = {**settings.CONNEXION, "MESSAGE_FILES_LIMIT": 2}
    documents = [attached(name=f"{number}.pdf") for number in range(brought)]
    answer = sending.post(text="Bonjour", documents=documents, save_draft="1")
    assert answer.status_code == (302 if kept else 409)
    assert Upload.unscoped.count() == kept
    assert len(stored()) == kept


@pytest.mark.spec("D1", "C8")
@pytest.mark.parametrize("button", [{}, {"save_draft": "1"}])
def test_more_documents_than_a_form_may_bring_get_the_page_with_what_was_typed(sending, settings, button):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3
    documents = [attached() for _ in range(4)]
    answer = sending.post(text="Une heure de travail", documents=documents, **button)
    assert answer.status_code == 413
    assert "Une heure de travail" in answer.content.decode()
    assert Draft.unscoped.exists()
    assert stored() == []


def test_a_document_alone_is_a_message(sending):
    sending.create(3, body=b"abc")
    assert sending.post(text="").status_code == 302
    assert posted_document()[1] == b"abc"


@pytest.mark.parametrize("button", [{}, {"save_draft": "1"}])
def test_what_is_unfinished_and_takes_the_room_is_named_with_its_button(sending, settings, button):
    """Begun in another browser, it is the larger half of what one may keep unposted."""
    settings.CONNEXION = {**settings.CONNEXION, "UNPOSTED_LIMIT_BYTES": 5}
    sending.create(3, name="devis.pdf", body=b"a")
    answer = sending.post(text="Bonjour", documents=attached(), draft_revision=1, **button)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "L’envoi de «\u00a0devis.pdf\u00a0» est inachevé, et il occupe la place" in page
    assert "Envoi inachevé. Retirez-le, et choisissez de nouveau le fichier." in page
    assert f'name="remove_upload" value="{Upload.unscoped.get().pk}"' in page


def test_what_takes_the_room_is_removed_though_the_form_brings_its_successor(sending, settings):
    settings.CONNEXION = {**settings.CONNEXION, "UNPOSTED_LIMIT_BYTES": 5}
    sending.create(3, name="devis.pdf", body=b"a")
    unfinished = Upload.unscoped.get().pk
    answer = sending.post(
        text="Bonjour", documents=attached(), draft_revision=1, remove_upload=str(unfinished)
    )
    assert answer.status_code == 302
    assert not Upload.unscoped.filter(pk=unfinished).exists()
    assert sending.post(text="Bonjour", draft_revision=2).status_code == 302
    assert posted_document() == ("pièce.pdf", b"abc")
