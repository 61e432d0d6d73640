"""A conversation knows since when its hold keeps it: an older one that takes it over brings nothing back (spec E3)."""

import pytest

from connexion_plugin import exceptions
from connexion_plugin.actions import handing_over
from connexion_plugin.actions.following_holds import follow_holds
from connexion_plugin.actions.holds import lift_hold, set_hold
from connexion_plugin.actions.messages import read_text
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.models import Conversation, Message
from tests.actions.test_expiry import live, parts_of_this_test  # noqa: F401
from tests.factories import enrol, make_person
from tests.factories.conversations import in_days, post, start
from tests.sealing.conftest import DAY, clock, store, use_store  # noqa: F401

pytestmark = [pytest.mark.spec("E3", "C13"), pytest.mark.django_db]
EMMA = "emma@etude-tremblay.example"


@pytest.fixture
def house(clock, store, alice, bob, alice_enrolment):  # noqa: F811
    """Its first message lives for ten days, its second for twenty."""
    house = start(alice_enrolment, to=["bob@example.org"], text="Brève", expires_at=in_days(10))
    post(alice, house, "Longue", days=20)
    return house


@pytest.fixture
def older(organization):
    """A hold on all of Emma's, set before either message's hour."""
    make_person("Emma Cyr", EMMA)
    return set_hold(collaborator=enrol(organization, EMMA), by=None)


def texts(house):
    found = []
    for message in Message.unscoped.filter(conversation=house).order_by("sequence"):
        try:
            found.append(read_text(message))
        except exceptions.MessageGone:
            found.append(None)
    return found


def hand_over(enrolment, hold, by):
    handing_over.hand_over(collaborator=enrolment, successor=hold.collaborator, by=by)
    assert handing_over.carry_hand_overs()


def test_an_older_hold_that_takes_over_keeps_what_the_newer_one_kept_and_no_more(
    house,
    older,
    clock,  # noqa: F811
    alice_enrolment,
    dora,
):
    """Handed over by a clock that is not trusted, and which therefore has nothing emptied."""
    clock.jump(11 * DAY)
    newer = set_hold(collaborator=alice_enrolment, conversation_id=house.pk, by=None)
    hand_over(alice_enrolment, older, dora)
    assert not Message.unscoped.exclude(emptied_at=None).exists()
    assert texts(house) == [None, "Longue"]
    lift_hold(hold=newer, by=None)
    assert Conversation.unscoped.get(pk=house.pk).hold == older
    for _ in range(2):
        assert texts(house) == [None, "Longue"]
        assert follow_holds()
    clock.jump(10 * DAY)
    assert texts(house) == [None, "Longue"]
    assert list(disagreements()) == []


def test_what_comes_under_a_hold_is_kept_from_then_on(
    house,
    older,
    clock,  # noqa: F811
    alice_enrolment,
    dora,
):
    live(clock, 11 * DAY)
    hand_over(alice_enrolment, older, dora)
    kept_since = Conversation.unscoped.get(pk=house.pk).kept_since
    assert kept_since > Message.unscoped.get(conversation=house, sequence=1).expires_at
    assert texts(house) == [None, "Longue"]
    assert follow_holds()
    live(clock, 10 * DAY)
    assert texts(house) == [None, "Longue"]
    lift_hold(hold=older, by=None)
    assert texts(house) == [None, None]
    assert follow_holds()
    assert Conversation.unscoped.get(pk=house.pk).kept_since is None
    assert list(disagreements()) == []
