"""A person refuses an organization's further invitations, and undoes it (spec I7)."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from connexion_plugin import access
from connexion_plugin.actions import participants, refusals
from connexion_plugin.actions.personas import give_up_address
from connexion_plugin.exceptions import InvitationsRefused
from connexion_plugin.models import Conversation, Participation, Refusal
from tests.conftest import sign_in
from tests.factories import enrol, make_person
from tests.factories.conversations import seat_of, start

pytestmark = [pytest.mark.django_db, pytest.mark.spec("I7")]
BOB = "bob@example.org"


@pytest.fixture
def house(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=[BOB])


@pytest.fixture
def refused(house, bob):
    (row,) = access.invitations_of(bob)
    refusals.refuse_invitations(user=bob, invitations=row)
    return row


def seats_at(address):
    return Participation.unscoped.filter(persona__address=address).count()


def test_the_seat_is_not_made_and_the_owner_reads_it(refused, house, alice, alice_enrolment):
    other = start(alice_enrolment, to=["somebody@example.net"])
    invited = participants.invite(by=seat_of(alice, other), addresses=[BOB, "new@example.net"], language="fr")
    assert invited.refused == [BOB]
    assert [seat.persona.address for seat in invited.seats] == ["new@example.net"]
    client = sign_in(Client(), alice)
    wanted = {"addresses": BOB, "may_reply": "yes", "sees_past": "yes", "language": "fr"}
    page = client.post(reverse("connexion:invite", args=[other.pk]), wanted)
    assert page.status_code == 422
    assert BOB in " ".join(page.context["form"].errors["addresses"])
    assert seats_at(BOB) == 1


def test_a_conversation_starts_without_those_who_refuse_and_not_with_them_alone(refused, alice_enrolment):
    conversation = start(alice_enrolment, to=[BOB, "new@example.net"])
    assert Participation.unscoped.filter(conversation=conversation).count() == 2
    before = Conversation.unscoped.count()
    with pytest.raises(InvitationsRefused):
        start(alice_enrolment, to=[BOB])
    assert Conversation.unscoped.count() == before


def test_what_stands_goes_on_until_one_leaves(refused, house, alice, bob):
    assert access.conversation_for(bob, house.pk)
    seat = seat_of(bob, house)
    participants.leave(participations=[seat])
    with pytest.raises(InvitationsRefused):
        participants.readmit(by=seat_of(alice, house), participation=seat)


def test_accepting_again_undoes_it(refused, bob, alice_enrolment):
    refusals.accept_invitations(user=bob, invitations=refused)
    start(alice_enrolment, to=[BOB])
    assert seats_at(BOB) == 2


def test_another_organization_and_another_address_are_not_concerned(refused, bob, other_organization, alice):
    enrolment = enrol(other_organization, "oliver@harbour.example")
    make_person("Oliver MacNeil", "oliver@harbour.example")
    start(enrolment, to=[BOB])
    assert seats_at(BOB) == 2
    assert access.refusing_among(refused.organization.pk, ["bob.gagnon@work.example"]) == []


def test_the_next_holder_of_the_address_has_refused_nothing(refused, bob, alice_enrolment):
    EmailAddress.objects.filter(user=bob, email=BOB).delete()
    give_up_address(user=bob, address=BOB)
    start(alice_enrolment, to=[BOB])
    make_person("Robert Gagnon", BOB)
    start(alice_enrolment, to=[BOB])
    assert seats_at(BOB) == 3


@pytest.mark.spec("I6")
def test_only_an_address_that_took_a_seat_there_can_refuse(house, charlie):
    """Whoever reads the refusal knew that somebody holds the address: it was shown as taking part."""
    assert access.invitations_of(charlie) == []


def test_one_sees_and_undoes_the_list_from_the_account(house, bob, organization):
    client = sign_in(Client(), bob)
    url = reverse("connexion:invitations")
    page = client.get(url)
    (row,) = page.context["rows"]
    assert (row["address"], row["organization"], row["refused_at"]) == (BOB, organization.name, None)
    named = {"persona": row["persona_id"], "organization": row["organization_id"]}
    assert client.post(url, {**named, "refuse": "yes"}, follow=True).context["rows"][0]["refused_at"]
    assert client.post(url, {**named, "refuse": "no"}, follow=True).context["rows"][0]["refused_at"] is None


def test_nobody_refuses_in_anothers_place(house, bob, charlie, organization):
    (row,) = access.invitations_of(bob)
    client = sign_in(Client(), charlie)
    named = {"persona": row.persona.pk, "organization": organization.pk, "refuse": "yes"}
    assert client.post(reverse("connexion:invitations"), named).status_code == 404
    assert client.post(reverse("connexion:invitations"), {"persona": "x"}).status_code == 404
    refusals.refuse_invitations(user=charlie, invitations=row)
    assert not Refusal.unscoped.exists()
