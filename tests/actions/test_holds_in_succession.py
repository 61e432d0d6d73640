"""One hold follows another, a conversation comes to who is under one, a key is lost: nothing slips through (spec E3)."""

import pytest

from connexion_plugin import exceptions
from connexion_plugin.actions import expiry, handing_over
from connexion_plugin.actions.deleting import delete_conversation
from connexion_plugin.actions.following_holds import follow_holds
from connexion_plugin.actions.holds import lift_hold, set_hold, to_choose_from
from connexion_plugin.actions.messages import read_text
from connexion_plugin.actions.titles import read_title
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.models import Activity, Conversation, EpochKey, Message
from connexion_plugin.sealing import keys
from connexion_plugin.sealing.stores import key_store
from tests.actions.test_expiry import house, live, parts_of_this_test  # noqa: F401
from tests.factories import enrol, make_person
from tests.factories.conversations import in_days, post, seat_of, start
from tests.sealing.conftest import DAY, HOUR, clock, store, use_store  # noqa: F401

pytestmark = pytest.mark.spec("E3")
EMMA = "emma@etude-tremblay.example"


@pytest.fixture
def emma(organization):
    make_person("Emma Cyr", EMMA)
    return enrol(organization, EMMA)


def hold_of(conversation):
    return Conversation.unscoped.get(pk=conversation.pk).hold


def assert_held_at_once(owner, conversation):
    """Before the worker has been there."""
    message = Message.unscoped.filter(conversation=conversation).first()
    with pytest.raises(exceptions.UnderLegalHold):
        withdraw_message(by=seat_of(owner, conversation), message=message)
    with pytest.raises(exceptions.UnderLegalHold):
        delete_conversation(by=seat_of(owner, conversation))


@pytest.mark.parametrize("one", [False, True], ids=["all again", "that one alone"])
def test_a_hold_set_right_after_one_was_lifted_leaves_no_gap(house, clock, alice, alice_enrolment, one):  # noqa: F811
    message = post(alice, house, "Pour trois jours", days=3)
    first = set_hold(collaborator=alice_enrolment, by=None)
    assert follow_holds()
    clock.jump(HOUR)
    lift_hold(hold=first, by=None)
    clock.jump(HOUR)
    assert [choice.is_held for choice in to_choose_from(alice_enrolment)] == [False]
    second = set_hold(collaborator=alice_enrolment, conversation_id=house.pk if one else None, by=None)
    assert hold_of(house) == second
    assert_held_at_once(alice, house)
    live(clock, 12 * DAY)  # its hour and its day, and the worker has not been there
    assert follow_holds()
    live(clock, 2 * DAY)
    assert EpochKey.objects.get(hold=first.pk).state == EpochKey.State.DESTROYED
    keys.forget()
    row = Message.unscoped.get(pk=message.pk)
    assert (read_text(row), row.epoch.hold) == ("Pour trois jours", second.pk)
    lines = Activity.unscoped.filter(conversation=house, actor=None).order_by("number")
    assert list(lines.values_list("verb", flat=True)) == ["held", "hold_lifted", "held"]
    assert list(disagreements()) == []


def test_what_had_passed_its_hour_between_the_two_is_not_brought_back(house, clock, alice, alice_enrolment):  # noqa: F811
    message = post(alice, house, "Pour trois jours", days=3)
    first = set_hold(collaborator=alice_enrolment, by=None)
    assert follow_holds()
    live(clock, 12 * DAY)
    assert Message.unscoped.get(pk=message.pk).emptied_at is None
    lift_hold(hold=first, by=None)
    set_hold(collaborator=alice_enrolment, by=None)
    assert follow_holds()
    assert expiry.sweep().messages == 1
    assert Message.unscoped.get(pk=message.pk).emptied_at is not None
    assert list(disagreements()) == []


def test_where_the_hold_on_all_stands_lifting_the_one_on_one_leaves_no_gap(alice, bob, alice_enrolment):
    conversation = start(alice_enrolment, to=["bob@example.org"], expires_at=in_days(10))
    one = set_hold(collaborator=alice_enrolment, conversation_id=conversation.pk, by=None)
    everything = set_hold(collaborator=alice_enrolment, by=None)
    assert follow_holds()
    lift_hold(hold=one, by=None)
    assert hold_of(conversation) == everything
    assert_held_at_once(alice, conversation)
    assert follow_holds()
    assert Message.unscoped.get().epoch.hold == everything.pk
    assert list(disagreements()) == []


def test_no_hold_brings_back_what_was_withdrawn_before(alice, bob, alice_enrolment):
    conversation = start(alice_enrolment, to=["bob@example.org"])
    message = post(alice, conversation, "retirée", days=3)
    withdraw_message(by=seat_of(alice, conversation), message=message)
    set_hold(collaborator=alice_enrolment, by=None)
    assert follow_holds()
    with pytest.raises(exceptions.MessageGone):
        read_text(Message.unscoped.get(pk=message.pk))


def test_what_was_withdrawn_between_two_holds_is_held_by_neither(alice, bob, alice_enrolment):
    conversation = start(alice_enrolment, to=["bob@example.org"])
    message = post(alice, conversation, "retirée", days=3)
    one = set_hold(collaborator=alice_enrolment, conversation_id=conversation.pk, by=None)
    assert follow_holds()
    lift_hold(hold=one, by=None)
    withdraw_message(by=seat_of(alice, conversation), message=message)  # before the worker has been there
    everything = set_hold(collaborator=alice_enrolment, by=None)
    assert follow_holds()
    lift_hold(hold=everything, by=None)
    assert follow_holds()
    assert list(disagreements()) == []


# Handed over


@pytest.mark.spec("C13")
def test_what_is_handed_over_to_somebody_under_a_hold_on_all_of_theirs_comes_under_it(
    alice, bob, alice_enrolment, emma, dora
):
    conversation = start(alice_enrolment, to=["bob@example.org"], expires_at=in_days(10))
    hold = set_hold(collaborator=emma, by=None)
    assert follow_holds()
    handing_over.hand_over(collaborator=alice_enrolment, successor=emma, by=dora)
    assert handing_over.carry_hand_overs()
    assert hold_of(conversation) == hold
    with pytest.raises(exceptions.UnderLegalHold):
        withdraw_message(by=seat_of(bob, conversation), message=Message.unscoped.get())
    assert follow_holds()
    row = Message.unscoped.get()
    assert (row.is_held, row.epoch.hold) == (True, hold.pk)
    assert Activity.unscoped.filter(conversation=conversation, verb=Activity.Verb.HELD).count() == 1
    lift_hold(hold=hold, by=None)
    assert follow_holds()
    assert not Message.unscoped.get().is_held
    assert list(disagreements()) == []


@pytest.mark.spec("C13")
def test_what_was_held_before_stays_under_its_own_hold_and_then_passes_under_the_successors(
    alice, bob, alice_enrolment, emma, dora
):
    conversation = start(alice_enrolment, to=["bob@example.org"], expires_at=in_days(10))
    former, own = (set_hold(collaborator=each, by=None) for each in (alice_enrolment, emma))
    handing_over.hand_over(collaborator=alice_enrolment, successor=emma, by=dora)
    assert handing_over.carry_hand_overs()
    assert hold_of(conversation) == former
    lift_hold(hold=former, by=None)
    assert hold_of(conversation) == own


@pytest.mark.spec("C13")
def test_what_is_past_its_hour_when_it_is_handed_over_is_not_brought_back(
    house,  # noqa: F811
    clock,  # noqa: F811
    alice,
    alice_enrolment,
    emma,
    dora,
):
    """The successor's hold was set before that hour, on all of theirs: this was not theirs yet."""
    message = post(alice, house, "Pour deux jours", days=2)
    set_hold(collaborator=emma, by=None)
    assert follow_holds()
    live(clock, 2 * DAY - HOUR)
    clock.jump(HOUR)  # its hour, and no sweep yet
    handing_over.hand_over(collaborator=alice_enrolment, successor=emma, by=dora)
    assert handing_over.carry_hand_overs()
    assert follow_holds()
    with pytest.raises(exceptions.MessageGone):
        read_text(Message.unscoped.get(pk=message.pk))
    assert read_text(Message.unscoped.get(sequence=1))
    assert list(disagreements()) == []


# A key's file is lost


def lose(epoch):
    key_store().folder.joinpath("keys", f"{epoch.file_id}.key").unlink()
    keys.forget()


def test_a_days_lost_key_keeps_no_hold_from_being_lifted(house, clock, alice, bob, alice_enrolment, caplog):  # noqa: F811
    """What cannot go back under its day stays under the hold's key until it is emptied."""
    lost_day = post(alice, house, "Pour trois jours", days=3)
    other = start(alice_enrolment, to=["bob@example.org"])
    hold = set_hold(collaborator=alice_enrolment, by=None)
    assert follow_holds()
    lose(EpochKey.objects.get(day=keys.day_of(lost_day.expires_at), hold=None))
    lift_hold(hold=hold, by=None)
    assert follow_holds()
    assert "cannot be wrapped for a hold: KeyLost" in caplog.text
    assert not Conversation.unscoped.exclude(hold=None).exists()
    assert Message.unscoped.get(conversation=other).epoch.day is not None
    row = Message.unscoped.get(pk=lost_day.pk)
    assert (read_text(row), row.epoch.hold) == ("Pour trois jours", hold.pk)
    live(clock, 12 * DAY)
    assert Message.unscoped.get(pk=lost_day.pk).emptied_at is not None
    live(clock, 2 * DAY)
    assert EpochKey.objects.get(hold=hold.pk).state == EpochKey.State.DESTROYED
    keys.forget()
    assert read_title(Conversation.unscoped.get(pk=house.pk)) is not None


def test_a_holds_own_lost_key_keeps_no_other_from_being_followed(
    house,  # noqa: F811
    clock,  # noqa: F811
    alice,
    bob,
    alice_enrolment,
    organization,
    caplog,
):
    broken = set_hold(collaborator=alice_enrolment, conversation_id=house.pk, by=None)
    assert follow_holds()
    lose(EpochKey.objects.get(hold=broken.pk))
    post_epochless = start(enrol(organization, "bob@example.org"), to=["alice@etude-tremblay.example"])
    Message.unscoped.filter(conversation=house).update(
        epoch=EpochKey.objects.filter(day__isnull=False).earliest("day"), is_held=False
    )
    broken.followed_at = None
    broken.save()
    sound = set_hold(collaborator=post_epochless.collaborator, by=None)
    assert follow_holds()
    assert f"legal hold {broken.pk} cannot be followed" in caplog.text
    assert Message.unscoped.get(conversation=post_epochless).epoch.hold == sound.pk
    assert hold_of(house) == broken  # and nothing in it expires
