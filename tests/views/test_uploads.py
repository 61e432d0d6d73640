"""tus 1.0 as a client meets it: each rule of the protocol, and ours, has its own answer (spec D2)."""

import base64
import hashlib
import os
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connexion_plugin.actions import receiving
from connexion_plugin.actions.documents import open_document, read_name, sweep_parts
from connexion_plugin.actions.expiry import UPLOAD_HOURS
from connexion_plugin.actions.participants import remove
from connexion_plugin.actions.uploads import sweep_uploads
from connexion_plugin.documents import limits
from connexion_plugin.documents.parts import StorageFull, sealed_storage
from connexion_plugin.models import Attachment, Draft, Message, StoredParts, Upload
from connexion_plugin.sealing.segments import PART_BYTES
from tests.conftest import sign_in
from tests.factories import make_person
from tests.factories.conversations import seat_of, start

pytestmark = pytest.mark.spec("D2")
PLAIN = os.urandom(PART_BYTES + 300_000)
TUS = {"Tus-Resumable": "1.0.0"}
NAME = "Relevé 2026.pdf"


@pytest.fixture(autouse=True)
def storage_of_its_own(settings, tmp_path):
    (tmp_path / "parts").mkdir()
    parts = {**settings.STORAGES["connexion"], "OPTIONS": {"location": tmp_path / "parts"}}
    settings.STORAGES = {**settings.STORAGES, "connexion": parts}


@pytest.fixture
def conversation(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org"])


@pytest.fixture
def reader(bob):
    return sign_in(Client(), bob)


class Sending:
    """One document on its way into one draft."""

    def __init__(self, client, conversation, key=None):
        self.client, self.conversation, self.key = client, conversation, key or uuid4()
        self.where = reverse("connexion:reply_uploads", args=[conversation.pk, self.key])
        self.url = ""

    def ask(self, method, url=None, body=b"", kind="application/offset+octet-stream", **headers):
        return self.client.generic(
            method, url or self.url, body, kind, headers={**TUS, **headers}, CONTENT_TYPE=kind
        )

    def create(self, length, name=NAME, body=b"", **headers):
        given = {"Upload-Length": str(length), "Upload-Metadata": meta(name), **headers}
        answer = self.ask("POST", self.where, body, **given)
        self.url = answer.headers.get("Location", "")
        return answer

    def patch(self, offset, body, **headers):
        return self.ask("PATCH", body=body, **{"Upload-Offset": str(offset), **headers})

    @property
    def offset(self):
        return int(self.ask("HEAD")["Upload-Offset"])

    def post(self, **fields):
        url = reverse("connexion:post_message", args=[self.conversation.pk, self.key])
        return self.client.post(url, {"text": "", "expires_in_days": 90, **fields})


def meta(name):
    return f"filename {base64.b64encode(name.encode()).decode()},filetype YXBwbGljYXRpb24vcGRm"


def checksum(body, name="sha1"):
    return {"Upload-Checksum": f"{name} {base64.b64encode(hashlib.new(name, body).digest()).decode()}"}


@pytest.fixture
def sending(reader, conversation):
    return Sending(reader, conversation)


def stored():
    storage = sealed_storage()
    folders, _files = storage.listdir("")
    return sorted(folder for folder in folders if storage.listdir(folder)[1])


def posted_document():
    attachment = Attachment.unscoped.select_related("message").get()
    return read_name(attachment), b"".join(open_document(attachment).read())


# The way of a document


def test_it_comes_in_pieces_and_is_posted_with_its_draft(sending):
    created = sending.create(len(PLAIN))
    assert (created.status_code, created["Upload-Offset"]) == (201, "0")
    assert created["Tus-Resumable"] == "1.0.0"
    assert "GMT" in created["Upload-Expires"]
    place = 0
    for size in (1, 100_000, PART_BYTES, len(PLAIN)):
        piece = PLAIN[place : place + size]
        answer = sending.patch(place, piece)
        place += len(piece)
        assert (answer.status_code, answer["Upload-Offset"]) == (204, str(place))
        assert sending.offset == place
    assert sending.ask("HEAD")["Upload-Length"] == str(len(PLAIN))
    assert sending.post().status_code == 302
    assert posted_document() == (NAME, PLAIN)
    assert not Draft.unscoped.exists()
    assert not StoredParts.unscoped.exists()
    assert [name for name in sealed_storage().listdir(stored()[0])[1] if name.startswith("tail")] == []


def test_a_document_may_come_with_its_creation_and_a_second_one_beside_it(sending):
    assert sending.create(5, body=b"hello")["Upload-Offset"] == "5"
    assert sending.create(0, name="vide.txt")["Upload-Offset"] == "0"
    assert sending.post(text="Deux documents").status_code == 302
    found = {read_name(row): row.size for row in Attachment.unscoped.select_related("message")}
    assert found == {NAME: 5, "vide.txt": 0}


def test_names_are_made_safe_when_they_come_in(sending):
    sending.create(1, name="../../etc/pass\u202ewd", body=b"x")
    header = sending.ask("HEAD")["Upload-Metadata"].removeprefix("filename ")
    assert base64.b64decode(header).decode() == "passwd"


def test_a_new_conversation_is_started_with_what_was_uploaded(alice, alice_enrolment):
    owner, key = sign_in(Client(), alice), uuid4()
    where = reverse("connexion:start_uploads", args=[key])
    headers = {**TUS, "Upload-Length": "3", "Upload-Metadata": meta(NAME)}
    created = owner.generic("POST", where, b"abc", "application/offset+octet-stream", headers=headers)
    assert created.status_code == 201
    typed = {"title": "Acte", "addresses": "bob@example.org", "language": "fr", "expires_in_days": 364}
    form = reverse("connexion:start_conversation_draft", args=[key])
    assert owner.post(form, {**typed, "text": "Voici."}).status_code == 302
    assert posted_document() == (NAME, b"abc")


def test_options_say_what_can_be_done(sending, organization):
    answer = sending.client.options(sending.where)
    assert answer.status_code == 204
    assert answer["Tus-Version"] == "1.0.0"
    assert set(answer["Tus-Extension"].split(",")) >= {"creation", "checksum", "expiration", "termination"}
    assert answer["Tus-Max-Size"] == str(organization.message_limit_bytes)
    assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256"
    sending.create(1)
    assert sending.client.options(sending.url)["Tus-Version"] == "1.0.0"


def test_a_proxy_that_lets_only_posts_through_is_no_end(sending):
    sending.create(3)
    answer = sending.ask("POST", body=b"abc", **{"X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0"})
    assert answer["Upload-Offset"] == "3"
    assert sending.ask("POST", **{"X-HTTP-Method-Override": "DELETE"}).status_code == 204
    assert not Upload.unscoped.exists()


# What is refused


def test_another_version_of_the_protocol(sending):
    sending.create(3)
    for method, url in (("POST", sending.where), ("HEAD", sending.url), ("PATCH", sending.url)):
        answer = sending.ask(method, url, **{"Tus-Resumable": "0.2.2", "Upload-Length": "1"})
        assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": "many"}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Defer-Length": "1"}, 400),
        ({"Upload-Metadata": "filename not*base64"}, 400),
        ({"Upload-Metadata": "filename YQ==,filename YQ=="}, 400),
        ({"Upload-Metadata": "filename /w=="}, 400),
    ],
)
def test_a_creation_that_cannot_be_understood(sending, headers, status):
    assert sending.create(3, **headers).status_code == status
    assert not Upload.unscoped.exists()


def test_a_wrong_offset_a_wrong_type_and_a_body_that_is_too_long(sending):
    sending.create(10)
    sending.patch(0, b"abc")
    assert sending.patch(0, b"abc").status_code == 409
    assert sending.patch(5, b"abc").status_code == 409
    assert sending.ask("PATCH", body=b"x", kind="text/plain", **{"Upload-Offset": "3"}).status_code == 415
    assert sending.patch("x", b"abc").status_code == 400
    assert sending.patch(3, b"x" * 8).status_code == 413
    assert sending.offset == 3
    assert sending.patch(3, b"defghij").status_code == 204


def test_a_last_piece_whose_answer_was_lost_may_be_asked_again(sending):
    sending.create(3, body=b"abc")
    assert sending.patch(3, b"").status_code == 204
    assert sending.patch(0, b"abc").status_code == 409


@pytest.mark.parametrize("name", ["sha1", "sha256"])
def test_a_checksum_that_does_not_hold_keeps_nothing(sending, name):
    sending.create(len(PLAIN))
    sending.patch(0, PLAIN[:100], **checksum(PLAIN[:100], name))
    answer = sending.patch(100, PLAIN[100:], **checksum(b"other bytes", name))
    assert (answer.status_code, answer.reason_phrase) == (460, "Checksum Mismatch")
    assert sending.offset == 100
    assert sending.patch(100, PLAIN[100:], **checksum(PLAIN[100:], name)).status_code == 204
    sending.post()
    assert posted_document()[1] == PLAIN


@pytest.mark.parametrize("header", ["md4 aaaa", "sha1 not*base64", "sha1 YWJj", "sha1"])
def test_a_checksum_that_cannot_be_understood(sending, header):
    sending.create(3)
    assert sending.patch(0, b"abc", **{"Upload-Checksum": header}).status_code == 400
    assert sending.offset == 0


def test_somebody_elses_upload_is_not_there(alice, charlie, sending):
    sending.create(3)
    for person in (alice, charlie):
        other = Sending(sign_in(Client(), person), sending.conversation)
        other.url = sending.url
        for answer in (other.ask("HEAD"), other.patch(0, b"abc"), other.ask("DELETE"), other.ask("OPTIONS")):
            assert answer.status_code == 404
    assert sending.offset == 0
    assert Sending(sign_in(Client(), charlie), sending.conversation).create(1).status_code == 404


def test_without_its_token_nothing_is_taken(bob, conversation):
    client = sign_in(Client(enforce_csrf_checks=True), bob)
    sending = Sending(client, conversation)
    assert sending.create(3).status_code == 403
    token = client.get(reverse("connexion:reply_draft", args=[conversation.pk, sending.key])).json()["token"]
    assert sending.create(3, **{"X-CSRFToken": token}).status_code == 201
    assert sending.patch(0, b"abc").status_code == 403
    assert sending.patch(0, b"abc", **{"X-CSRFToken": token}).status_code == 204


def test_signed_out_it_waits(reader, sending):
    sending.create(6)
    sending.patch(0, b"abc")
    url, person = sending.url, seat_of_reader(sending)
    reader.logout()
    assert sending.patch(3, b"def").status_code == 302
    again = Sending(sign_in(Client(), person), sending.conversation, sending.key)
    again.url = url
    assert again.offset == 3
    assert again.patch(3, b"def").status_code == 204


def seat_of_reader(sending):
    return Draft.unscoped.select_related("author").get(pk=sending.key).author


def test_after_posting_and_after_deleting_it_is_gone(sending):
    sending.create(3, body=b"abc")
    url = sending.url
    sending.post()
    assert sending.ask("HEAD", url).status_code == 404
    other = Sending(sending.client, sending.conversation)
    other.create(3)
    other.patch(0, b"ab")
    assert len(stored()) == 2
    assert other.ask("DELETE").status_code == 204
    assert other.ask("HEAD").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_what_is_given_up_leaves_no_part(sending):
    sending.create(len(PLAIN))
    sending.patch(0, PLAIN[:-1])
    assert stored()
    sending.ask("DELETE")
    assert stored() == []
    assert not StoredParts.unscoped.exists()


@pytest.mark.django_db(transaction=True)
def test_deleting_the_draft_deletes_what_was_uploaded_to_it(sending):
    sending.create(len(PLAIN), body=PLAIN)
    sending.client.post(reverse("connexion:discard_draft", args=[sending.key]))
    assert not Upload.unscoped.exists()
    assert stored() == []


@pytest.mark.django_db(transaction=True)
def test_the_end_of_the_seat_is_the_end_of_its_uploads(alice, bob, sending):
    sending.create(len(PLAIN), body=PLAIN)
    remove(by=seat_of(alice, sending.conversation), participation=seat_of(bob, sending.conversation))
    assert sending.ask("HEAD").status_code == 404
    assert stored() == []


@pytest.mark.django_db(transaction=True)
def test_what_stands_still_for_too_long_is_given_up(sending):
    sending.create(10)
    sending.patch(0, b"abc")
    Upload.unscoped.update(expires_at=timezone.now())
    assert sending.patch(3, b"def").status_code == 410
    assert sending.ask("HEAD").status_code == 404
    assert stored() == []
    sending.create(3, body=b"abc")
    assert sweep_uploads(now=timezone.now() + timedelta(days=29)) == 0  # what is whole waits with its draft
    sending.create(3)
    assert sweep_uploads(now=timezone.now() + timedelta(days=8)) == 1
    assert Upload.unscoped.count() == 1


def test_the_sweep_of_parts_spares_what_an_upload_waits_for(sending):
    sending.create(10)
    sending.patch(0, b"abc")
    later = timezone.now() + timedelta(hours=UPLOAD_HOURS)
    assert sweep_parts(begun_before=later) == 0
    assert sending.patch(3, b"defghij").status_code == 204
    assert sweep_parts(begun_before=later) == 0
    assert sending.post().status_code == 302
    assert posted_document()[1] == b"abcdefghij"


# Two at once


def test_while_one_request_brings_bytes_another_is_told_to_wait(sending):
    sending.create(10)
    Upload.unscoped.update(lease=uuid4(), leased_until=timezone.now() + timedelta(seconds=30))
    assert sending.patch(0, b"abc").status_code == 423
    Upload.unscoped.update(leased_until=timezone.now())  # its process died
    assert sending.patch(0, b"abc").status_code == 204


def test_whoever_has_lost_the_lease_writes_nothing_more(sending, monkeypatch):
    sending.create(len(PLAIN))
    renew = receiving._Landing._renew

    def overtaken(landing, *, always=False):
        Upload.unscoped.update(lease=uuid4())
        return renew(landing, always=always)

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


# Room


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
    write = receiving.write_part

    def full(storage, document, index, sealed):
        if index == 0:
            raise StorageFull
        write(storage, document, index, sealed)

    monkeypatch.setattr(receiving, "write_part", full)
    assert sending.patch(1000, PLAIN[1000:]).status_code == 507
    assert sending.offset == 1000
    monkeypatch.setattr(receiving, "write_part", write)
    monkeypatch.setattr(receiving, "has_room", lambda storage, more: False)
    assert sending.patch(1000, PLAIN[1000:]).status_code == 507
    monkeypatch.setattr(receiving, "has_room", limits.has_room)
    assert sending.patch(1000, PLAIN[1000:]).status_code == 204
    sending.post()
    assert posted_document()[1] == PLAIN


def test_a_storage_that_fails_is_503_and_what_was_counted_stands(sending, monkeypatch):
    sending.create(len(PLAIN))
    write = receiving.write_part

    def broken(storage, document, index, sealed):
        if isinstance(index, str):
            raise PermissionError("no such bucket")
        write(storage, document, index, sealed)

    monkeypatch.setattr(receiving, "write_part", broken)
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


# Posting


def test_half_a_document_is_not_posted_and_keeps_the_draft(sending):
    sending.create(10)
    sending.patch(0, b"abc")
    answer = sending.post(text="Voici le document")
    assert answer.status_code == 409
    assert "Voici le document" in answer.content.decode()
    assert Message.unscoped.count() == 1
    sending.patch(3, b"defghij")
    assert sending.post(text="Voici le document").status_code == 302


def test_a_double_submit_posts_the_document_once(sending):
    sending.create(3, body=b"abc")
    for _ in range(2):
        assert sending.post(text="Une fois").status_code == 302
    assert Message.unscoped.count() == 2
    assert Attachment.unscoped.count() == 1


@pytest.mark.spec("C8")
def test_what_was_chosen_for_one_conversation_is_not_posted_in_another(sending, reader, alice_enrolment):
    """By an address that names this conversation and the draft of that one."""
    other = start(alice_enrolment, to=["bob@example.org"])
    sending.create(3, body=b"abc")
    crossed = Sending(reader, other, key=sending.key)
    assert crossed.post(text="Sans rien").status_code == 302
    assert not Attachment.unscoped.exists()
    assert sending.offset == 3
    assert sending.post().status_code == 302
    assert Attachment.unscoped.get().message.conversation_id == sending.conversation.pk


@pytest.mark.spec("C8")
def test_what_was_chosen_for_a_reply_starts_no_conversation(alice, alice_enrolment, conversation):
    owner = sign_in(Client(), alice)
    sending = Sending(owner, conversation)
    sending.create(3, body=b"abc")
    started = start(alice_enrolment, to=["bob@example.org"], key=sending.key)
    assert started.pk == sending.key
    assert not Attachment.unscoped.exists()
    assert sending.offset == 3


def test_only_who_may_post_uploads(sending, organization, alice_enrolment):
    alice_enrolment.status = "deactivated"
    alice_enrolment.save()
    assert sending.create(3).status_code == 409
    assert not Draft.unscoped.exists()
    stranger = make_person("Sam Nobody", "sam@example.org")
    where = reverse("connexion:start_uploads", args=[uuid4()])
    answer = sign_in(Client(), stranger).generic("POST", where, headers={**TUS, "Upload-Length": "1"})
    assert answer.status_code == 404


# Without scripts


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


def test_a_document_alone_is_a_message(sending):
    sending.create(3, body=b"abc")
    assert sending.post(text="").status_code == 302
    assert posted_document()[1] == b"abc"
