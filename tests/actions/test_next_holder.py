"""Whoever holds a recycled address next, and is admitted, finds every envelope closed (spec I3)."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.http import Http404
from django.test import Client
from django.urls import reverse

from connexion_plugin import access
from connexion_plugin.actions import handing_over, participants
from connexion_plugin.actions.deleting import losses_of
from connexion_plugin.actions.expiry import empty_message
from connexion_plugin.actions.messages import open_message
from connexion_plugin.actions.more_time import ask_for_time, decline_time
from connexion_plugin.actions.moving import ask_to_move
from connexion_plugin.actions.personas import give_up_address
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.actions.warnings import warn_of_expiry
from connexion_plugin.mail.delivery import deliver
from connexion_plugin.models import (
    Activity,
    Conversation,
    Mail,
    Message,
    Opening,
    Participation,
    Persona,
    SeatNotice,
    TimeRequest,
)
from tests.conftest import sign_in
from tests.factories import enrol, make_person, verify_address
from tests.factories.conversations import in_days, post, seat_of, start

pytestmark = [pytest.mark.django_db, pytest.mark.spec("I3", "C5")]
ADDRESS = "bob@example.org"


@pytest.fixture
def house(alice, bob, alice_enrolment):
    """Bob has opened Alice's message, and answered."""
    house = start(alice_enrolment, to=[ADDRESS], expires_at=in_days(6))
    open_message(participation=seat_of(bob, house), message=Message.unscoped.get())
    ask_for_time(by=seat_of(bob, house), message=Message.unscoped.get())
    post(bob, house, "de Bob")
    return house


def lose(bob):
    EmailAddress.objects.filter(user=bob, email=ADDRESS).delete()
    give_up_address(user=bob, address=ADDRESS)


def seat():
    return Participation.unscoped.select_related("conversation").get(persona__address=ADDRESS)


def readmit(house, alice):
    participants.readmit(by=seat_of(alice, house), participation=seat())


def removed_then_waiting(house, alice, bob):
    participants.remove(by=seat_of(alice, house), participation=seat())
    lose(bob)
    readmit(house, alice)
    return make_person("Robert Roy", ADDRESS)


def released_then_waiting(house, alice, bob):
    lose(bob)
    readmit(house, alice)
    return make_person("Robert Roy", ADDRESS)


def admitted_after_the_next_has_come(house, alice, bob):
    lose(bob)
    robert = make_person("Robert Roy", ADDRESS)
    readmit(house, alice)
    return robert


WAYS = [removed_then_waiting, released_then_waiting, admitted_after_the_next_has_come]


@pytest.mark.parametrize("way", WAYS)
def test_the_next_holder_finds_every_envelope_closed(house, alice, bob, way):
    robert = way(house, alice, bob)
    assert (seat().unopened_count, seat().entered_at, seat().last_posted_sequence) == (2, None, 0)
    window = sign_in(Client(), robert).get(reverse("connexion:conversation", args=[house.pk]))
    assert [(letter.state, letter.is_mine) for letter in window.context["thread"]] == [("sealed", False)] * 2
    assert "de Bob" not in window.content.decode()
    assert not TimeRequest.unscoped.exists()
    assert losses_of(house).unopened_people == 1
    assert list(disagreements()) == []


@pytest.mark.parametrize("way", WAYS)
def test_what_an_earlier_holder_wrote_is_not_theirs_to_take_back(house, alice, bob, way):
    robert = way(house, alice, bob)
    written = Message.unscoped.get(sequence=2)
    for door in (access.message_to_withdraw, access.message_to_change_expiry):
        with pytest.raises(Http404):
            door(robert, house.pk, written.pk)


def test_each_holder_opens_for_themselves_and_both_openings_stand(house, alice, bob):
    robert = removed_then_waiting(house, alice, bob)
    for message in Message.unscoped.order_by("sequence"):
        for _ in range(2):
            open_message(participation=seat_of(robert, house), message=message)
    assert Opening.unscoped.filter(message__sequence=1).count() == 2
    assert seat().unopened_count == 0
    post(robert, house, "de Robert")
    entry = access.conversation_for(robert, house.pk)
    assert access.may_withdraw(entry, Message.unscoped.get(sequence=3))
    assert list(disagreements()) == []


def test_what_expires_unopened_by_the_next_is_one_less_to_open(house, alice, bob):
    removed_then_waiting(house, alice, bob)
    empty_message(Message.unscoped.get(sequence=1).pk, now=in_days(7))
    assert seat().unopened_count == 1
    assert list(disagreements()) == []


@pytest.mark.spec("E2")
@pytest.mark.parametrize("way", WAYS)
def test_answers_to_an_earlier_holder_go_to_nobody_and_a_warning_to_the_next(house, alice, bob, way):
    decline_time(by=seat_of(alice, house), message=Message.unscoped.get(sequence=1))
    post(alice, house, "pas ouvert", days=7)
    warn_of_expiry(now=in_days(5), limit=10)
    deliver()
    way(house, alice, bob)
    mail.outbox.clear()
    SeatNotice.unscoped.filter(participation=seat(), kind="expiring").get()
    deliver()
    told = Mail.unscoped.filter(to=ADDRESS, seat_notices__participation=seat())
    assert list(told.values_list("kind", "state")) == [("expiring", "sent")]
    assert not SeatNotice.unscoped.filter(participation=seat(), kind="declined").exists()


def test_the_same_person_admitted_again_goes_on_where_they_were(house, alice, bob):
    participants.remove(by=seat_of(alice, house), participation=seat())
    lose(bob)
    verify_address(bob, ADDRESS)
    readmit(house, alice)
    assert (seat().tenure, seat().unopened_count) == (0, 0)
    assert access.may_withdraw(access.conversation_for(bob, house.pk), Message.unscoped.get(sequence=2))


@pytest.mark.spec("I7")
@pytest.mark.parametrize("way", WAYS)
def test_where_an_earlier_holder_asked_to_move_is_not_where_the_next_asks(house, alice, bob, way):
    wishes = Persona.unscoped.get(address="bob.gagnon@work.example")
    ask_to_move(seat=seat(), persona=wishes)
    robert = way(house, alice, bob)
    entry = access.conversation_for(alice, house.pk)
    assert access.moves_asked_of(entry, [seat()]) == {}
    verify_address(robert, "robert@example.net")
    ask_to_move(seat=seat(), persona=Persona.unscoped.get(address="robert@example.net"))
    assert access.moves_asked_of(entry, [seat()])[seat().pk].persona.address == "robert@example.net"
    asked = Activity.unscoped.filter(verb=Activity.Verb.MOVE_ASKED)
    assert asked.count() == 2
    assert Mail.unscoped.filter(kind=Mail.Kind.ACCOUNT, to="alice@etude-tremblay.example").count() == 2


@pytest.mark.spec("C9")
def test_an_earlier_holder_who_leaves_late_leaves_their_own_seat_only(house, alice, bob):
    stale = access.conversation_for(bob, house.pk).seats
    robert = removed_then_waiting(house, alice, bob)
    participants.leave(participations=stale)
    assert seat().seat == Participation.Seat.TAKEN
    assert access.conversation_for(robert, house.pk)
    assert not Activity.unscoped.filter(verb=Activity.Verb.LEFT).exists()


@pytest.mark.spec("C9")
@pytest.mark.parametrize("way", WAYS)
def test_in_an_announcement_what_an_earlier_holder_did_is_hidden_too(house, alice, bob, way):
    Conversation.unscoped.filter(pk=house.pk).update(hides_participants=True)
    robert = way(house, alice, bob)
    message = Message.unscoped.get(sequence=1)
    open_message(participation=seat_of(robert, house), message=message)
    entry = access.conversation_for(robert, house.pk)
    mine = access.activities_of(entry).filter(actor=seat()).order_by("number")
    assert {line.at >= seat().joined_at for line in access.activities_of(entry).filter(subject=seat())} <= {
        True
    }
    assert [line.verb for line in mine if line.verb != "joined"] == ["opened"]
    assert [opening.tenure for opening in access.openings_of(entry, [message])] == [1]
    assert access.openings_of(access.conversation_for(alice, house.pk), [message]).count() == 2


@pytest.mark.spec("C13")
def test_nor_does_a_successor_inherit_what_an_earlier_holder_of_their_address_opened(
    house, alice, bob, dora, alice_enrolment, organization
):
    lose(bob)
    robert = make_person("Robert Roy", ADDRESS)
    handing_over.hand_over(collaborator=alice_enrolment, successor=enrol(organization, ADDRESS), by=dora)
    assert handing_over.carry_hand_overs()
    assert seat_of(robert, house).is_owner
    assert seat().unopened_count == 2
    assert list(disagreements()) == []


@pytest.mark.spec("C9")
@pytest.mark.parametrize("way", WAYS)
def test_in_an_announcement_whoever_is_admitted_again_reads_what_they_did_before(house, alice, bob, way):
    Conversation.unscoped.filter(pk=house.pk).update(hides_participants=True)
    robert = way(house, alice, bob)
    open_message(participation=seat_of(robert, house), message=Message.unscoped.get(sequence=1))
    participants.remove(by=seat_of(alice, house), participation=seat())
    readmit(house, alice)
    own = access.activities_of(access.conversation_for(robert, house.pk)).order_by("number")
    lines = [
        (line.verb, line.actor_id == seat().pk)
        for line in own
        if seat().pk in (line.actor_id, line.subject_id)
    ]
    assert ("opened", True) in lines
    assert [line.verb for line in own if line.actor_id == seat().pk].count("opened") == 1  # and not Bob's
    assert ("removed", False) in lines
    assert lines[-1] == ("readmitted", False)
    assert not own.filter(verb="posted", actor=seat()).exists()
    assert seat().tenure == 1


@pytest.fixture
def third_holder(house, alice, bob):
    """Admitted while the address was nobody's, removed before anybody came, and admitted again for its next holder."""
    announce = Conversation.unscoped.filter(pk=house.pk)
    announce.update(hides_participants=True)
    lose(bob)
    readmit(house, alice)
    participants.remove(by=seat_of(alice, house), participation=seat())
    robert = make_person("Robert Roy", ADDRESS)
    readmit(house, alice)
    return robert


@pytest.mark.spec("C9")
@pytest.mark.parametrize("undated", [False, True])
def test_in_an_announcement_a_seat_that_waited_for_nobody_reads_from_when_it_is_theirs(
    house, bob, third_holder, undated
):
    if undated:  # as such a seat was kept before
        Participation.unscoped.filter(pk=seat().pk).update(held_since=None)
    else:
        assert seat().held_since == seat().joined_at is not None
    client = sign_in(Client(), third_holder)
    for page in ("conversation", "activity", "print_activity"):
        assert client.get(reverse(f"connexion:{page}", args=[house.pk])).status_code == 200, page
    entry = access.conversation_for(third_holder, house.pk)
    seen = access.activities_of(entry).filter(actor=seat().pk)
    assert not seen.filter(at__lt=seat().joined_at).exists()
    assert not seen.exists()
