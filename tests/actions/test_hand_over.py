"""An administrator names a successor; the worker hands the conversations over, and tells who takes part (spec C13)."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from connexion_plugin import access, exceptions, tasks
from connexion_plugin.actions import handing_over
from connexion_plugin.actions.closing import close_conversation
from connexion_plugin.actions.collaborators import (
    deactivate_collaborator,
    delete_collaborator,
    enrol_collaborator,
    reactivate_collaborator,
)
from connexion_plugin.actions.deleting import delete_conversation
from connexion_plugin.actions.handing_over import hand_over, preview_hand_over
from connexion_plugin.actions.messages import open_message
from connexion_plugin.actions.participants import invite, leave, readmit, remove
from connexion_plugin.actions.personas import give_up_address
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.models import (
    Activity,
    AdministrativeAct,
    Conversation,
    HandOver,
    Mail,
    Message,
    Participation,
)
from tests.factories import enrol, make_person, verify_address
from tests.factories.conversations import post, seat_of, start

ALICE, EMMA = "alice@etude-tremblay.example", "emma@etude-tremblay.example"


@pytest.fixture
def conversation(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org", "newcomer@example.net"])


@pytest.fixture
def emma(db):
    return make_person("Emma Cyr", EMMA)


@pytest.fixture
def emma_enrolment(organization, emma):
    return enrol(organization, EMMA)


def carry():
    assert handing_over.carry_hand_overs()
    assert list(disagreements()) == []


def fresh(conversation):
    return Conversation.unscoped.select_related("collaborator").get(pk=conversation.pk)


def owner_of(conversation):
    return Participation.unscoped.select_related("persona").get(conversation=conversation, role="owner")


def lines(conversation):
    return list(
        Activity.unscoped.filter(conversation=conversation, verb=Activity.Verb.HANDED_OVER).order_by("number")
    )


def told():
    return sorted(Mail.unscoped.filter(kind=Mail.Kind.HAND_OVER).values_list("to", flat=True))


@pytest.fixture
def handed_over(dora, alice_enrolment, emma_enrolment, conversation):
    act = hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)
    carry()
    return SimpleNamespace(act=act, conversation=fresh(conversation))


@pytest.mark.spec("C13")
def test_the_preview_counts_conversations_and_each_participant_once(alice_enrolment, conversation):
    start(alice_enrolment, to=["bob@example.org"])
    preview = preview_hand_over(collaborator=alice_enrolment)
    assert (preview.conversations, preview.participants) == (2, 2)


@pytest.mark.spec("C13")
def test_the_past_is_readable_to_the_successor_only_through_the_act(
    dora, emma, alice_enrolment, emma_enrolment, conversation
):
    with pytest.raises(Http404):
        access.conversation_for(emma, conversation.pk)
    hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)
    with pytest.raises(Http404):
        access.conversation_for(emma, conversation.pk)
    carry()
    entry = access.conversation_for(emma, conversation.pk)
    assert entry.is_owner
    assert entry.seat.sees_after == 0
    assert {access.Ability.POST, access.Ability.INVITE, access.Ability.OWN} <= entry.abilities
    open_message(participation=entry.seat, message=access.messages_seen_by(entry.seat).get())


@pytest.mark.spec("C13", "M2")
def test_the_former_owners_seat_ends_and_the_successor_may_admit_them_again(handed_over, alice, emma):
    with pytest.raises(Http404):
        access.conversation_for(alice, handed_over.conversation.pk)
    seat = Participation.unscoped.get(conversation=handed_over.conversation, persona__address=ALICE)
    assert (seat.role, seat.seat, seat.ended_at) == ("participant", "removed", handed_over.act.at)
    readmit(by=seat_of(emma, handed_over.conversation), participation=seat)
    entry = access.conversation_for(alice, handed_over.conversation.pk)
    assert not entry.is_owner
    assert access.Ability.INVITE not in entry.abilities


@pytest.mark.spec("C13")
def test_the_administrator_reads_nothing_before_and_after(handed_over, dora):
    with pytest.raises(Http404):
        access.conversation_for(dora, handed_over.conversation.pk)


@pytest.mark.spec("C13")
def test_nobody_hands_over_to_an_address_of_their_own(dora, organization, alice_enrolment, conversation):
    herself = enrol(organization, "dora@etude-tremblay.example")
    with pytest.raises(exceptions.NotToOneself):
        hand_over(collaborator=alice_enrolment, successor=herself, by=dora)
    assert not HandOver.unscoped.exists()


@pytest.mark.spec("C13")
def test_nobody_confirms_an_address_that_they_named_and_comes_in_by_it(
    dora, organization, alice_enrolment, conversation
):
    later = enrol(organization, "dora.lavoie@etude-tremblay.example")
    hand_over(collaborator=alice_enrolment, successor=later, by=dora)
    carry()
    verify_address(dora, later.address)
    with pytest.raises(Http404):
        access.conversation_for(dora, conversation.pk)
    assert owner_of(conversation).seat == "waiting"


@pytest.mark.spec("C13")
def test_nor_before_the_worker_came(dora, organization, alice_enrolment, conversation):
    """A deactivated successor makes the worker wait for as long as the administrator likes."""
    later = enrol(organization, "dora.lavoie@etude-tremblay.example")
    hand_over(collaborator=alice_enrolment, successor=later, by=dora)
    deactivate_collaborator(collaborator=later, by=dora)
    carry()
    verify_address(dora, later.address)
    reactivate_collaborator(collaborator=later, by=dora)
    carry()
    with pytest.raises(Http404):
        access.conversation_for(dora, conversation.pk)
    seat = owner_of(conversation)
    assert (seat.persona.address, seat.seat, seat.holder_id) == (later.address, "waiting", None)


@pytest.mark.spec("C13")
def test_nor_by_a_seat_that_they_have_as_a_participant(dora, organization, alice_enrolment, conversation):
    """They would be raised to the owner, with all of the past, by an address confirmed after the act."""
    later = enrol(organization, "dora.lavoie@etude-tremblay.example")
    hand_over(collaborator=alice_enrolment, successor=later, by=dora)
    verify_address(dora, later.address)
    owner = owner_of(conversation)
    invite(by=owner, addresses=[later.address], language="fr", sees_past=False)
    carry()
    with pytest.raises(Http404):
        access.conversation_for(dora, conversation.pk)
    assert owner_of(conversation).seat == "waiting"


@pytest.mark.spec("C13", "A2")
def test_each_conversation_gets_one_line_dated_at_the_act(handed_over):
    line = lines(handed_over.conversation)[0]
    assert (line.at, line.actor, line.subject.persona.address) == (handed_over.act.at, None, EMMA)


@pytest.mark.spec("C13", "B2")
def test_it_does_not_move_the_conversations_date(conversation, handed_over):
    assert handed_over.conversation.activity_at == conversation.activity_at


@pytest.mark.spec("C13")
def test_the_worker_may_be_killed_anywhere_and_come_twice(
    dora, alice_enrolment, emma_enrolment, conversation
):
    conversations = [conversation, *(start(alice_enrolment, to=["bob@example.org"]) for _ in range(4))]
    hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)
    assert not handing_over.carry_hand_overs(limit=3)
    assert sum(len(lines(each)) for each in conversations) == 3
    assert list(disagreements()) == []
    while not handing_over.carry_hand_overs(limit=3):
        pass
    HandOver.unscoped.update(finished_at=None, told_at=None, told_up_to=None)  # killed before it was noted
    carry()
    assert [len(lines(each)) for each in conversations] == [1] * 5
    assert told() == sorted(["bob@example.org", EMMA, "newcomer@example.net"])


@pytest.mark.spec("C13")
def test_a_hand_over_whose_wake_was_lost_is_found_again(dora, alice_enrolment, emma_enrolment, conversation):
    act = hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)
    assert not handing_over.is_due(since=timedelta(minutes=2))
    HandOver.unscoped.update(at=act.at - timedelta(minutes=3))
    assert handing_over.is_due(since=timedelta(minutes=2))
    Conversation.unscoped.update(created_at=act.at - timedelta(minutes=5))
    tasks.carry_hand_overs()
    assert not handing_over.is_due()
    assert owner_of(conversation).persona.address == EMMA


@pytest.mark.spec("C13", "N2")
def test_each_person_is_told_once_whatever_the_number_of_conversations(
    dora, bob, alice_enrolment, emma_enrolment, conversation
):
    start(alice_enrolment, to=["bob@example.org"])
    start(alice_enrolment, to=["bob.gagnon@work.example"])
    hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)
    carry()
    assert len([to for to in told() if to.startswith("bob")]) == 1
    assert len(told()) == 3
    assert Mail.unscoped.filter(kind=Mail.Kind.HAND_OVER, to__startswith="bob").get().language == "en"


@pytest.mark.spec("C13")
def test_many_people_are_told_in_several_batches(
    monkeypatch, dora, alice_enrolment, emma_enrolment, conversation
):
    from connexion_plugin.actions import telling

    monkeypatch.setattr(telling, "PEOPLE_AT_ONCE", 2)
    start(alice_enrolment, to=[f"p{number}@example.net" for number in range(7)])
    hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)
    while not handing_over.carry_hand_overs(limit=3):
        pass
    assert len(told()) == len(set(told())) == 10


@pytest.mark.spec("C13")
def test_a_successor_who_takes_part_already_is_raised_and_sees_the_past(
    dora, alice, emma, alice_enrolment, emma_enrolment, conversation
):
    invite(by=seat_of(alice, conversation), addresses=[EMMA], language="fr", may_reply=False, sees_past=False)
    post(alice, conversation, "Après.")
    before = seat_of(emma, conversation)
    hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)
    carry()
    after = seat_of(emma, conversation)
    assert (after.pk, after.role, after.may_reply, after.sees_after) == (before.pk, "owner", True, 0)
    assert (before.unopened_count, after.unopened_count) == (1, 2)


@pytest.mark.spec("C13")
def test_a_successor_who_had_left_or_was_removed_comes_back_as_the_owner(
    dora, alice, emma, alice_enrolment, emma_enrolment, conversation
):
    other = start(alice_enrolment, to=[EMMA])
    invite(by=seat_of(alice, conversation), addresses=[EMMA], language="fr")
    leave(participations=[seat_of(emma, conversation)])
    remove(by=seat_of(alice, other), participation=seat_of(emma, other))
    hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)
    carry()
    for each in (conversation, other):
        assert access.conversation_for(emma, each.pk).is_owner


@pytest.mark.spec("C13", "B4", "I3")
def test_a_successor_without_an_account_waits_and_the_conversation_with_them(
    dora, bob, organization, alice_enrolment, conversation
):
    heir = enrol(organization, "heir@etude-tremblay.example")
    hand_over(collaborator=alice_enrolment, successor=heir, by=dora)
    carry()
    entry = access.conversation_for(bob, conversation.pk)
    assert entry.state is access.State.FROZEN
    assert access.why_frozen(entry) is access.WhyFrozen.SUCCESSOR_AWAITED
    with pytest.raises(exceptions.ConversationFrozen):
        post(bob, conversation, "Il y a quelqu’un?")
    person = make_person("Henri Roy", heir.address)
    assert access.conversation_for(person, conversation.pk).is_owner
    post(bob, conversation, "Bonjour.")
    assert list(disagreements()) == []


@pytest.mark.spec("C13")
def test_a_successor_who_is_deactivated_meanwhile_receives_the_rest_once_reactivated(
    dora, alice_enrolment, emma_enrolment, conversation
):
    hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)
    deactivate_collaborator(collaborator=emma_enrolment, by=dora)
    carry()
    assert fresh(conversation).collaborator == alice_enrolment
    assert not handing_over.is_due()
    reactivate_collaborator(collaborator=emma_enrolment, by=dora)
    carry()
    assert fresh(conversation).collaborator == emma_enrolment


@pytest.mark.spec("C13")
def test_a_successor_who_is_deleted_meanwhile_receives_nothing_more_and_another_can_be_named(
    dora, organization, alice_enrolment, emma_enrolment, conversation
):
    hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)
    delete_collaborator(collaborator=emma_enrolment, by=dora)
    carry()
    assert fresh(conversation).collaborator == alice_enrolment
    make_person("Félix Roy", "felix@etude-tremblay.example")
    felix = enrol(organization, "felix@etude-tremblay.example")
    hand_over(collaborator=alice_enrolment, successor=felix, by=dora)
    carry()
    assert fresh(conversation).collaborator == felix


@pytest.mark.spec("C13", "M2")
def test_deleting_is_for_good_unless_a_successor_is_named(
    dora, bob, alice_enrolment, emma_enrolment, conversation
):
    delete_collaborator(collaborator=alice_enrolment, by=dora)
    carry()
    with pytest.raises(exceptions.ConversationFrozen):
        post(bob, conversation, "Encore un mot.")
    hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)
    carry()
    post(bob, conversation, "Encore un mot.")
    verbs = (
        Activity.unscoped.filter(conversation=conversation).order_by("number").values_list("verb", flat=True)
    )
    assert list(verbs)[-3:] == ["frozen", "handed_over", "posted"]


@pytest.mark.spec("C13", "M2")
def test_deleting_with_a_successor_is_one_act(dora, bob, alice_enrolment, emma_enrolment, conversation):
    delete_collaborator(collaborator=alice_enrolment, by=dora, successor=emma_enrolment)
    carry()
    assert owner_of(conversation).persona.address == EMMA
    post(bob, conversation, "Bonjour Emma.")
    recorded = AdministrativeAct.unscoped.order_by("number").values_list("verb", flat=True)
    assert list(recorded) == ["deleted", "handed_over"]


@pytest.mark.spec("C13", "M2")
def test_a_deletion_whose_successor_is_refused_deletes_nobody(
    dora, other_organization, alice_enrolment, conversation
):
    stranger = enrol(other_organization, "oliver@harbour.example")
    with pytest.raises(exceptions.NotASuccessor):
        delete_collaborator(collaborator=alice_enrolment, by=dora, successor=stranger)
    alice_enrolment.refresh_from_db()
    assert alice_enrolment.is_active


@pytest.mark.spec("C13")
def test_a_closed_conversation_is_handed_over_closed(
    dora, alice, alice_enrolment, emma_enrolment, conversation
):
    close_conversation(by=seat_of(alice, conversation))
    hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)
    carry()
    assert access.state_of(fresh(conversation)) is access.State.CLOSED


@pytest.mark.spec("C12", "C13")
def test_a_conversation_deleted_for_everyone_goes_with_the_others_and_stays_deleted(
    dora, alice, emma, alice_enrolment, emma_enrolment, conversation
):
    delete_conversation(by=seat_of(alice, conversation))
    hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)
    carry()
    entry = access.conversation_for(emma, conversation.pk)
    assert (entry.is_owner, entry.state) == (True, access.State.DELETED)
    assert access.Ability.OPEN not in entry.abilities


@pytest.mark.spec("C13")
def test_what_is_started_after_the_act_stays_where_it_is(dora, alice_enrolment, emma_enrolment, conversation):
    hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)
    later = start(alice_enrolment, to=["bob@example.org"])
    carry()
    assert fresh(later).collaborator == alice_enrolment


@pytest.mark.spec("C13")
def test_naming_the_same_successor_twice_is_one_act_and_another_ends_the_first(
    dora, organization, alice_enrolment, emma_enrolment, conversation
):
    first = hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)
    assert hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora) == first
    make_person("Félix Roy", "felix@etude-tremblay.example")
    felix = enrol(organization, "felix@etude-tremblay.example")
    hand_over(collaborator=alice_enrolment, successor=felix, by=dora)
    carry()
    assert fresh(conversation).collaborator == felix
    assert len(lines(conversation)) == 1


@pytest.mark.spec("C13")
def test_there_must_be_something_to_hand_over(dora, alice_enrolment, emma_enrolment):
    with pytest.raises(exceptions.NothingToHandOver):
        hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)


@pytest.mark.spec("C13", "I3")
def test_an_owner_whose_address_was_given_up_receives_their_own_again_by_the_administrators_act(
    dora, alice, bob, alice_enrolment, conversation
):
    EmailAddress.objects.filter(email=ALICE).delete()
    give_up_address(user=alice, address=ALICE)
    heir = make_person("Alix Tremblay", "alix@example.org")
    verify_address(heir, ALICE)
    with pytest.raises(Http404):
        access.conversation_for(heir, conversation.pk)
    hand_over(collaborator=alice_enrolment, successor=alice_enrolment, by=dora)
    carry()
    assert access.conversation_for(heir, conversation.pk).is_owner
    post(bob, conversation, "Re-bonjour.")
    with pytest.raises(exceptions.NothingToHandOver):
        hand_over(collaborator=alice_enrolment, successor=alice_enrolment, by=dora)


@pytest.mark.spec("C13", "M2")
def test_a_deleted_enrolment_is_handed_over_to_the_new_one_of_the_same_address(
    dora, alice, organization, alice_enrolment, conversation
):
    delete_collaborator(collaborator=alice_enrolment, by=dora)
    anew = enrol_collaborator(organization=organization, address=ALICE, name="Alice", language="fr", by=dora)
    hand_over(collaborator=alice_enrolment, successor=anew, by=dora)
    carry()
    assert access.conversation_for(alice, conversation.pk).is_owner
    assert fresh(conversation).collaborator == anew


@pytest.mark.spec("C13")
def test_a_conversation_has_one_owner_at_every_moment(handed_over, alice):
    former = Participation.unscoped.get(conversation=handed_over.conversation, persona__address=ALICE)
    former.role = Participation.Role.OWNER
    with pytest.raises(IntegrityError), transaction.atomic():
        former.save()


@pytest.mark.spec("C13")
def test_it_can_be_handed_over_again_and_the_guard_knows_between_whom(
    dora, bob, organization, handed_over, emma_enrolment
):
    make_person("Félix Roy", "felix@etude-tremblay.example")
    felix = enrol(organization, "felix@etude-tremblay.example")
    act = hand_over(collaborator=emma_enrolment, successor=felix, by=dora)
    carry()
    last = access.hand_over_of(access.conversation_for(bob, handed_over.conversation.pk))
    assert (last.at, last.former_address, last.successor_address) == (act.at, EMMA, felix.address)


@pytest.mark.spec("C13", "C9")
def test_in_an_announcement_the_readers_go_on_seeing_what_the_former_owner_did(
    dora, alice, bob, alice_enrolment, emma_enrolment
):
    announcement = start(
        alice_enrolment, to=["bob@example.org", "other@example.net"], hides_participants=True
    )
    hand_over(collaborator=alice_enrolment, successor=emma_enrolment, by=dora)
    carry()
    entry = access.conversation_for(bob, announcement.pk)
    verbs = access.activities_of(entry).order_by("number").values_list("verb", flat=True)
    assert list(verbs) == ["created", "invited", "posted", "handed_over"]
    assert Message.unscoped.get(conversation=announcement).sender.persona.address == ALICE


@pytest.mark.spec("C13", "M6")
def test_the_act_is_recorded_with_its_numbers_and_nothing_of_the_content(handed_over, dora, emma_enrolment):
    act = AdministrativeAct.unscoped.get(verb="handed_over")
    assert (act.by_key, act.successor, act.at) == (str(dora.pk), emma_enrolment, handed_over.act.at)
    assert act.details == {"conversations": 1, "participants": 2}
    assert timezone.now() - act.at < timedelta(minutes=1)
