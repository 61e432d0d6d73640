"""What was altered, or has lost its key, is said in words where it stood, and shuts nothing else (spec C8, sealing.md)."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from connexion_plugin.access import address_book_of
from connexion_plugin.actions import contacts
from connexion_plugin.actions.drafts import save_reply_draft
from connexion_plugin.exceptions import KeyLost, Tampered
from connexion_plugin.models import (
    Attachment,
    Contact,
    Conversation,
    Draft,
    EpochKey,
    Message,
    Upload,
)
from connexion_plugin.sealing import keys
from tests.actions.test_expiry import parts_of_this_test, post_with_documents  # noqa: F401
from tests.actions.test_holds_in_succession import lose
from tests.conftest import sign_in
from tests.factories.conversations import in_days, post, seat_of, start
from tests.sealing.conftest import store, use_store  # noqa: F401

pytestmark = pytest.mark.django_db
LOST = "The key store lacks the key of epoch X."


@pytest.fixture
def house(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org"])


@pytest.fixture
def reader(bob):
    return sign_in(Client(), bob)


@pytest.fixture
def no_key(monkeypatch):
    def lost(*args, **more):
        raise KeyLost(LOST)

    for name in ("open_epoch", "open_held"):
        monkeypatch.setattr(keys, name, lost)


def alter(row, field):
    """One bit of what is sealed."""
    sealed = bytearray(bytes(getattr(row, field)))
    sealed[-1] ^= 1
    type(row).unscoped.filter(pk=row.pk).update(**{field: bytes(sealed)})


def page(client, name, *ids):
    answer = client.get(reverse(f"connexion:{name}", args=ids))
    assert answer.status_code == 200, name
    return answer.content.decode()


def reference_in(caplog, status=503):
    [reference] = re.findall(rf"error (\w{{8}}) status={status}: {LOST}", caplog.text)
    return reference


# Altered


@pytest.mark.parametrize("field", ["title_sealed", "title_key"])
def test_a_title_that_was_altered_hides_neither_the_others_nor_its_conversation(
    house, reader, bob, alice_enrolment, field
):
    start(alice_enrolment, to=["bob@example.org"], title="Un autre dossier")
    alter(Conversation.unscoped.get(pk=house.pk), field)
    inbox = page(reader, "inbox", seat_of(bob, house).persona_id)
    assert "Un autre dossier" in inbox
    assert "Titre illisible" in inbox
    for name in ("conversation", "print_conversation", "activity", "readers"):
        assert "Titre illisible" in page(reader, name, house.pk)
    assert (
        "Un autre dossier"
        in reader.get(
            reverse("connexion:inbox", args=[seat_of(bob, house).persona_id]), {"search": "autre"}
        ).content.decode()
    )


@pytest.mark.parametrize("field", ["text_sealed", "key"])
def test_a_message_that_was_altered_says_so_and_the_others_are_read(house, reader, alice, bob, field):
    post(bob, house, "Celui-ci est entier.")
    broken = post(bob, house, "Celui-ci ne l’est pas.")
    alter(broken, field)
    for name in ("conversation", "print_conversation"):
        shown = page(reader, name, house.pk)
        assert "Celui-ci est entier." in shown
        assert "Celui-ci ne l’est pas." not in shown
        assert str(Tampered.sentence) in shown
    archive = b"".join(
        reader.get(reverse("connexion:download_conversation", args=[house.pk])).streaming_content
    )
    assert "Celui-ci est entier." in archive.decode(errors="ignore")
    assert str(Tampered.sentence) in archive.decode(errors="ignore")


@pytest.mark.spec("C12")
@pytest.mark.parametrize("field", ["text_sealed", "key"])
def test_a_message_that_was_altered_can_be_withdrawn(house, reader, bob, field):
    broken = post(bob, house, "Celui-ci n’est plus entier.")
    alter(broken, field)
    url = reverse("connexion:withdraw_message", args=[house.pk, broken.pk])
    assert reader.get(url).status_code == 200
    assert reader.post(url).status_code == 302
    assert Message.unscoped.get(pk=broken.pk).withdrawn_at is not None


@pytest.mark.parametrize("field", ["name_sealed", "key"])
def test_a_document_whose_row_was_altered_says_so_beside_its_text(house, reader, alice, bob, field):
    post_with_documents(bob, house, days=30)
    alter(Attachment.unscoped.get(), field)
    shown = page(reader, "conversation", house.pk)
    assert "Voici le devis." in shown
    assert "Nom illisible" in shown
    assert reader.get(reverse("connexion:download_conversation", args=[house.pk])).status_code == 200


@pytest.mark.spec("C8")
@pytest.mark.parametrize("field", ["content_sealed", "key"])
def test_a_draft_that_was_altered_does_not_keep_its_author_from_writing_on(house, reader, bob, field):
    draft = save_reply_draft(
        participation=seat_of(bob, house), draft_id=uuid4(), typed={"text": "Avant"}, revision=None
    )
    alter(draft, field)
    url = reverse("connexion:post_message", args=[house.pk, draft.pk])
    answer = reader.get(url)
    assert answer.status_code == 200
    assert str(Tampered.sentence) in answer.content.decode()
    typed = {"text": "Après", "expires_in_days": 30, "draft_revision": 1, "documents": ""}
    assert reader.post(url, {**typed, "save_draft": "1"}).status_code == 302
    assert "Après" in reader.get(url).content.decode()
    assert reader.post(url, {**typed, "draft_revision": 2}).status_code == 302
    assert Message.unscoped.count() == 2
    assert not Draft.unscoped.exists()


@pytest.mark.spec("B6")
def test_a_contact_that_was_altered_keeps_its_address_and_shuts_no_book(alice, alice_enrolment):
    client = sign_in(Client(), alice)
    book = address_book_of(alice, alice_enrolment.pk)
    for name in ("bruno", "zoe"):
        contacts.add_contact(book=book, entry=contacts.Entry(f"{name}@example.ca", "fr", f"Nom de {name}"))
    broken = Contact.unscoped.get(address="bruno@example.ca")
    alter(broken, "details_sealed")
    shown = page(client, "address_book", alice_enrolment.pk)
    assert "bruno@example.ca" in shown
    assert "Nom de zoe" in shown
    url = reverse("connexion:change_contact", args=[alice_enrolment.pk, broken.pk])
    again = {"address": "bruno@example.ca", "name": "Bruno", "language": "fr", "note": ""}
    assert client.get(url).status_code == 200
    assert client.post(url, again).status_code == 302
    assert "Bruno" in page(client, "address_book", alice_enrolment.pk)


# A key that is lost


@pytest.mark.spec("C8")
@pytest.mark.parametrize("kind", ["reply", "start"])
def test_the_script_that_keeps_a_draft_is_told_with_a_reference(house, alice, no_key, caplog, kind):
    client = sign_in(Client(), alice)
    url = (
        reverse("connexion:reply_draft", args=[house.pk, uuid4()])
        if kind == "reply"
        else reverse("connexion:start_draft", args=[uuid4()])
    )
    answer = client.post(url, {"text": "Tapé pendant une heure", "draft_revision": ""})
    assert answer.status_code == 503
    said = answer.json()["sentence"]
    assert str(KeyLost.sentence) in said
    assert reference_in(caplog) in said
    assert "Tapé" not in caplog.text


@pytest.mark.spec("D2")
def test_an_upload_that_cannot_be_kept_is_told_with_a_reference(house, reader, no_key, caplog):
    answer = reader.post(
        reverse("connexion:reply_uploads", args=[house.pk, uuid4()]),
        headers={"Tus-Resumable": "1.0.0", "Upload-Length": "10"},
    )
    assert answer.status_code == 503
    assert reference_in(caplog) in answer.content.decode()
    assert not Upload.unscoped.exists()


@pytest.mark.spec("E1")
def test_an_expiry_that_cannot_be_moved_is_a_page_with_a_reference(house, alice, no_key, caplog):
    url = reverse("connexion:change_expiry", args=[house.pk, Message.unscoped.get().pk])
    answer = sign_in(Client(), alice).post(url, {"day": in_days(30).date().isoformat()})
    body = answer.content.decode()
    assert answer.status_code == 503
    assert escape(str(KeyLost.sentence)) in body
    assert reference_in(caplog) in body


@pytest.mark.spec("C8")
def test_a_real_key_that_was_lost_is_told_the_same(house, reader, bob):
    save_reply_draft(
        participation=seat_of(bob, house), draft_id=uuid4(), typed={"text": "Avant"}, revision=None
    )
    draft = Draft.unscoped.get()
    lose(EpochKey.objects.get(pk=draft.epoch_id))
    answer = reader.post(
        reverse("connexion:reply_draft", args=[house.pk, draft.pk]), {"text": "Après", "draft_revision": 1}
    )
    assert answer.status_code == 503


@pytest.fixture
def no_store(store, house, tmp_path):  # noqa: F811
    """The folder of the keys is not mounted any more; the process has just begun to work without it."""

    def unmount():
        standing = keys.standing_key()
        (tmp_path / "keys").rename(tmp_path / "away")
        keys.forget()
        keys._cache.keep({keys.STANDING: standing})  # minutes old: sessions stand

    return unmount


@pytest.mark.spec("C8")
def test_without_the_store_of_keys_what_was_typed_stays_on_the_page(no_store, house, reader, caplog):
    key = uuid4()
    page(reader, "post_message", house.pk, key)
    no_store()
    typed = {"text": "Tapé pendant une heure", "expires_in_days": 30}
    answer = reader.post(reverse("connexion:post_message", args=[house.pk, key]), typed)
    assert answer.status_code == 503
    assert "Tapé pendant une heure" in answer.content.decode()
    assert "takes no key: No such file" in caplog.text
    draft = reader.post(
        reverse("connexion:reply_draft", args=[house.pk, key]), {**typed, "draft_revision": ""}
    )
    assert (draft.status_code, draft["Content-Type"]) == (503, "application/json")


@pytest.mark.spec("B1")
def test_without_the_store_of_keys_no_title_passes_for_expired(no_store, house, reader, bob):
    inbox = reverse("connexion:inbox", args=[seat_of(bob, house).persona_id])
    no_store()
    for address in (inbox, reverse("connexion:conversation", args=[house.pk])):
        answer = reader.get(address)
        assert answer.status_code == 503
        assert "Titre expiré" not in answer.content.decode()
        assert "Conversations inaccessibles pour le moment" in answer.content.decode()


@pytest.mark.spec("C8")
@pytest.mark.parametrize("kind", ["reply", "start"])
def test_without_the_store_of_keys_a_draft_does_not_open_empty_over_itself(
    no_store, house, alice, tmp_path, kind
):
    client, key = sign_in(Client(), alice), uuid4()
    form, save = {
        "reply": ("post_message", "reply_draft"),
        "start": ("start_conversation_draft", "start_draft"),
    }[kind]
    ids = [house.pk, key] if kind == "reply" else [key]
    url = reverse(f"connexion:{form}", args=ids)
    typed = {"text": "Une heure de frappe", "draft_revision": ""}
    assert client.post(reverse(f"connexion:{save}", args=ids), typed).status_code == 200
    no_store()
    away = client.get(url)
    assert away.status_code == 503
    assert "Conversations inaccessibles pour le moment" in away.content.decode()
    assert 'name="draft_revision"' not in away.content.decode()
    sent = client.post(url, {"text": "Tapé depuis", "expires_in_days": 30, "draft_revision": 1})
    assert "Tapé depuis" in sent.content.decode()
    (tmp_path / "away").rename(tmp_path / "keys")
    keys.forget()
    assert "Une heure de frappe" in page(client, form, *ids)


@pytest.mark.spec("C8")
def test_a_draft_whose_key_is_lost_for_good_lets_its_author_go_on(house, reader, bob, monkeypatch):
    draft = save_reply_draft(
        participation=seat_of(bob, house), draft_id=uuid4(), typed={"text": "Avant"}, revision=None
    )

    def lost(*args, **more):
        raise KeyLost(LOST)

    monkeypatch.setattr("connexion_plugin.views.drafts.read_draft", lost)
    assert escape(str(KeyLost.sentence)) in page(reader, "post_message", house.pk, draft.pk)
