"""Inviting, leaving, rights to reply, admitting again (spec C9, C10)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connexion_plugin import access
from connexion_plugin.access import Ability
from connexion_plugin.actions import participants
from connexion_plugin.actions.activity import faults_in_chain
from connexion_plugin.actions.closing import close_conversation, reopen_conversation
from connexion_plugin.actions.messages import open_message
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.exceptions import (
    AnnouncementIsReadOnly,
    ConversationClosed,
    ConversationFrozen,
    NoLongerThere,
    OwnerStays,
    ReadOnlySeat,
)
from connexion_plugin.models import Activity, Collaborator, Message, Notice, Participation
from tests.factories import make_person
from tests.factories.conversations import post, seat_of, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org"])


@pytest.fixture
def owner(alice, house):
    return seat_of(alice, house)


def verbs(conversation):
    lines = Activity.unscoped.filter(conversation=conversation).order_by("number")
    return [line.verb for line in lines]


@pytest.mark.spec("C10")
def test_an_invitation_says_who_is_new_who_was_there_and_who_has_gone(house, owner, bob):
    participants.invite(by=owner, addresses=["gone@example.net"], language="fr")
    gone = Participation.unscoped.get(persona__address="gone@example.net")
    participants.remove(by=owner, participation=gone)
    invited = participants.invite(
        by=owner,
        addresses=["new@example.net", "BOB@example.org", "gone@example.net", owner.persona.address],
        language="en",
    )
    assert [seat.persona.address for seat in invited.seats] == ["new@example.net"]
    assert set(invited.already_in) == {"bob@example.org", owner.persona.address}
    assert invited.no_longer_in == ["gone@example.net"]
    assert Participation.unscoped.get(pk=gone.pk).seat == Participation.Seat.REMOVED
    assert invited.seats[0].persona.language == "en"


@pytest.mark.spec("C10")
def test_a_newcomer_sees_only_what_follows(house, owner, alice, charlie):
    post(alice, house, "avant")
    participants.invite(
        by=owner, addresses=["charlie@example.org"], language="fr", may_reply=False, sees_past=False
    )
    seat = seat_of(charlie, house)
    assert list(access.messages_seen_by(seat)) == []
    assert not Notice.unscoped.filter(participation=seat).exists()
    after = post(alice, house, "après")
    assert list(access.messages_seen_by(seat)) == [after]
    entry = access.conversation_for(charlie, house.pk)
    assert Ability.POST not in entry.abilities
    with pytest.raises(ReadOnlySeat):
        post(charlie, house, "non")
    # Nor who did what before.
    assert {line.verb for line in access.activities_of(entry)} == {"invited", "posted"}


@pytest.mark.spec("C9")
def test_who_leaves_reads_nothing_more_and_can_be_admitted_again(house, owner, bob):
    seat = seat_of(bob, house)
    participants.leave(participations=[seat])
    participants.leave(participations=[seat])
    with pytest.raises(Http404):
        access.conversation_for(bob, house.pk)
    assert verbs(house).count("left") == 1
    participants.readmit(by=owner, participation=seat)
    assert Ability.POST in access.conversation_for(bob, house.pk).abilities
    house.refresh_from_db()
    assert list(faults_in_chain(house)) == []


@pytest.mark.spec("C9")
def test_the_owner_stays(house, owner):
    with pytest.raises(OwnerStays):
        participants.leave(participations=[owner])
    assert "left" not in verbs(house)


@pytest.mark.spec("C9")
def test_who_sits_there_twice_leaves_with_both(house, owner, bob):
    participants.invite(by=owner, addresses=["bob.gagnon@work.example"], language="fr")
    participants.leave(participations=access.conversation_for(bob, house.pk).seats)
    assert access.permissions_of(bob, house) == set()
    assert access.disagreements() == []


@pytest.mark.spec("C10")
def test_the_right_to_reply_is_taken_and_given_back(house, owner, bob):
    seat = seat_of(bob, house)
    for may_reply in (False, False, True):
        participants.change_reply(by=owner, participation=seat, may_reply=may_reply)
        assert (Ability.POST in access.conversation_for(bob, house.pk).abilities) == may_reply
        assert access.disagreements() == []
    assert verbs(house)[-2:] == ["reply_taken", "reply_given"]
    participants.remove(by=owner, participation=seat)
    with pytest.raises(NoLongerThere):
        participants.change_reply(by=owner, participation=seat, may_reply=False)


@pytest.mark.spec("C12")
def test_a_closed_conversation_is_read_and_nothing_is_added(house, owner, alice, bob):
    seat = seat_of(bob, house)
    close_conversation(by=owner)
    close_conversation(by=owner)
    assert access.conversation_for(bob, house.pk).abilities >= {Ability.READ, Ability.OPEN, Ability.LEAVE}
    mine = access.conversation_for(alice, house.pk).abilities
    assert mine & {Ability.POST, Ability.INVITE, Ability.CLOSE, Ability.REOPEN} == {Ability.REOPEN}
    for act in (
        lambda: post(bob, house, "non"),
        lambda: participants.invite(by=owner, addresses=["x@example.net"], language="fr"),
        lambda: participants.change_reply(by=owner, participation=seat, may_reply=False),
    ):
        with pytest.raises(ConversationClosed):
            act()
    participants.remove(by=owner, participation=seat)
    with pytest.raises(ConversationClosed):
        participants.readmit(by=owner, participation=seat)
    reopen_conversation(by=owner)
    reopen_conversation(by=owner)
    participants.readmit(by=owner, participation=seat)
    post(bob, house, "oui")
    assert verbs(house)[-5:] == ["closed", "removed", "reopened", "readmitted", "posted"]


@pytest.mark.spec("B4")
def test_a_frozen_conversation_is_left_and_not_changed(house, owner, bob):
    Collaborator.unscoped.update(status=Collaborator.Status.DEACTIVATED)
    seat = seat_of(bob, house)
    for act in (
        lambda: participants.remove(by=owner, participation=seat),
        lambda: close_conversation(by=owner),
        lambda: reopen_conversation(by=owner),
    ):
        with pytest.raises(ConversationFrozen):
            act()
    participants.leave(participations=[seat])


@pytest.mark.spec("C9")
def test_nobody_gets_the_right_to_reply_in_an_announcement(house, owner, bob):
    house.hides_participants = True
    house.save()
    invited = participants.invite(by=owner, addresses=["new@example.net"], language="fr", may_reply=True)
    assert not invited.seats[0].may_reply
    with pytest.raises(AnnouncementIsReadOnly):
        participants.change_reply(by=owner, participation=invited.seats[0], may_reply=True)
    with pytest.raises(ReadOnlySeat):  # whatever his seat says
        post(bob, house, "non")
    assert Ability.POST not in access.conversation_for(bob, house.pk).abilities
    post(make_owner(owner), house, "oui")


def make_owner(owner):
    return owner.holder


@pytest.mark.spec("C10")
def test_inviting_thousands_takes_bounded_statements(house, owner):
    for number in range(20):
        make_person(f"p{number} X", f"known{number}@example.net")

    def invite(tag, count):
        known = [f"known{number}@example.net" for number in range(20)] if count > 100 else []
        with CaptureQueriesContext(connection) as captured:
            participants.invite(
                by=owner, addresses=[*known, *(f"{tag}{n}@example.net" for n in range(count))], language="fr"
            )
        return len(captured)

    few, many = invite("few", 3), invite("many", 1500)
    # What SQLite's 999 variables cut into batches, and guardian's lists; PostgreSQL takes fewer.
    assert many <= few + 60, (few, many)


def told(address):
    return list(
        Notice.unscoped.filter(participation__persona__address=address).values_list(
            "message__sequence", flat=True
        )
    )


@pytest.mark.spec("N1")
@pytest.mark.parametrize("gone", ["withdrawn", "expired"])
def test_a_newcomer_is_told_of_the_newest_message_that_can_be_opened(house, owner, alice, gone):
    last = post(alice, house, "oups")
    if gone == "withdrawn":
        withdraw_message(by=owner, message=last)
    else:
        past = timezone.now() - timedelta(hours=1)
        Message.unscoped.filter(pk=last.pk).update(posted_at=past - timedelta(days=31), expires_at=past)
    participants.invite(by=owner, addresses=["new@example.net"], language="fr")
    assert told("new@example.net") == [1]


@pytest.mark.spec("I3")
def test_whoever_is_admitted_again_is_told_of_what_waits(house, owner, alice, bob):
    seat = seat_of(bob, house)
    participants.remove(by=owner, participation=seat)
    post(alice, house, "pendant")
    participants.readmit(by=owner, participation=seat)
    assert sorted(told("bob@example.org")) == [1, 2]


@pytest.mark.spec("I3")
def test_whoever_is_admitted_again_and_has_read_everything_is_told_nothing(house, owner, bob):
    seat = seat_of(bob, house)
    open_message(participation=seat, message=Message.unscoped.get(conversation=house))
    Notice.unscoped.all().delete()
    participants.remove(by=owner, participation=seat)
    participants.readmit(by=owner, participation=seat)
    assert told("bob@example.org") == []
