"""Documents that came in by pieces, posted with their draft and with nothing else (spec D2, C8)."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from connexion_plugin.models import Attachment, Draft, Message
from tests.conftest import sign_in
from tests.factories import make_person
from tests.factories.conversations import start
from tests.views.uploads.sending import TUS, Sending

pytestmark = pytest.mark.spec("D2")


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
