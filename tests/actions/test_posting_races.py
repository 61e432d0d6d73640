"""Many at once, for real: row locks are PostgreSQL's (goals.md, row 9)."""

import threading
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from connexion_plugin import access
from connexion_plugin.actions import personas as persona_verbs
from connexion_plugin.actions.activity import faults_in_chain
from connexion_plugin.actions.collaborators import deactivate_collaborator
from connexion_plugin.actions.messages import post_message
from connexion_plugin.actions.participants import invite
from connexion_plugin.exceptions import ConversationFrozen
from connexion_plugin.models import Conversation, Message, Notice, Participation
from tests.actions.racing import FOR_REAL, at_once
from tests.factories import make_person
from tests.factories.conversations import in_days, post, seat_of, start

pytestmark = FOR_REAL


@pytest.fixture
def conversation(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org"])


def test_posts_at_once_have_a_total_order_without_gap_or_twin(alice, bob, conversation):
    for _ in range(5):
        at_once(*(lambda who=who: post(who, conversation, "en même temps") for who in [alice, bob] * 5))
    sequences = list(
        Message.unscoped.filter(conversation=conversation)
        .order_by("sequence")
        .values_list("sequence", flat=True)
    )
    assert sequences == list(range(1, 52))
    assert list(faults_in_chain(Conversation.unscoped.get(pk=conversation.pk))) == []
    assert seat_of(bob, conversation).unopened_count == 26
    assert Notice.unscoped.filter(message__conversation=conversation).count() == 51


def test_a_double_submit_posts_once(alice, conversation):
    for _ in range(10):
        key = uuid4()
        posted = at_once(*(lambda key=key: post(alice, conversation, "deux fois", key=key) for _ in range(4)))
        assert len({message.pk for message in posted}) == 1
    assert Message.unscoped.filter(conversation=conversation).count() == 11


@pytest.mark.spec("C7", "I2")
def test_a_double_submit_from_two_seats_of_one_person_posts_once(alice, bob, alice_enrolment):
    house = start(alice_enrolment, to=["bob@example.org", "bob.gagnon@work.example"])
    seats = list(Participation.unscoped.select_related("conversation").filter(conversation=house, holder=bob))
    assert len(seats) == 2

    def submit(seat, key):
        return post_message(participation=seat, text="deux fois", expires_at=in_days(30), idempotency_key=key)

    for _ in range(10):
        key = uuid4()
        posted = at_once(*(lambda seat=seat, key=key: submit(seat, key) for seat in seats * 2))
        assert len({message.pk for message in posted}) == 1
        assert post(alice, house, "un autre", key=key).pk != posted[0].pk  # the key is a person's
    assert Message.unscoped.filter(conversation=house).count() == 21


def test_a_double_start_starts_once(alice, alice_enrolment):
    key = uuid4()

    def begin():
        return start(alice_enrolment, to=["b@example.net", "c@example.net"], key=key)

    assert {conversation.pk for conversation in at_once(*[begin] * 6)} == {key}
    assert Message.unscoped.count() == 1
    assert Participation.unscoped.filter(conversation=key).count() == 3


@pytest.mark.spec("I3")
def test_an_invitation_and_a_verification_that_cross_meet(alice, conversation):
    for number in range(8):
        address = f"new{number}@example.net"
        person = make_person(f"New{number} Person", f"other{number}@example.net")
        at_once(
            lambda address=address: invite(
                by=seat_of(alice, conversation), addresses=[address], language="fr"
            ),
            lambda address=address, person=person: persona_verbs.take_up_address(
                user=person, address=address
            ),
        )
        assert access.Ability.READ in access.conversation_for(person, conversation.pk).abilities
    assert access.disagreements() == []


def test_two_conversations_that_invite_the_same_people_in_opposite_order_do_not_deadlock(
    alice, alice_enrolment
):
    people = [f"p{number}@example.net" for number in range(12)]
    work = [
        lambda turn=turn: start(alice_enrolment, to=people if turn % 2 else people[::-1]) for turn in range(6)
    ]
    assert len({conversation.pk for conversation in at_once(*work)}) == 6


@pytest.mark.spec("B4")
def test_a_post_that_waited_for_its_lock_meets_the_deactivation_that_passed_it(
    bob, alice_enrolment, conversation
):
    waiting, frozen = threading.Event(), threading.Event()

    def hold_the_conversation():
        with transaction.atomic():
            Conversation.unscoped.select_for_update().get(pk=conversation.pk)
            waiting.set()
            assert frozen.wait(timeout=30)

    def post_meanwhile():
        assert waiting.wait(timeout=30)
        threading.Timer(0.5, deactivate).start()
        with pytest.raises(ConversationFrozen):
            post(bob, conversation, "trop tard")

    def deactivate():
        try:
            deactivate_collaborator(collaborator=alice_enrolment, by=None)
        finally:
            frozen.set()
            connections.close_all()

    at_once(hold_the_conversation, post_meanwhile)
    assert Message.unscoped.filter(conversation=conversation).count() == 1


def test_the_connection_is_what_the_name_says():
    assert connection.vendor == "postgresql"
