"""tus 1.0 as a client meets it: each rule of the protocol, and ours, has its own answer (spec D2)."""

import base64
from uuid import uuid4

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from connexion_plugin import exceptions
from connexion_plugin.actions.closing import close_conversation
from connexion_plugin.actions.collaborators import deactivate_collaborator
from connexion_plugin.actions.documents import read_name
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.models import Attachment, Draft, Participation, StoredParts, Upload
from connexion_plugin.sealing.segments import PART_BYTES
from tests.conftest import sign_in
from tests.factories.conversations import seat_of
from tests.views.uploads.sending import NAME, PLAIN, TUS, Sending, checksum, meta, posted_document, stored

pytestmark = pytest.mark.spec("D2")


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
    assert sending.post().status_code == 302
    assert posted_document() == ("passwd", b"x")


def test_what_a_client_calls_it_is_given_back_as_it_was_given(sending):
    given = f"filename {encoded('../../pass')},bytes /w==,is_final,relativePath {encoded('a/b')}"
    sending.create(1, **{"Upload-Metadata": given})
    answer = sending.ask("HEAD")
    assert (answer.status_code, answer["Upload-Metadata"]) == (200, given)
    sending.create(1, **{"Upload-Metadata": ""})
    assert "Upload-Metadata" not in sending.ask("HEAD")
    kept = b"".join(bytes(row.metadata_sealed) + bytes(row.name_sealed) for row in Upload.unscoped.all())
    assert b"pass" not in kept
    assert b"relativePath" not in kept


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


@pytest.mark.parametrize("actual", ["POST", "GET", "PUT"])
def test_the_method_that_is_meant_is_the_one_that_counts(sending, actual):
    meant = {"Upload-Length": "3", "Upload-Metadata": meta(NAME), "X-HTTP-Method-Override": "post"}
    sending.url = sending.ask(actual, sending.where, **meant)["Location"]
    piece = {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0"}
    assert sending.ask(actual, body=b"abc", **piece).status_code == 204
    assert sending.ask(actual, **{"X-HTTP-Method-Override": "HEAD"})["Upload-Offset"] == "3"
    assert sending.ask(actual, **{"X-HTTP-Method-Override": "OPTIONS"})["Tus-Version"] == "1.0.0"
    assert sending.ask(actual, **{"X-HTTP-Method-Override": "BREW"}).status_code == 405


def test_every_answer_says_that_the_protocol_is_spoken_here(sending, charlie, bob):
    sending.create(3)
    stranger = Sending(sign_in(Client(), charlie), sending.conversation)
    unmarked = Sending(sign_in(Client(enforce_csrf_checks=True), bob), sending.conversation)
    answers = {
        404: stranger.ask("HEAD", sending.url),
        405: sending.ask("PUT"),
        403: unmarked.create(3),
        400: sending.create(3, **{"Upload-Length": "x"}),
        302: Sending(Client(), sending.conversation).create(3),
    }
    for status, answer in answers.items():
        assert (answer.status_code, answer["Tus-Resumable"]) == (status, "1.0.0")
    assert answers[405]["Allow"] == "DELETE, HEAD, OPTIONS, PATCH"
    assert sending.ask("GET", sending.where)["Allow"] == "OPTIONS, POST"


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
        ({"Upload-Concat": "partial"}, 400),
        ({"Upload-Length": str(10**17)}, 413),
        ({"Upload-Length": "9" * 30}, 413),
        ({"Upload-Length": "9" * 5000}, 413),
        ({"Transfer-Encoding": "chunked"}, 411),
        ({"Upload-Metadata": "filename not*base64"}, 400),
        ({"Upload-Metadata": "filename YQ==,filename YQ=="}, 400),
        ({"Upload-Metadata": "filename /w=="}, 400),
        ({"Upload-Metadata": "filename Relevé"}, 400),
        ({"Upload-Metadata": "filename YQ==,mark é"}, 400),
    ],
)
def test_a_creation_that_cannot_be_understood(sending, headers, status):
    answer = sending.create(3, body=b"abc", **headers)
    assert answer.status_code == status
    assert not Upload.unscoped.exists()
    assert not Draft.unscoped.exists()  # nothing waits in the inbox with nothing in it


def test_what_was_typed_before_a_document_was_refused_is_kept(sending):
    sending.post(text="Une heure de travail", save_draft="1")
    assert sending.create(10**17).status_code == 413
    assert Draft.unscoped.get().pk == sending.key


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Upload-Offset": "1"}, 409), ({"Tus-Resumable": "2"}, 412), ({"Upload-Offset": "x"}, 400)],
)
def test_the_body_of_what_is_refused_is_read_to_its_end(sending, monkeypatch, headers, status):
    """However long: a client that still sends would meet a connection reset, and not the answer."""
    sending.create(len(PLAIN) + 1)
    read = []
    real = WSGIRequest.read
    monkeypatch.setattr(
        WSGIRequest, "read", lambda request, *size: read.append(real(request, *size)) or read[-1]
    )
    answer = sending.patch(0, PLAIN, **headers)
    assert answer.status_code == status
    assert sum(map(len, read)) == len(PLAIN)
    if status == 409:
        assert answer["Upload-Offset"] == "0"


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("state", ["closed", "frozen", "read-only"])
def test_what_may_not_be_posted_any_more_is_not_taken_either(
    sending, alice, bob, alice_enrolment, conversation, state, language
):
    sending.create(3)
    if state == "closed":
        close_conversation(by=seat_of(alice, conversation))
    elif state == "frozen":
        deactivate_collaborator(collaborator=alice_enrolment, by=None)
    else:
        Participation.unscoped.filter(holder=bob).update(may_reply=False)
    reason = {
        "closed": exceptions.ConversationClosed,
        "frozen": exceptions.ConversationFrozen,
        "read-only": exceptions.ReadOnlySeat,
    }[state]
    again = Sending(sending.client, conversation, sending.key)
    for way in (sending, again):
        way.url, way.where = (address.replace("/fr/", f"/{language}/") for address in (way.url, way.where))
    for answer in (sending.patch(0, b"abc"), again.create(3)):
        assert answer.status_code == 409
        assert "Upload-Offset" not in answer
        with translation.override(language):
            assert answer.content.decode() == str(reason.sentence)
    assert sending.offset == 0


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


@pytest.mark.parametrize(("offset", "size"), [(8, 5), (20, 0), (11, 1), (10**17, 1)])
def test_a_wrong_offset_is_told_first_however_long_the_body_is(sending, offset, size):
    sending.create(10, body=b"abc")
    answer = sending.patch(offset, b"x" * size)
    assert (answer.status_code, answer["Upload-Offset"]) == (409, "3")


def test_so_it_is_once_all_is_there(sending):
    sending.create(10, body=b"abcdefghij")
    answer = sending.patch(0, b"abcdefghijk")
    assert (answer.status_code, answer["Upload-Offset"]) == (409, "10")
    assert sending.patch(10, b"k").status_code == 413


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


@pytest.mark.parametrize("header", ["md4 aaaa", "sha1 not*base64", "sha1 YWJj", "sha1", "sha1 é"])
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


def encoded(value):
    return base64.b64encode(value.encode()).decode()


def test_signed_out_it_waits(reader, sending):
    sending.create(6)
    sending.patch(0, b"abc")
    url, person = sending.url, Draft.unscoped.select_related("author").get(pk=sending.key).author
    reader.logout()
    assert sending.patch(3, b"def").status_code == 302
    again = Sending(sign_in(Client(), person), sending.conversation, sending.key)
    again.url = url
    assert again.offset == 3
    assert again.patch(3, b"def").status_code == 204
