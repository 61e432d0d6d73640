"""Each download leaves its line, in whatever pieces it is fetched (spec A2, D3)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from connexion_plugin.models import Activity, Attachment, Conversation
from tests.conftest import sign_in

pytestmark = [pytest.mark.spec("A2", "D3"), pytest.mark.django_db]


@pytest.fixture
def document(alice, bob, alice_enrolment):
    typed = {"title": "Bail", "addresses": "bob@example.org", "language": "fr", "text": "Voici."}
    sent = SimpleUploadedFile("bail.pdf", b"x" * 1000)
    url = reverse("connexion:start_conversation")
    sender = sign_in(Client(), alice)
    there = sender.get(url).url
    assert sender.post(there, {**typed, "expires_in_days": 364, "documents": sent}).status_code == 302
    return Attachment.unscoped.get()


@pytest.fixture
def reader(document, bob):
    client = sign_in(Client(), bob)
    house = Conversation.unscoped.get()
    client.post(reverse("connexion:open_message", args=[house.pk, document.message_id]))
    return client


def lines():
    return Activity.unscoped.filter(verb=Activity.Verb.DOWNLOADED).count()


def fetch(client, document, **headers):
    return client.get(reverse("connexion:download", args=[document.pk]), headers=headers).status_code


def test_who_skips_the_first_byte_is_recorded_once(reader, document):
    assert fetch(reader, document, Range="bytes=1-") == 206
    assert fetch(reader, document, Range="bytes=500-") == 206
    assert lines() == 1


def test_a_download_that_resumes_was_recorded_when_it_began(reader, document):
    assert fetch(reader, document) == 200
    assert fetch(reader, document, Range="bytes=500-") == 206
    assert lines() == 1
    assert fetch(reader, document, Range="bytes=0-") == 206
    assert lines() == 2


def test_what_fetches_nothing_is_not_recorded(reader, document):
    assert fetch(reader, document, Range="bytes=5000-") == 416
    assert reader.head(reverse("connexion:download", args=[document.pk])).status_code == 200
    assert lines() == 0
