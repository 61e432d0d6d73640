"""Deactivating freezes at once, by derivation; what the history says follows by the worker."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connexion_plugin import access, exceptions, tasks
from connexion_plugin.actions import freezing
from connexion_plugin.actions.activity import faults_in_chain
from connexion_plugin.actions.collaborators import (
    deactivate_collaborator,
    delete_collaborator,
    preview_deactivation,
    preview_deactivations,
    reactivate_collaborator,
)
from connexion_plugin.models import Activity, Conversation, StatusChange
from tests.factories import enrol, make_person
from tests.factories.conversations import post, start


@pytest.fixture
def conversation(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org", "newcomer@example.net"])


def lines(conversation):
    verbs = [Activity.Verb.FROZEN, Activity.Verb.THAWED]
    return list(
        Activity.unscoped.filter(conversation=conversation, verb__in=verbs)
        .order_by("number")
        .values_list("verb", "at")
    )


@pytest.mark.spec("M2")
def test_the_preview_counts_conversations_and_each_participant_once(
    alice, bob, alice_enrolment, conversation
):
    start(alice_enrolment, to=["bob@example.org"])
    preview = preview_deactivation(alice_enrolment)
    assert (preview.conversations, preview.participants) == (2, 2)


@pytest.mark.spec("M2")
def test_a_preview_of_several_counts_a_participant_of_two_of_them_once(
    organization, alice_enrolment, conversation
):
    make_person("Emma Cyr", "emma@etude-tremblay.example")
    other = enrol(organization, "emma@etude-tremblay.example")
    start(other, to=["bob@example.org"])
    preview = preview_deactivations([alice_enrolment, other])
    assert (preview.conversations, preview.participants) == (2, 2)


@pytest.mark.spec("B4", "M2")
def test_nobody_can_post_any_more_and_reactivating_undoes_it(alice, bob, dora, alice_enrolment, conversation):
    deactivate_collaborator(collaborator=alice_enrolment, by=dora)
    for person in (alice, bob):
        with pytest.raises(exceptions.ConversationFrozen):
            post(person, conversation, "Encore un mot.")
    reactivate_collaborator(collaborator=alice_enrolment, by=dora)
    post(bob, conversation, "Encore un mot.")


@pytest.mark.spec("A2")
def test_each_conversation_gets_one_line_dated_at_the_act(dora, alice_enrolment, conversation):
    deactivated = deactivate_collaborator(collaborator=alice_enrolment, by=dora)
    assert lines(conversation) == []
    assert freezing.record_status_changes()
    assert lines(conversation) == [("frozen", deactivated.status_changed_at)]
    assert not freezing.is_due()


@pytest.mark.spec("A2")
def test_the_worker_may_run_twice_and_the_chain_holds(dora, alice_enrolment, conversation):
    deactivate_collaborator(collaborator=alice_enrolment, by=dora)
    freezing.record_status_changes()
    StatusChange.unscoped.update(recorded_at=None)  # as if it had been killed before it settled the row
    freezing.record_status_changes()
    assert [verb for verb, _ in lines(conversation)] == ["frozen"]
    assert list(faults_in_chain(Conversation.unscoped.get(pk=conversation.pk))) == []


@pytest.mark.spec("A2")
def test_a_reactivation_before_the_worker_came_leaves_both_lines_in_their_order(
    dora, alice_enrolment, conversation
):
    frozen = deactivate_collaborator(collaborator=alice_enrolment, by=dora).status_changed_at
    thawed = reactivate_collaborator(collaborator=alice_enrolment, by=dora).status_changed_at
    freezing.record_status_changes()
    assert lines(conversation) == [("frozen", frozen), ("thawed", thawed)]


@pytest.mark.spec("A2")
def test_a_run_stops_at_its_limit_and_the_next_goes_on(dora, alice_enrolment, conversation):
    conversations = [conversation, *(start(alice_enrolment, to=["bob@example.org"]) for _ in range(3))]
    deactivate_collaborator(collaborator=alice_enrolment, by=dora)
    assert not freezing.record_status_changes(limit=3)
    assert sum(len(lines(each)) for each in conversations) == 3
    assert freezing.record_status_changes(limit=3)
    assert [len(lines(each)) for each in conversations] == [1, 1, 1, 1]


@pytest.mark.spec("A2", "B2")
def test_freezing_does_not_move_the_conversations_date(dora, alice_enrolment, conversation):
    before = Conversation.unscoped.get(pk=conversation.pk).activity_at
    deactivate_collaborator(collaborator=alice_enrolment, by=dora)
    freezing.record_status_changes()
    assert Conversation.unscoped.get(pk=conversation.pk).activity_at == before


@pytest.mark.spec("A2")
def test_a_change_whose_wake_was_lost_is_found_again(dora, alice_enrolment, conversation):
    deactivate_collaborator(collaborator=alice_enrolment, by=dora)
    assert not freezing.is_due(since=timedelta(minutes=2))
    StatusChange.unscoped.update(at=timezone.now() - timedelta(minutes=3))
    assert freezing.is_due(since=timedelta(minutes=2))
    tasks.record_status_changes()
    assert not freezing.is_due()


@pytest.mark.spec("M2")
def test_deleting_who_was_deactivated_adds_no_second_line(dora, alice_enrolment, conversation):
    deactivate_collaborator(collaborator=alice_enrolment, by=dora)
    delete_collaborator(collaborator=alice_enrolment, by=dora)
    freezing.record_status_changes()
    assert [verb for verb, _ in lines(conversation)] == ["frozen"]


@pytest.mark.spec("M2")
def test_doing_it_twice_changes_nothing(dora, alice_enrolment, conversation):
    first = deactivate_collaborator(collaborator=alice_enrolment, by=dora)
    second = deactivate_collaborator(collaborator=alice_enrolment, by=dora)
    assert first.status_changed_at == second.status_changed_at
    assert StatusChange.unscoped.filter(collaborator=alice_enrolment).count() == 1


@pytest.mark.spec("M2")
def test_the_person_stays_a_participant_elsewhere(alice, bob, dora, other_organization, alice_enrolment):
    make_person("Harriet Boyd", "harriet@harbour.example")
    elsewhere = start(
        enrol(other_organization, "harriet@harbour.example"), to=["alice@etude-tremblay.example"]
    )
    deactivate_collaborator(collaborator=alice_enrolment, by=dora)
    post(alice, elsewhere, "I am still here.")
    assert access.Ability.POST in access.conversation_for(alice, elsewhere.pk).abilities


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.spec("M5")
@pytest.mark.parametrize("verb", [deactivate_collaborator, delete_collaborator])
def test_they_are_signed_out_of_every_browser_at_once_and_may_sign_in_again(
    alice, bob, dora, alice_enrolment, sign_in, verb
):
    telephone, office, bobs = Client(), Client(), Client()
    for client in (telephone, office):
        sign_in(alice, client=client)
    sign_in(bob, client=bobs)
    verb(collaborator=alice_enrolment, by=dora)
    for client in (telephone, office, bobs):
        client.get(reverse("account_login"))
    assert [signed_in(client) for client in (telephone, office, bobs)] == [False, False, True]
    sign_in(alice, client=telephone)
    telephone.get(reverse("account_login"))
    assert signed_in(telephone)


@pytest.mark.spec("M5")
def test_reactivating_signs_nobody_out(alice, dora, alice_enrolment, sign_in, client):
    deactivate_collaborator(collaborator=alice_enrolment, by=dora)
    sign_in(alice)
    reactivate_collaborator(collaborator=alice_enrolment, by=dora)
    client.get(reverse("account_login"))
    assert signed_in(client)
