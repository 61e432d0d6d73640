"""The key under which a conversation is started is in the address of the page: anybody may send any (spec V1)."""

from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from connexion_plugin import access
from connexion_plugin.actions.conversations import Beginning, start_conversation
from connexion_plugin.actions.personas import give_up_address, take_up_address
from connexion_plugin.exceptions import NotACollaborator
from connexion_plugin.models import Conversation, Message, Participation
from tests.conftest import sign_in
from tests.factories import enrol
from tests.factories.conversations import in_days, start

pytestmark = [pytest.mark.spec("B6"), pytest.mark.django_db]


@pytest.fixture
def house(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org"])


def submit(client, key):
    url = reverse("connexion:start_conversation_draft", args=[key])
    typed = {
        "title": "Bail",
        "addresses": "new@example.net",
        "language": "fr",
        "text": "Voici.",
        "expires_in_days": 364,
    }
    return client.post(url, typed)


@pytest.mark.parametrize("exists", [True, False])
def test_somebody_elses_conversation_as_a_key_tells_nothing_and_opens_nothing(
    house, charlie, organization, exists
):
    enrol(organization, "charlie@example.org")
    client = sign_in(Client(), charlie)
    answer = submit(client, house.pk if exists else uuid4())
    assert answer.status_code == 302
    started = Conversation.unscoped.exclude(pk=house.pk).get()
    assert answer.url == reverse("connexion:conversation", args=[started.pk])
    assert access.conversation_for(charlie, started.pk).is_owner
    assert Message.unscoped.filter(conversation=house).count() == 1
    assert client.get(reverse("connexion:conversation", args=[house.pk])).status_code == 404


def test_a_double_submit_starts_one(alice, alice_enrolment):
    client, key = sign_in(Client(), alice), uuid4()
    assert submit(client, key).url == submit(client, key).url
    assert Conversation.unscoped.count() == 1


def test_who_lost_the_address_since_the_guard_looked_starts_nothing(alice, bob, alice_enrolment):
    give_up_address(user=alice, address=alice_enrolment.address)
    take_up_address(user=bob, address=alice_enrolment.address)
    beginning = Beginning(
        title="À elle", addresses=["x@example.net"], language="fr", text="Bonjour", expires_at=in_days(9)
    )
    with pytest.raises(NotACollaborator):
        start_conversation(
            person=alice, collaborator=alice_enrolment, beginning=beginning, idempotency_key=uuid4()
        )
    assert Conversation.unscoped.count() == 0


def test_a_taken_seat_has_a_holder_in_the_database_too(alice, alice_enrolment):
    conversation = start(alice_enrolment, to=["x@example.net"])
    with pytest.raises(IntegrityError, match="participation_taken_by_somebody"):
        Participation.unscoped.filter(conversation=conversation, role="owner").update(holder=None)
