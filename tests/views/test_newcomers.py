"""Who sees only what follows their invitation: an empty window says why, and paper does not say that this is all (C10)."""

import pytest
from django.test import Client
from django.urls import reverse

from connexion_plugin.actions.closing import close_conversation
from connexion_plugin.actions.collaborators import deactivate_collaborator
from connexion_plugin.actions.participants import invite
from tests.conftest import sign_in
from tests.factories.conversations import post, seat_of, start

pytestmark = [pytest.mark.django_db, pytest.mark.spec("C10")]
WHY = "les messages antérieurs ne vous sont pas montrés"
WHAT_COMES = "Le prochain paraîtra ici, et un courriel vous en avisera."


@pytest.fixture
def house(alice, bob, charlie, alice_enrolment):
    house = start(alice_enrolment, to=["bob@example.org"], title="Dossier 12")
    post(alice, house, "avant")
    invite(by=seat_of(alice, house), addresses=["charlie@example.org"], language="fr", sees_past=False)
    return house


@pytest.fixture
def newcomer(charlie):
    return sign_in(Client(), charlie)


def page(client, house, name="conversation"):
    answer = client.get(reverse(f"connexion:{name}", args=[house.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("name", ["conversation", "print_conversation"])
def test_an_empty_window_says_why_and_what_will_come(newcomer, house, name):
    text = page(newcomer, house, name)
    assert "Aucun message pour l’instant." in text
    assert WHY in text
    assert WHAT_COMES in text
    assert "«\u00a0Dossier 12\u00a0», aucun message depuis votre invitation." in text
    assert "0 message" not in text


def test_in_english_too(newcomer, house):
    url = reverse("connexion:conversation", args=[house.pk]).replace("/fr/", "/en/")
    text = newcomer.get(url, follow=True).content.decode()
    assert "No message yet." in text
    assert "earlier messages are not shown to you" in text
    assert "an e-mail will tell you of it" in text


@pytest.mark.parametrize("is_closed", [True, False])
def test_where_nothing_comes_any_more_nothing_is_promised(newcomer, house, alice, alice_enrolment, is_closed):
    if is_closed:
        close_conversation(by=seat_of(alice, house))
    else:
        deactivate_collaborator(collaborator=alice_enrolment, by=None)
    text = page(newcomer, house)
    assert WHY in text
    assert WHAT_COMES not in text


@pytest.mark.spec("C6")
def test_what_has_come_is_said_to_be_all_since_then_and_not_all_there_is(newcomer, house, alice, bob):
    post(alice, house, "après")
    for name in ("conversation", "print_conversation"):
        text = page(newcomer, house, name)
        assert WHY not in text
        assert "1 message depuis votre invitation" in text
    post(alice, house, "plus tard")
    assert "«\u00a0Dossier 12\u00a0», 2 messages, tous ceux d’après votre invitation." in page(
        newcomer, house
    )
    assert "Les 2 messages depuis votre invitation" in page(newcomer, house, "print_conversation")
    everything = page(sign_in(Client(), bob), house, "print_conversation")
    assert "depuis votre invitation" not in everything
    assert "Les 4 messages" in everything
