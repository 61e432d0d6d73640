"""Where the title has expired the window says so, and the form asks for a new one (spec E3)."""

import pytest
from django.test import Client
from django.urls import reverse

from connexion_plugin.actions import expiry
from connexion_plugin.actions.titles import read_title
from connexion_plugin.models import Conversation, Message
from tests.conftest import sign_in
from tests.factories.conversations import in_days, start


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
