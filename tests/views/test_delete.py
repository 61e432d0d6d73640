"""The page that deletes a conversation for everyone, and what is left to see of it (spec C12)."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from connexion_plugin.actions.deleting import delete_conversation
from connexion_plugin.models import Conversation, Message
from tests.conftest import sign_in
from tests.factories.conversations import post, seat_of, start

pytestmark = pytest.mark.spec("C12")
TITLE = "Acte de vente, 44 rue des Érables"


@pytest.fixture
def conversation(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org", "newcomer@example.net"])


def door(name, conversation, *more):
    return reverse(f"connexion:{name}", args=[conversation.pk, *more])


def test_the_page_says_who_loses_what_and_nothing_happens_before_the_word_is_typed(alice, conversation):
    client = sign_in(Client(), alice)
    readers = client.get(door("readers", conversation)).content.decode()
    assert door("delete", conversation) in readers
    page = client.get(door("delete", conversation)).content.decode()
    assert "1 message disparaît, avec le titre" in page
    assert "2 autres personnes" in page
    assert "newcomer@example.net" in page
    assert "supprimer" in page
    for typed in ("", "oui", "Acte de vente"):
        refused = client.post(door("delete", conversation), {"word": typed})
        assert refused.status_code == 422
        assert "Rien n’a été supprimé" in refused.content.decode()
    assert Conversation.unscoped.get().deleted_at is None


@pytest.mark.parametrize("typed", ["supprimer", " SUPPRIMER ", "«\u00a0supprimer\u00a0»", "Delete"])
def test_the_word_of_either_language_deletes(alice, conversation, typed):
    client = sign_in(Client(), alice)
    answer = client.post(door("delete", conversation), {"word": typed}, follow=True)
    assert answer.redirect_chain[0][0].startswith(door("conversation", conversation))
    text = answer.content.decode()
    assert "alice@etude-tremblay.example a supprimé cette conversation" in text
    assert TITLE not in text
    assert Conversation.unscoped.get().deleted_at is not None
    assert client.get(door("delete", conversation)).status_code == 302
    assert client.post(door("delete", conversation), {"word": typed}).status_code == 302


def test_a_participant_reads_who_deleted_it_and_the_row_stays(alice, bob, conversation):
    delete_conversation(by=seat_of(alice, conversation))
    client = sign_in(Client(), bob)
    window = client.get(door("conversation", conversation)).content.decode()
    assert "alice@etude-tremblay.example" in window
    assert door("activity", conversation) in window
    assert door("readers", conversation) not in window
    persona = seat_of(bob, conversation).persona_id
    inbox = client.get(reverse("connexion:inbox", args=[persona])).content.decode()
    assert door("conversation", conversation) in inbox
    assert TITLE not in inbox + window
    assert client.get(door("readers", conversation)).status_code == 302
    history = client.get(door("activity", conversation)).content.decode()
    assert TITLE not in history


def test_who_was_writing_keeps_the_words_and_reads_what_happened(alice, bob, conversation):
    client = sign_in(Client(), bob)
    url = door("post_message", conversation, "1b4e28ba-2fa1-41d2-883f-0016d3cca427")
    delete_conversation(by=seat_of(alice, conversation))
    answer = client.post(url, {"text": "Ma réponse", "expires_in_days": "30", "title": "Suite"})
    assert answer.status_code == 409
    assert "Ma réponse" in answer.content.decode()
    page = client.get(url).content.decode()
    assert "Ma réponse" in page
    assert 'class="button primary"' not in page
    assert (
        client.get(door("post_message", conversation, str(uuid4())), follow=True).content.decode().count(url)
    )
    assert Message.unscoped.count() == 1


def test_an_envelope_that_was_about_to_be_opened_says_what_happened(alice, bob, conversation):
    message = post(alice, conversation, "Une deuxième")
    client = sign_in(Client(), bob)
    url = door("open_message", conversation, message.pk)
    delete_conversation(by=seat_of(alice, conversation))
    answer = client.post(url, headers={"HX-Request": "true"})
    assert "supprimée" in answer.content.decode() or "deleted" in answer.content.decode()
    assert client.post(url, follow=True).status_code == 200
