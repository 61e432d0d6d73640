"""The history says which address was mistaken, to the owner who typed it and to nobody else (spec A2, N4, C9)."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connexion_plugin.actions.activity import faults_in_chain
from connexion_plugin.actions.bounces import record_bounces
from connexion_plugin.actions.moving import correct_address
from connexion_plugin.actions.participants import invite
from connexion_plugin.actions.personas import take_up_address
from connexion_plugin.models import Activity, Bounce, Conversation, Participation
from tests.conftest import sign_in
from tests.factories import make_person
from tests.factories.conversations import seat_of, start

pytestmark = [pytest.mark.spec("A2", "N4"), pytest.mark.django_db]
TYPO, RIGHT, THIRD = "typo@example.net", "right@example.net", "third@example.net"


@pytest.fixture
def house(alice, bob, alice_enrolment):
    house = start(alice_enrolment, to=["bob@example.org"])
    invite(by=seat_of(alice, house), addresses=[TYPO], language="fr")
    return house


@pytest.fixture
def owner(alice):
    return sign_in(Client(), alice)


@pytest.fixture
def reader(bob):
    return sign_in(Client(), bob)


def seat_at(address):
    return Participation.unscoped.select_related("conversation").get(persona__address=address)


def come_back(address):
    Bounce.unscoped.create(
        participation=seat_at(address), address=address, code="550 5.1.1", at=timezone.now()
    )


def correct(alice, house, wrong=TYPO, right=RIGHT):
    correct_address(by=seat_of(alice, house), seat=seat_at(wrong), address=right, language="fr")


def lines(client, house, name="activity", **query):
    """What the page says of whom, by the words of the act, in the order of the lines; after the first two."""
    answer = client.get(reverse(f"connexion:{name}", args=[house.pk]), query)
    told = {Activity.Verb.INVITED.label, Activity.Verb.BOUNCED.label, Activity.Verb.CORRECTED.label}
    found = [(line["verb_label"], line["detail"]) for line in answer.context["lines"]]
    return [
        line for line in found if line[0] in told and line[1] != "bob@example.org"
    ], answer.content.decode()


@pytest.mark.parametrize("page", ["activity", "print_activity"])
def test_the_owner_reads_which_address_was_mistaken_and_what_it_became(house, owner, alice, page):
    come_back(TYPO)
    assert record_bounces() == 1
    correct(alice, house)
    assert [whom for _act, whom in lines(owner, house, page)[0]] == [
        TYPO,
        TYPO,
        f"{TYPO}, maintenant {RIGHT}",
    ]
    come_back(RIGHT)
    assert record_bounces() == 1
    correct(alice, house, RIGHT, THIRD)
    told = [whom for _act, whom in lines(owner, house, page)[0]]
    assert told == [TYPO, TYPO, f"{TYPO}, maintenant {RIGHT}", RIGHT, f"{RIGHT}, maintenant {THIRD}"]
    assert faults_in_chain(Conversation.unscoped.get(pk=house.pk)) == []


@pytest.mark.spec("C9")
@pytest.mark.parametrize("page", ["activity", "print_activity"])
def test_the_others_read_that_it_was_corrected_and_not_what_it_was(house, reader, alice, page):
    come_back(TYPO)
    record_bounces()
    assert lines(reader, house, page)[0][0][1] == TYPO  # who was invited, they see
    correct(alice, house)
    told, content = lines(reader, house, page)
    assert [whom for _act, whom in told] == ["", "", RIGHT]
    assert TYPO not in content


def test_the_owner_finds_the_mistaken_address_and_nobody_else_does(house, owner, reader, alice):
    correct(alice, house)
    assert len(lines(owner, house, q="typo@")[0]) == 2
    assert lines(reader, house, q="typo@")[0] == []
    assert len(lines(owner, house, q="right@")[0]) == len(lines(reader, house, q="right@")[0]) == 2


def test_an_owner_of_another_conversation_finds_nothing_there(house, alice, alice_enrolment, owner):
    other = start(alice_enrolment, to=["bob@example.org", RIGHT])
    correct(alice, house)
    assert lines(owner, other, q="typo@")[0] == []


@pytest.mark.spec("C9")
def test_in_an_announcement_whom_it_was_meant_for_does_not_read_the_mistaken_address(alice, alice_enrolment):
    house = start(alice_enrolment, to=[TYPO], hides_participants=True)
    come_back(TYPO)
    record_bounces()
    correct(alice, house)
    told, content = lines(sign_in(Client(), make_person("Right X", RIGHT)), house)
    assert (Activity.Verb.CORRECTED.label, RIGHT) in told
    assert TYPO not in content


def test_what_came_back_before_and_is_noted_after_names_nobody(house, owner, alice):
    come_back(TYPO)
    correct(alice, house)
    record_bounces()
    assert [whom for _act, whom in lines(owner, house)[0]] == [TYPO, f"{TYPO}, maintenant {RIGHT}", ""]


def test_other_lines_name_whom_they_did(house, owner, alice):
    correct(alice, house)
    answer = owner.get(reverse("connexion:activity", args=[house.pk]))
    assert [line["detail"] for line in answer.context["lines"] if "bob" in line["detail"]] == [
        "bob@example.org"
    ]


def said_of_a_correction(owner, seat, **typed):
    where = reverse("connexion:correct_address", args=[seat.conversation_id, seat.pk])
    answer = owner.post(where, {"language": "fr", **typed}, follow=True)
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.spec("N4")
def test_a_correction_that_is_sent_twice_is_answered_twice_alike(house, owner):
    seat = seat_at(TYPO)
    where = reverse("connexion:correct_address", args=[house.pk, seat.pk])
    typed = {"address": RIGHT, "former": owner.get(where).context["form"]["former"].value()}
    said = [f"Invitation envoyée à {RIGHT}, à la place de {TYPO}."]
    assert said_of_a_correction(owner, seat, **typed) == said
    assert said_of_a_correction(owner, seat, **typed) == said
    assert Activity.unscoped.filter(conversation=house, verb=Activity.Verb.CORRECTED).count() == 1


@pytest.mark.spec("N4")
@pytest.mark.parametrize("former", ["", RIGHT, "bob@example.org", "elsewhere@example.net"])
def test_what_is_right_already_is_said_to_be(house, owner, alice, former):
    correct(alice, house)
    said = said_of_a_correction(owner, seat_at(RIGHT), address=RIGHT, former=former)
    assert said == [f"La place est déjà à {RIGHT}. Rien n’a changé."]


def joined(client, house, name="activity", **query):
    """Who the page says has joined."""
    answer = client.get(reverse(f"connexion:{name}", args=[house.pk]), query)
    found = [line for line in answer.context["lines"] if line["verb_label"] == Activity.Verb.JOINED.label]
    return [line["name"] for line in found], answer.content.decode()


def confirm(address):
    """Somebody verifies the address, and comes in by it no more than that."""
    person = make_person(address.partition("@")[0].title(), f"other-{address}")
    take_up_address(user=person, address=address)
    return person


@pytest.mark.parametrize("page", ["activity", "print_activity"])
def test_who_confirmed_the_mistaken_address_is_not_said_to_have_been_the_one_who_was_meant(
    house, owner, reader, alice, page
):
    confirm(TYPO)
    assert joined(owner, house, page)[0] == joined(reader, house, page)[0] == [TYPO]
    correct(alice, house)
    assert joined(owner, house, page)[0] == [TYPO]
    told, content = joined(reader, house, page)
    assert told == ["Une adresse corrigée depuis"]
    assert TYPO not in content
    confirm(RIGHT)
    assert joined(owner, house, page)[0] == [TYPO, RIGHT]
    assert joined(reader, house, page)[0] == ["Une adresse corrigée depuis", RIGHT]
    assert faults_in_chain(Conversation.unscoped.get(pk=house.pk)) == []


def test_of_two_mistaken_addresses_each_line_has_its_own(house, owner, alice):
    confirm(TYPO)
    correct(alice, house)
    confirm(RIGHT)
    correct(alice, house, RIGHT, THIRD)
    confirm(THIRD)
    assert joined(owner, house)[0] == [TYPO, RIGHT, THIRD]
    assert joined(owner, house, q="typo@")[0] == [TYPO, RIGHT, THIRD]  # lines of the seat that had it


@pytest.mark.spec("C9")
def test_in_an_announcement_nobody_reads_that_somebody_else_joined_through_their_seat(
    alice, alice_enrolment, owner
):
    house = start(alice_enrolment, to=[TYPO], hides_participants=True)
    confirm(TYPO)
    correct(alice, house)
    meant = make_person("Right X", "other@example.net")
    take_up_address(user=meant, address=RIGHT)
    told, content = joined(sign_in(Client(), meant), house)
    assert told == [RIGHT]
    assert TYPO not in content
    assert joined(owner, house)[0] == [TYPO, RIGHT]
