"""A hold that is set or lifted while others post, withdraw, delete, sweep, destroy and hand over (sealing.md, spec E3)."""

import pytest
from django.utils import timezone

from connexion_plugin.actions import expiry, handing_over
from connexion_plugin.actions.deleting import delete_conversation
from connexion_plugin.actions.following_holds import follow_holds
from connexion_plugin.actions.holds import lift_hold, set_hold
from connexion_plugin.actions.messages import read_text
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.exceptions import Refused, UnderLegalHold
from connexion_plugin.models import Conversation, EpochKey, Message
from connexion_plugin.sealing import destruction, keys
from connexion_plugin.sealing.watch import WAIT_SECONDS
from tests.actions.racing import FOR_REAL, at_once, refused_or
from tests.factories import enrol, make_person
from tests.factories.conversations import in_days, post, seat_of, start

pytestmark = [*FOR_REAL, pytest.mark.spec("E3")]
ROUNDS = 6


@pytest.fixture
def conversation(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org"], expires_at=in_days(3))


def followed():
    assert follow_holds()
    keys.forget()
    assert list(disagreements()) == []


def rounds(conversation, alice_enrolment):
    """Each with a hold that is lifted at its end."""
    for _ in range(ROUNDS):
        yield
        for hold in alice_enrolment.legal_holds(manager="unscoped").filter(lifted_at=None):
            lift_hold(hold=hold, by=None)
        followed()


def is_kept(message, hold):
    """Readable, and by the hold's key."""
    row = Message.unscoped.get(pk=message.pk)
    return bool(read_text(row)) and row.is_held and row.epoch.hold == hold.pk


def test_a_post_that_meets_its_lifting_goes_back_under_its_day(alice, conversation, alice_enrolment):
    for _ in range(ROUNDS):
        hold = set_hold(collaborator=alice_enrolment, by=None)
        follow_holds()
        _, posted, _ = at_once(
            lambda hold=hold: lift_hold(hold=hold, by=None),
            lambda: post(alice, conversation, "en même temps", days=3),
            follow_holds,
        )
        followed()
        row = Message.unscoped.get(pk=posted.pk)
        assert (row.is_held, row.epoch.day, read_text(row)) == (
            False,
            keys.day_of(row.expires_at),
            "en même temps",
        )
        assert not Message.unscoped.filter(epoch__hold=hold.pk).exists()


def test_what_meets_it_is_held_or_was_gone_before(alice, conversation, alice_enrolment):
    """A post, a withdrawal and a sweep."""
    for _ in rounds(conversation, alice_enrolment):
        owner = seat_of(alice, conversation)
        taken_back, expiring = (post(alice, conversation, text, days=3) for text in ("retirée ?", "vidée ?"))
        hold, posted, withdrawn, emptied = at_once(
            lambda: set_hold(collaborator=alice_enrolment, by=None),
            lambda: post(alice, conversation, "en même temps", days=3),
            refused_or(lambda owner=owner, message=taken_back: withdraw_message(by=owner, message=message)),
            lambda message=expiring: expiry.empty_message(message.pk, now=in_days(4)),
        )
        followed()
        assert is_kept(posted, hold)
        if isinstance(withdrawn, UnderLegalHold):
            assert is_kept(taken_back, hold)
        else:
            assert Message.unscoped.get(pk=taken_back.pk).withdrawn_at is not None
        assert emptied == (Message.unscoped.get(pk=expiring.pk).emptied_at is not None)
        assert emptied or is_kept(expiring, hold)


def test_a_deletion_for_everyone_comes_before_it_or_is_refused(alice, bob, alice_enrolment):
    for _ in range(ROUNDS):
        conversation = start(alice_enrolment, to=["bob@example.org"])
        hold, deleted = at_once(
            refused_or(
                lambda key=conversation.pk: set_hold(
                    collaborator=alice_enrolment, conversation_id=key, by=None
                )
            ),
            refused_or(lambda key=conversation: delete_conversation(by=seat_of(alice, key))),
        )
        followed()
        assert isinstance(hold, Refused) != isinstance(deleted, UnderLegalHold)
        if not isinstance(hold, Refused):
            assert is_kept(Message.unscoped.get(conversation=conversation), hold)


def test_its_key_is_not_destroyed_while_it_is_taken_up_and_let_go(alice, conversation, alice_enrolment):
    """The day's key, of which the destroyer believes that its day is long over; then the hold's own."""
    for _ in range(ROUNDS):
        message = post(alice, conversation, "détruite ?", days=5)
        day = EpochKey.objects.get(pk=message.epoch_id)
        hold = set_hold(collaborator=alice_enrolment, by=None)
        mark(day)
        at_once(follow_holds, lambda: destruction.destroy(now=in_days(9)))
        followed()
        assert is_kept(message, hold)
        EpochKey.objects.filter(pk=day.pk, state="marked").update(
            state="active", marked_at=None, observed_seconds=0
        )
        lift_hold(hold=hold, by=None)
        own = EpochKey.objects.get(hold=hold.pk)
        mark(own)
        at_once(follow_holds, lambda: destruction.destroy(now=timezone.now()))
        followed()
        assert read_text(Message.unscoped.get(pk=message.pk)) == "détruite ?"


def mark(epoch):
    EpochKey.objects.filter(pk=epoch.pk).update(
        state="marked", marked_at=timezone.now(), observed_seconds=WAIT_SECONDS
    )


def test_one_that_is_lifted_while_another_is_set_leaves_the_other_standing(
    alice, conversation, alice_enrolment
):
    for _ in rounds(conversation, alice_enrolment):
        message, owner = post(alice, conversation, "entre deux", days=3), seat_of(alice, conversation)
        one = set_hold(collaborator=alice_enrolment, conversation_id=conversation.pk, by=None)
        _, everything, withdrawn, _ = at_once(
            lambda one=one: lift_hold(hold=one, by=None),
            lambda: set_hold(collaborator=alice_enrolment, by=None),
            refused_or(lambda message=message, owner=owner: withdraw_message(by=owner, message=message)),
            follow_holds,
        )
        assert Conversation.unscoped.get(pk=conversation.pk).hold == everything
        followed()
        if isinstance(withdrawn, UnderLegalHold):
            assert is_kept(message, everything)
        else:  # between the two
            assert Message.unscoped.get(pk=message.pk).withdrawn_at is not None


@pytest.mark.spec("C13")
def test_a_hand_over_that_meets_the_successors_hold_comes_under_it(
    alice, bob, dora, alice_enrolment, organization
):
    make_person("Emma Cyr", "emma@etude-tremblay.example")
    pair = [alice_enrolment, enrol(organization, "emma@etude-tremblay.example")]
    conversations = [start(alice_enrolment, to=["bob@example.org"]) for _ in range(3)]
    for _ in range(ROUNDS):
        former, successor = pair
        handing_over.hand_over(collaborator=former, successor=successor, by=dora)
        before = set_hold(collaborator=former, by=None)
        hold, *_ = at_once(
            lambda successor=successor: set_hold(collaborator=successor, by=None),
            handing_over.carry_hand_overs,
            follow_holds,
            lambda before=before: lift_hold(hold=before, by=None),
        )
        followed()
        assert {row.hold for row in Conversation.unscoped.all()} == {hold}
        assert Message.unscoped.filter(epoch__hold=hold.pk).count() == len(conversations)
        at_once(lambda hold=hold: lift_hold(hold=hold, by=None), follow_holds, follow_holds)
        followed()
        pair.reverse()
