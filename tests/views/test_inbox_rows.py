"""What a row of the inbox says, and what a search leaves of its choices (spec B2, B3, B4)."""

import pytest
from django.test import Client
from django.urls import reverse

from connexion_plugin.actions import participants
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.models import Collaborator, Organization, Persona
from tests.conftest import sign_in
from tests.factories.conversations import post, seat_of, start

pytestmark = pytest.mark.django_db
BOB = "bob@example.org"


@pytest.fixture
def house(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=[BOB], title="Dossier 4417")


def inbox(user, **asked):
    address = reverse("connexion:inbox", args=[Persona.unscoped.get(address=BOB).pk])
    return sign_in(Client(), user).get(address, asked)


@pytest.mark.spec("B4")
@pytest.mark.parametrize("telephone", ["418-555-0142", ""])
def test_a_row_that_can_only_be_read_says_whom_to_get_in_touch_with(house, bob, settings, telephone):
    settings.CONNEXION = {**settings.CONNEXION, "SUPPORT_TELEPHONE": ""}
    Organization.unscoped.update(telephone=telephone)
    assert [row.contact_words for row in inbox(bob).context["rows"]] == [""]
    Collaborator.unscoped.update(status="deactivated")
    answer = inbox(bob)
    (row,) = answer.context["rows"]
    assert Organization.unscoped.get(pk=house.organization_id).name in row.contact_words
    assert telephone in row.contact_words
    assert answer.content.decode().count(row.contact_words) == 2  # on hover, and to the ear


@pytest.mark.spec("B3")
def test_nothing_waits_for_the_answer_of_somebody_who_sees_no_message(house, alice, charlie):
    other = start(Collaborator.unscoped.get(), to=["someone@example.net"])
    participants.invite(by=seat_of(alice, other), addresses=[BOB], language="fr", sees_past=False)
    bob = Persona.unscoped.get(address=BOB).user
    assert [row.title for row in inbox(bob, show="answer").context["rows"]] == ["Dossier 4417"]
    post(alice, other, "Et maintenant?")
    assert len(inbox(bob, show="answer").context["rows"]) == 2


@pytest.mark.spec("B3")
def test_nor_does_what_was_withdrawn_after_ones_own_answer(house, alice, bob):
    post(bob, house, "Ma réponse")
    oups = post(alice, house, "Oups")
    assert len(inbox(bob, show="answer").context["rows"]) == 1
    withdraw_message(by=seat_of(alice, house), message=oups)
    assert not inbox(bob, show="answer").context["rows"]


@pytest.mark.spec("B2", "B7")
def test_a_search_has_neither_an_order_nor_a_filter_to_choose(house, bob):
    answer = inbox(bob, search="4417", show="unread", order="oldest")
    assert [row.title for row in answer.context["rows"]] == ["Dossier 4417"]
    assert answer.context["order_url"] is None
    assert 'aria-sort="descending"' in answer.content.decode()
    assert not any(choice["is_current"] for choice in answer.context["filters"])
