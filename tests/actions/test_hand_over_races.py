"""Two workers, the owner and an administrator at once: row locks are PostgreSQL's (spec C13)."""

from contextlib import suppress

import pytest

from connexion_plugin.actions import handing_over
from connexion_plugin.actions.collaborators import deactivate_collaborator, delete_collaborator
from connexion_plugin.actions.handing_over import hand_over
from connexion_plugin.actions.holds import set_hold
from connexion_plugin.actions.personas import give_up_account, take_up_address
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.exceptions import Refused
from connexion_plugin.models import (
    Activity,
    AdministrativeAct,
    Collaborator,
    Conversation,
    Mail,
    Participation,
)
from tests.actions.racing import FOR_REAL, at_once
from tests.factories import enrol, make_person, verify_address
from tests.factories.conversations import post, start

pytestmark = FOR_REAL
EMMA = "emma@etude-tremblay.example"


@pytest.fixture
def conversations(alice, bob, alice_enrolment):
    return [start(alice_enrolment, to=["bob@example.org"]) for _ in range(8)]


@pytest.fixture
def emma(organization):
    make_person("Emma Cyr", EMMA)
    return enrol(organization, EMMA)


def carry():
    while not handing_over.carry_hand_overs(limit=3):
        pass


def handed_over():
    return Activity.unscoped.filter(verb=Activity.Verb.HANDED_OVER).count()


@pytest.mark.spec("C13")
def test_workers_side_by_side_hand_each_conversation_over_once(dora, alice_enrolment, emma, conversations):
    hand_over(collaborator=alice_enrolment, successor=emma, by=dora)
    at_once(carry, carry, carry)
    assert handed_over() == 8
    assert Mail.unscoped.filter(kind=Mail.Kind.HAND_OVER).count() == 2
    assert list(disagreements()) == []


@pytest.mark.spec("C13")
def test_posts_of_the_former_owner_meanwhile_come_before_or_are_refused(
    alice, dora, alice_enrolment, emma, conversations
):
    hand_over(collaborator=alice_enrolment, successor=emma, by=dora)

    def go_on_posting():
        for conversation in conversations:
            with suppress(Refused, Participation.DoesNotExist):
                post(alice, conversation, "Encore un mot.")

    at_once(carry, go_on_posting, carry)
    assert Conversation.unscoped.filter(collaborator=emma).count() == 8
    assert list(disagreements()) == []


@pytest.mark.spec("C13")
def test_a_successor_deactivated_meanwhile_leaves_each_conversation_with_one_of_the_two(
    dora, alice_enrolment, emma, conversations
):
    hand_over(collaborator=alice_enrolment, successor=emma, by=dora)
    at_once(carry, lambda: deactivate_collaborator(collaborator=emma, by=dora))
    theirs = Conversation.unscoped.filter(collaborator=emma).count()
    assert handed_over() == theirs
    assert theirs + Conversation.unscoped.filter(collaborator=alice_enrolment).count() == 8
    assert list(disagreements()) == []


@pytest.mark.spec("C13", "I3")
def test_a_successor_who_confirms_the_address_meanwhile_owns_every_conversation(
    dora, organization, alice_enrolment, conversations
):
    heir = enrol(organization, "heir@etude-tremblay.example")
    person = make_person("Henri Roy", "henri@example.org")
    hand_over(collaborator=alice_enrolment, successor=heir, by=dora)
    at_once(carry, lambda: verify_address(person, heir.address))
    take_up_address(user=person, address=heir.address)
    seats = Participation.unscoped.filter(role="owner", seat="taken", holder=person)
    assert seats.count() == 8
    assert not Conversation.unscoped.exclude(ownerless_since=None).exists()
    assert list(disagreements()) == []


@pytest.mark.spec("M6")
def test_acts_at_once_have_a_total_order_without_gap_or_twin(dora, alice_enrolment, emma, conversations):

    def change():
        with suppress(Refused):
            hand_over(collaborator=alice_enrolment, successor=emma, by=dora)
        deactivate_collaborator(collaborator=emma, by=dora)

    at_once(change, change, change)
    numbers = AdministrativeAct.unscoped.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 2
    assert list(disagreements()) == []


@pytest.mark.spec("C13", "M2")
def test_two_deletions_that_name_each_other_do_not_wait_for_each_other(
    dora, alice_enrolment, emma, conversations
):
    def delete(collaborator, successor):
        def act():
            with suppress(Refused):
                delete_collaborator(collaborator=collaborator, successor=successor, by=dora)

        return act

    at_once(delete(alice_enrolment, emma), delete(emma, alice_enrolment))
    assert Collaborator.unscoped.filter(status="deleted").count() == 1


@pytest.mark.spec("E3")
def test_a_hold_and_an_account_that_is_deleted_take_the_conversations_in_one_order(
    bob, alice_enrolment, conversations
):
    at_once(
        lambda: set_hold(collaborator=alice_enrolment, by=None),
        lambda: give_up_account(user=bob),
    )
    assert Conversation.unscoped.exclude(hold=None).count() == 8
