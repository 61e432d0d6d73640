"""Limits, quotas, and a storage that is full or fails (spec D1, D2)."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from connexion_plugin.actions import receiving
from connexion_plugin.documents import form_room, limits, parts, uploads
from connexion_plugin.documents.parts import StorageFull, sealed_storage
from connexion_plugin.models import Conversation, Draft, Message, Persona, Upload
from connexion_plugin.sealing.segments import PART_BYTES
from tests.conftest import sign_in
from tests.factories import enrol, verify_address
from tests.views.uploads.sending import PLAIN, Sending, posted_document, stored

pytestmark = pytest.mark.spec("D2")


def test_the_limit_of_a_message_counts_what_is_announced(sending, organization):
    organization.message_limit_bytes = 2048
    organization.save()
    assert sending.create(1500).status_code == 201
    refused = sending.create(1000)
    assert refused.status_code == 413
    assert refused.content.decode()
    assert sending.create(548).status_code == 201


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("UNPOSTED_LIMIT_BYTES", 100, 413),
        ("MESSAGE_FILES_LIMIT", 1, 413),
        ("FREE_SPACE_FLOOR_BYTES", 2**60, 507),
    ],
)
def test_each_limit_has_its_answer(sending, settings, name, value, status):
    assert sending.create(60).status_code == 201
    settings.CONNEXION = {**settings.CONNEXION, name: value}
    assert sending.create(60).status_code == status
    assert Upload.unscoped.count() == 1


def test_an_organizations_quota_counts_posted_and_unposted(sending, organization, alice):
    organization.storage_quota_bytes = 100
    organization.save()
    assert sending.create(60, body=b"x" * 60).status_code == 201
    assert sending.post().status_code == 302
    other = Sending(sign_in(Client(), alice), sending.conversation)
    assert other.create(30).status_code == 201
    assert other.create(11).status_code == 507
    again = Sending(sending.client, sending.conversation)
    assert again.create(11).status_code == 507
    assert again.create(10).status_code == 201


def test_a_form_is_held_to_the_quota_too(sending, organization):
    organization.storage_quota_bytes = 100
    organization.save()
    answer = sending.post(text="Bonjour", documents=SimpleUploadedFile("a.pdf", b"x" * 101))
    assert answer.status_code == 409
    assert Message.unscoped.count() == 1


def test_a_form_beyond_the_quota_is_refused_before_a_part_is_written(sending, organization, monkeypatch):
    organization.storage_quota_bytes = 1000
    organization.save()
    monkeypatch.setattr(uploads, "keep_part", lambda *part: pytest.fail("a part was written"))
    answer = sending.post(text="Voici tout.", documents=SimpleUploadedFile("a.pdf", bytes(9 * 1024**2)))
    assert answer.status_code == 409
    assert "Voici tout." in answer.content.decode()
    assert not Upload.unscoped.exists()


def test_a_long_text_takes_no_room_of_the_document_beside_it(sending, organization):
    organization.storage_quota_bytes = 1000
    organization.save()
    answer = sending.post(text="x" * 40_000, documents=SimpleUploadedFile("a.pdf", b"x" * 1000))
    assert answer.status_code == 302


def test_the_room_that_others_take_while_a_form_comes_is_seen(sending, organization, monkeypatch):
    organization.storage_quota_bytes = 100 * 1024**2
    organization.save()
    written, keep = [], uploads.keep_part

    def filled_up(*part):
        organization.storage_quota_bytes = 1
        organization.save()
        written.append(part)
        keep(*part)

    monkeypatch.setattr(uploads, "keep_part", filled_up)
    monkeypatch.setattr(form_room, "ASKED_BYTES", PART_BYTES)
    answer = sending.post(text="Voici.", documents=SimpleUploadedFile("a.pdf", bytes(5 * PART_BYTES)))
    assert answer.status_code == 409
    assert len(written) < 3
    assert stored() == []


def test_so_is_the_form_that_starts_a_conversation(alice, alice_enrolment, organization):
    organization.storage_quota_bytes = 100
    organization.save()
    typed = {"title": "Acte", "addresses": "bob@example.org", "language": "fr", "expires_in_days": 364}
    form = reverse("connexion:start_conversation_draft", args=[uuid4()])
    documents = SimpleUploadedFile("a.pdf", b"x" * 101)
    answer = sign_in(Client(), alice).post(form, {**typed, "text": "Voici.", "documents": documents})
    assert answer.status_code == 409
    assert not Message.unscoped.exists()


def test_no_room_under_way_is_507_and_it_goes_on_when_there_is(sending, settings, monkeypatch):
    sending.create(len(PLAIN))
    sending.patch(0, PLAIN[:1000])
    write = parts.write_part

    def full(storage, document, index, sealed, **how):
        if index == 0:
            raise StorageFull
        write(storage, document, index, sealed, **how)

    monkeypatch.setattr(parts, "write_part", full)
    assert sending.patch(1000, PLAIN[1000:]).status_code == 507
    assert sending.offset == 1000
    monkeypatch.setattr(parts, "write_part", write)
    monkeypatch.setattr(receiving, "has_room", lambda storage, more: False)
    assert sending.patch(1000, PLAIN[1000:]).status_code == 507
    monkeypatch.setattr(receiving, "has_room", limits.has_room)
    assert sending.patch(1000, PLAIN[1000:]).status_code == 204
    sending.post()
    assert posted_document()[1] == PLAIN


def test_a_storage_that_fails_is_503_and_what_was_counted_stands(sending, monkeypatch):
    sending.create(len(PLAIN))
    write = parts.write_part

    def broken(storage, document, index, sealed, **how):
        if isinstance(index, str):
            raise PermissionError("no such bucket")
        write(storage, document, index, sealed, **how)

    monkeypatch.setattr(parts, "write_part", broken)
    assert sending.patch(0, PLAIN[:-1]).status_code == 503
    assert sending.offset == PART_BYTES
    monkeypatch.undo()
    assert sending.patch(PART_BYTES, PLAIN[PART_BYTES:]).status_code == 204
    sending.post()
    assert posted_document()[1] == PLAIN


def test_a_tail_that_was_lost_makes_it_begin_afresh(sending):
    sending.create(10)
    sending.patch(0, b"abc")
    storage = sealed_storage()
    storage.delete(f"{stored()[0]}/{Upload.unscoped.get().tail}")
    assert sending.patch(3, b"defghij").status_code == 410
    assert not Upload.unscoped.exists()


@pytest.mark.spec("D1")
def test_what_a_form_brings_and_what_came_by_pieces_are_one_message(sending, organization):
    organization.message_limit_bytes = 100
    organization.save()
    sending.create(60, body=b"x" * 60)
    answer = sending.post(text="Voici", documents=SimpleUploadedFile("a.pdf", b"x" * 60))
    assert answer.status_code == 409
    assert Message.unscoped.count() == 1
    assert sending.offset == 60
    assert sending.post(text="Voici", documents=SimpleUploadedFile("a.pdf", b"x" * 40)).status_code == 302


class Starting(Sending):
    """The same for a new conversation."""

    def __init__(self, client):
        self.client, self.key = client, uuid4()
        self.where, self.url = reverse("connexion:start_uploads", args=[self.key]), ""

    def post_from(self, enrolment, **fields):
        form = reverse("connexion:start_conversation_draft", args=[self.key])
        typed = {"title": "Acte", "addresses": "bob@example.org", "language": "fr", "expires_in_days": 90}
        if draft := Draft.unscoped.filter(pk=self.key).first():
            typed["draft_revision"] = draft.revision
        return self.client.post(form, {**typed, "text": "", "collaborator": str(enrolment.pk), **fields})


@pytest.fixture
def starting(alice, alice_enrolment, other_organization):
    """Alice, enrolled by two organizations, has uploaded 60 bytes for the first."""
    second = enrol(other_organization, "alice@harbour.example")
    verify_address(alice, "alice@harbour.example")
    starting = Starting(sign_in(Client(), alice))
    starting.where += f"?persona={Persona.unscoped.get(address=alice_enrolment.address).pk}"
    assert starting.create(60, body=b"x" * 60).status_code == 201
    assert Draft.unscoped.get().organization == alice_enrolment.organization
    starting.second = second
    return starting


@pytest.mark.parametrize("limit", ["storage_quota_bytes", "message_limit_bytes"])
@pytest.mark.parametrize("is_saved_first", [True, False])
def test_the_organization_that_is_chosen_in_the_end_must_have_the_room(
    starting, other_organization, limit, is_saved_first
):
    setattr(other_organization, limit, 50)
    other_organization.save()
    if is_saved_first:
        starting.post_from(starting.second, save_draft="1")
        assert Draft.unscoped.get().organization == other_organization
    assert starting.post_from(starting.second).status_code == 409
    assert not Conversation.unscoped.exists()
    assert starting.offset == 60
    setattr(other_organization, limit, 60)
    other_organization.save()
    assert starting.post_from(starting.second).status_code == 302
    assert Conversation.unscoped.get().organization == other_organization
