"""A legal hold suspends expiry under a key of its own, and is lifted again; whoever sets it reads nothing (spec E3)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from connexion_plugin import access, exceptions
from connexion_plugin.access import Ability
from connexion_plugin.actions import expiry, holds
from connexion_plugin.actions.collaborators import deactivate_collaborator
from connexion_plugin.actions.deleting import delete_conversation
from connexion_plugin.actions.documents import open_document
from connexion_plugin.actions.following_holds import follow_holds
from connexion_plugin.actions.holds import lift_hold, set_hold
from connexion_plugin.actions.lifetimes import change_expiry
from connexion_plugin.actions.messages import open_message, read_text
from connexion_plugin.actions.more_time import ask_for_time
from connexion_plugin.actions.titles import read_title
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.models import (
    Activity,
    AdministrativeAct,
    Attachment,
    Conversation,
    EpochKey,
    LegalHold,
    Message,
    SeatNotice,
)
from connexion_plugin.sealing import keys
from connexion_plugin.sealing.uses import living_uses
from tests.actions.test_expiry import (  # noqa: F401
    house,
    live,
    parts_of_this_test,
    post_with_documents,
)
from tests.conftest import sign_in
from tests.factories import enrol
from tests.factories.conversations import in_days, post, seat_of, start
from tests.sealing.conftest import DAY, HOUR, clock, store, use_store  # noqa: F401

pytestmark = pytest.mark.spec("E3")


def hold_all(collaborator, **options):
    hold = set_hold(collaborator=collaborator, by=None, **options)
    assert follow_holds()
    keys.forget()
    return hold


def lift(hold):
    lift_hold(hold=hold, by=None)
    assert follow_holds()
    keys.forget()


def epoch_of(hold):
    return EpochKey.objects.get(hold=hold.pk)


def test_what_is_held_outlives_its_hour_and_its_days_key(house, clock, alice, bob, alice_enrolment):  # noqa: F811
    message = post_with_documents(alice, house, days=3)
    day = EpochKey.objects.get(pk=message.epoch_id)
    hold_all(alice_enrolment)
    live(clock, 400 * DAY)
    live(clock, 3 * DAY)
    day.refresh_from_db()
    assert day.state == EpochKey.State.DESTROYED
    keys.forget()
    row = Message.unscoped.get(pk=message.pk)
    assert read_text(row) == "Voici le devis."
    document = Attachment.unscoped.select_related("message").get()
    assert b"".join(open_document(document).read()) == b"x" * 1000
    assert read_title(Conversation.unscoped.get()) == "Acte de vente, 44 rue des Érables"
    open_message(participation=seat_of(bob, house), message=message)
    assert list(disagreements()) == []


def test_keys_are_wrapped_by_the_holds_own_epoch(house, clock, alice, alice_enrolment):  # noqa: F811
    sealed = bytes(Message.unscoped.get().text_sealed)
    hold = hold_all(alice_enrolment)
    row = Message.unscoped.get()
    assert (row.epoch_id, row.is_held, bytes(row.text_sealed)) == (epoch_of(hold).pk, True, sealed)
    assert Conversation.unscoped.get().title_epoch_id == epoch_of(hold).pk
    assert living_uses(epoch_of(hold).pk, in_days(5000)) == {"messages": 1, "titles": 1}


def test_a_lifted_hold_lets_expire_what_is_past_its_hour_and_its_key_is_destroyed(
    house,  # noqa: F811
    clock,  # noqa: F811
    alice,
    alice_enrolment,
):
    short, long = post_with_documents(alice, house, days=3), post(alice, house, "Longue", days=90)
    hold = hold_all(alice_enrolment)
    live(clock, 10 * DAY)
    lift(hold)
    with pytest.raises(exceptions.MessageGone):
        read_text(Message.unscoped.get(pk=short.pk))
    assert expiry.sweep().messages == 1
    row = Message.unscoped.get(pk=long.pk)
    assert (row.is_held, row.epoch.day) == (False, keys.day_of(row.expires_at))
    assert epoch_of(hold).state == EpochKey.State.ACTIVE
    live(clock, 2 * DAY)
    assert epoch_of(hold).state == EpochKey.State.DESTROYED
    keys.forget()
    assert read_text(Message.unscoped.get(pk=long.pk)) == "Longue"
    assert read_title(Conversation.unscoped.get()) is not None
    assert Conversation.unscoped.get().title_epoch.day == keys.day_of(house.created_at + 364 * DAY)
    assert list(disagreements()) == []


def test_where_all_is_past_its_hour_the_title_goes_too(house, clock, alice, alice_enrolment):  # noqa: F811
    hold = hold_all(alice_enrolment)
    live(clock, 370 * DAY)
    assert read_title(Conversation.unscoped.get()) is not None
    lift(hold)
    live(clock, 2 * DAY + HOUR)
    assert read_title(Conversation.unscoped.get()) is None
    assert Message.unscoped.get().emptied_at is not None
    live(clock, 2 * DAY)
    assert epoch_of(hold).state == EpochKey.State.DESTROYED


def test_what_is_past_its_hour_already_is_not_brought_back(house, clock, alice, alice_enrolment):  # noqa: F811
    message = post(alice, house, "Pour deux jours", days=2)
    live(clock, 2 * DAY - HOUR)
    clock.jump(HOUR)  # its hour, and no sweep yet
    hold_all(alice_enrolment)
    with pytest.raises(exceptions.MessageGone):
        read_text(Message.unscoped.get(pk=message.pk))
    live(clock, HOUR)
    assert Message.unscoped.get(pk=message.pk).emptied_at is not None


def test_a_sweep_that_comes_before_the_worker_empties_nothing_held(house, clock, alice, alice_enrolment):  # noqa: F811
    message = post(alice, house, "Pour deux jours", days=2)
    live(clock, 2 * DAY - HOUR)
    set_hold(collaborator=alice_enrolment, by=None)
    live(clock, 2 * DAY)  # its hour, its day, and no worker has wrapped its key yet
    assert Message.unscoped.get(pk=message.pk).emptied_at is None
    live(clock, 2 * DAY)
    assert EpochKey.objects.get(pk=message.epoch_id).state == EpochKey.State.MARKED  # held back
    assert follow_holds()
    keys.forget()
    assert read_text(Message.unscoped.get(pk=message.pk)) == "Pour deux jours"


def test_what_is_posted_and_started_under_a_hold_is_held_from_the_beginning(
    house,  # noqa: F811
    clock,  # noqa: F811
    alice,
    bob,
    alice_enrolment,
):
    hold = hold_all(alice_enrolment)
    posted = post(bob, house, "Sous la suspension", days=2)
    started = start(alice_enrolment, to=["bob@example.org"], expires_at=in_days(2))
    assert Conversation.unscoped.get(pk=started.pk).hold == hold
    assert Activity.unscoped.filter(conversation=started, verb=Activity.Verb.HELD).count() == 1
    live(clock, 8 * DAY)
    keys.forget()
    assert read_text(Message.unscoped.get(pk=posted.pk)) == "Sous la suspension"
    assert read_title(Conversation.unscoped.get(pk=started.pk)) is not None
    assert follow_holds()
    assert list(disagreements()) == []


def test_nothing_is_taken_away_under_a_hold_nor_made_to_expire_otherwise(alice, bob, alice_enrolment):
    conversation = start(alice_enrolment, to=["bob@example.org"], expires_at=in_days(10))
    message, owner = Message.unscoped.get(), seat_of(alice, conversation)
    set_hold(collaborator=alice_enrolment, by=None)  # at once, before the worker
    acts = [
        lambda: withdraw_message(by=owner, message=message),
        lambda: delete_conversation(by=owner),
        lambda: change_expiry(by=owner, message=message, expires_at=in_days(30)),
        lambda: change_expiry(by=owner, message=message, expires_at=in_days(3)),
        lambda: ask_for_time(by=seat_of(bob, conversation), message=message),
    ]
    for act in acts:
        with pytest.raises(exceptions.UnderLegalHold):
            act()
    abilities = access.conversation_for(alice, conversation.pk).abilities
    assert not {Ability.WITHDRAW, Ability.DELETE, Ability.CHANGE_EXPIRY, Ability.GRANT_TIME} & abilities
    assert {Ability.POST, Ability.CLOSE} <= abilities
    follow_holds()
    persona = seat_of(bob, conversation).persona
    assert not access.expiring(access.inbox(bob, persona), before=in_days(20)).exists()


@pytest.mark.spec("E2")
def test_nobody_is_warned_of_what_does_not_expire(house, clock, alice, alice_enrolment):  # noqa: F811
    post(alice, house, "Pour quarante jours", days=40)
    hold_all(alice_enrolment)
    live(clock, 39 * DAY)
    assert not SeatNotice.unscoped.exists()


@pytest.mark.spec("A2", "M6")
def test_it_is_a_line_in_each_conversation_and_an_act_of_the_administrators(
    alice, alice_enrolment, dora, bob
):
    first = start(alice_enrolment, to=["bob@example.org"])
    start(alice_enrolment, to=["bob@example.org"])
    hold = set_hold(collaborator=alice_enrolment, by=dora)
    for _ in range(2):
        assert follow_holds()
    for _ in range(2):
        lift_hold(hold=hold, by=dora)
        assert follow_holds()
    verbs = Activity.unscoped.filter(conversation=first, actor=None).order_by("number")
    assert list(verbs.values_list("verb", flat=True)) == ["held", "hold_lifted"]
    acts = AdministrativeAct.unscoped.filter(verb__in=["held", "hold_lifted"]).order_by("number")
    assert [(act.verb, act.by_name, act.collaborator, act.details["conversations"]) for act in acts] == [
        ("held", "Dora Lavoie", alice_enrolment, 2),
        ("hold_lifted", "Dora Lavoie", alice_enrolment, 2),
    ]
    assert not Conversation.unscoped.exclude(hold=None).exists()
    assert list(disagreements()) == []


# One conversation; two holds


def test_one_conversation_alone_can_be_held(alice, bob, alice_enrolment):
    held, free = (start(alice_enrolment, to=["bob@example.org"]) for _ in range(2))
    hold = hold_all(alice_enrolment, conversation_id=held.pk)
    assert Conversation.unscoped.get(pk=held.pk).hold == hold
    assert Conversation.unscoped.get(pk=free.pk).hold is None
    with pytest.raises(exceptions.AlreadyHeld):
        set_hold(collaborator=alice_enrolment, conversation_id=held.pk, by=None)
    delete_conversation(by=seat_of(alice, free))
    with pytest.raises(exceptions.NothingToHold):
        set_hold(collaborator=alice_enrolment, conversation_id=free.pk, by=None)
    assert LegalHold.unscoped.count() == 1


def test_nobody_holds_another_collaborators_conversation(alice, alice_enrolment, other_organization):
    stranger = enrol(other_organization, "oliver@harbour.example")
    conversation = start(alice_enrolment, to=["bob@example.org"])
    with pytest.raises(exceptions.NothingToHold):
        set_hold(collaborator=stranger, conversation_id=conversation.pk, by=None)
    set_hold(collaborator=alice_enrolment, by=None)
    with pytest.raises(exceptions.AlreadyHeld):
        set_hold(collaborator=alice_enrolment, by=None)


def test_the_hold_on_all_takes_over_where_the_one_on_one_is_lifted(house, clock, alice, alice_enrolment):  # noqa: F811
    message = post(alice, house, "Pour trois jours", days=3)
    one = hold_all(alice_enrolment, conversation_id=house.pk)
    everything = hold_all(alice_enrolment)
    live(clock, 6 * DAY)
    lift(one)
    assert follow_holds()
    assert Conversation.unscoped.get().hold == everything
    live(clock, 3 * DAY)
    assert living_uses(epoch_of(one).pk, clock.now) == {}
    assert epoch_of(one).state == EpochKey.State.DESTROYED
    keys.forget()
    assert read_text(Message.unscoped.get(pk=message.pk)) == "Pour trois jours"
    assert Message.unscoped.get(pk=message.pk).epoch_id == epoch_of(everything).pk


def test_frozen_conversations_are_held_as_well(house, clock, alice, alice_enrolment):  # noqa: F811
    deactivate_collaborator(collaborator=alice_enrolment, by=None)
    hold_all(alice_enrolment)
    live(clock, 370 * DAY)
    assert read_text(Message.unscoped.get()) == "Bonjour, voici l’acte."


def test_a_run_ends_after_so_many_and_the_next_goes_on(alice, bob, alice_enrolment):
    for _ in range(3):
        start(alice_enrolment, to=["bob@example.org"])
    hold = set_hold(collaborator=alice_enrolment, by=None)
    assert holds.is_due()
    assert not holds.is_due(since=timedelta(minutes=5))
    assert not follow_holds(limit=2)
    assert Message.unscoped.filter(is_held=True).count() == 2
    assert follow_holds(limit=2)
    assert not holds.is_due()
    lift_hold(hold=hold, by=None)
    assert not follow_holds(limit=2)
    assert follow_holds(limit=2)
    assert not Message.unscoped.filter(is_held=True).exists()


@pytest.mark.parametrize("what", ["message", "title"])
def test_what_nobody_can_open_any_more_keeps_no_other_hold_from_being_followed(
    alice, bob, alice_enrolment, organization, what
):
    """One damaged row, and no hold of the whole installation would be taken up, nor any key of one destroyed."""
    damaged = start(alice_enrolment, to=["bob@example.org"])
    sound = post(alice, damaged, "Un autre")
    hold = hold_all(alice_enrolment) if what == "title" else None
    if what == "message":
        Message.unscoped.filter(conversation=damaged, sequence=1).update(key=b"x" * 61)
    else:
        Conversation.unscoped.filter(pk=damaged.pk).update(title_key=b"x" * 61)
        lift(hold)
    other = start(enrol(organization, "bob@example.org"), to=["alice@etude-tremblay.example"])
    hold = set_hold(collaborator=alice_enrolment, by=None)
    set_hold(collaborator=other.collaborator, by=None)
    assert follow_holds()
    held = Message.unscoped.filter(is_held=True)
    assert {sound.pk, *Message.unscoped.filter(conversation=other).values_list("pk", flat=True)} <= {
        row.pk for row in held
    }
    lift(hold)
    assert not held.filter(conversation=damaged).exists()


def test_people_in_it_read_that_a_hold_stands(alice, bob, alice_enrolment, dora):
    conversation = start(alice_enrolment, to=["bob@example.org"])
    hold_all(alice_enrolment)
    window = reverse("connexion:conversation", args=[conversation.pk])
    for person in (alice, bob):
        text = sign_in(Client(), person).get(window).content.decode()
        assert "Conservation légale" in text
        assert (
            reverse("connexion:change_expiry", args=[conversation.pk, Message.unscoped.get().pk]) not in text
        )
