"""Where the title has expired row and window say so, and the form asks for a new one (spec E3)."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from connexion_plugin.actions import expiry
from connexion_plugin.actions.titles import read_title
from connexion_plugin.models import Conversation, Message
from tests.conftest import sign_in
from tests.factories.conversations import in_days, seat_of, start


@pytest.mark.spec("E3")
def test_a_new_post_asks_for_a_title_and_without_one_nothing_is_posted(bob, alice_enrolment):
    conversation = start(alice_enrolment, to=["bob@example.org"])
    client = sign_in(Client(), bob)
    url = reverse("connexion:post_message", args=[conversation.pk, "1b4e28ba-2fa1-41d2-883f-0016d3cca427"])
    assert 'name="title"' not in client.get(url).content.decode()
    expiry.empty_message(Message.unscoped.get().pk, now=in_days(365))
    expiry.empty_title_of(conversation.pk, now=in_days(365))
    assert 'name="title"' in client.get(url).content.decode()
    typed = {"text": "Encore là?", "expires_in_days": "30"}
    refused = client.post(url, typed)
    assert refused.status_code == 422
    assert "Encore là?" in refused.content.decode()
    assert Message.unscoped.count() == 1
    assert client.post(url, {**typed, "title": "Suite du dossier"}).status_code == 302
    assert read_title(Conversation.unscoped.get()) == "Suite du dossier"


@pytest.mark.spec("E3", "B1")
def test_the_row_says_it_in_the_readers_language_wherever_it_names_the_conversation(bob, alice_enrolment):
    conversation = start(alice_enrolment, to=["bob@example.org"], title="Acte de vente")
    client = sign_in(Client(), bob)
    with translation.override("fr"):
        url = reverse("connexion:inbox", args=[seat_of(bob, conversation).persona_id])
    page = client.get(url).content.decode()
    assert page.count("Acte de vente") == 3
    assert "Sélectionner « Acte de vente »" in page.replace("\u00a0", " ")
    expiry.empty_message(Message.unscoped.get().pk, now=in_days(365))
    expiry.empty_title_of(conversation.pk, now=in_days(365))
    page = client.get(url).content.decode()
    assert "Acte de vente" not in page
    assert page.count("Titre expiré") == 3
    assert 'class="gone"' in page.replace("new gone", "gone")
