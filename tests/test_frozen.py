"""A frozen conversation is read, and nothing is added to it, by anyone, through any verb or door (spec B4).

Four ways lead there: the owner's enrolment was deactivated or deleted, their address was given up, or was never
confirmed by the successor whom an administrator named. In each the words say whom to contact.
"""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Sequence
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import translation

from connexion_plugin import access, actions, exceptions
from connexion_plugin.actions import handing_over, more_time, moving, participants
from connexion_plugin.actions.closing import close_conversation, reopen_conversation
from connexion_plugin.actions.collaborators import (
    deactivate_collaborator,
    delete_collaborator,
    reactivate_collaborator,
)
from connexion_plugin.actions.deleting import delete_conversation
from connexion_plugin.actions.lifetimes import change_expiry
from connexion_plugin.actions.personas import give_up_address
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.models import (
    Activity,
    Collaborator,
    Draft,
    Message,
    Participation,
    Persona,
    SeatMove,
    Upload,
)
from tests.conftest import sign_in
from tests.factories import enrol, verify_address
from tests.factories.conversations import in_days, post, start

ALICE = "alice@etude-tremblay.example"


def deactivate(alice, dora, enrolment):
    deactivate_collaborator(collaborator=enrolment, by=dora)


def delete(alice, dora, enrolment):
    delete_collaborator(collaborator=enrolment, by=dora)


def give_up(alice, dora, enrolment):
    EmailAddress.objects.filter(email=ALICE).delete()
    give_up_address(user=alice, address=ALICE)


def delete_the_account(alice, dora, enrolment):
    alice.delete()


def hand_over_to_nobody_yet(alice, dora, enrolment):
    heir = enrol(enrolment.organization, "heir@etude-tremblay.example")
    handing_over.hand_over(collaborator=enrolment, successor=heir, by=dora)
    assert handing_over.carry_hand_overs()


WAYS = [deactivate, delete, give_up, delete_the_account, hand_over_to_nobody_yet]


@pytest.fixture
def conversation(alice, bob, alice_enrolment):
    conversation = start(alice_enrolment, to=["bob@example.org", "newcomer@example.net"])
    post(bob, conversation, "Bien reçu.")
    return conversation


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__.replace("_", " "))
def frozen(request, alice, dora, alice_enrolment, conversation):
    request.param(alice, dora, alice_enrolment)
    return conversation


def in_english(name, *arguments):
    with translation.override("en"):
        return reverse(name, args=arguments)


def seat_at(conversation, address):
    return Participation.unscoped.select_related("conversation").get(
        conversation=conversation, persona__address=address
    )


def verbs(conversation):
    """Every act that adds to a conversation or changes who is in it, as if a door had let it through."""
    owner = Participation.unscoped.select_related("conversation").get(conversation=conversation, role="owner")
    bobs, other = seat_at(conversation, "bob@example.org"), seat_at(conversation, "newcomer@example.net")
    mine = Message.unscoped.get(conversation=conversation, sender=bobs)
    theirs = Message.unscoped.get(conversation=conversation, sequence=1)
    second = Persona.unscoped.get(address="bob.gagnon@work.example")
    move = SeatMove(participation=bobs, persona=second)
    return {
        "post_message": lambda: post(bobs.holder, conversation, "Encore un mot."),
        "invite": lambda: participants.invite(by=owner, addresses=["new@example.net"], language="fr"),
        "remove": lambda: participants.remove(by=owner, participation=other),
        "readmit": lambda: participants.readmit(by=owner, participation=other),
        "change_reply": lambda: participants.change_reply(by=owner, participation=other, may_reply=False),
        "close_conversation": lambda: close_conversation(by=owner),
        "reopen_conversation": lambda: reopen_conversation(by=owner),
        "delete_conversation": lambda: delete_conversation(by=owner),
        "withdraw_message": lambda: withdraw_message(by=bobs, message=mine),
        "change_expiry": lambda: change_expiry(by=bobs, message=mine, expires_at=in_days(30)),
        "ask_for_time": lambda: more_time.ask_for_time(by=bobs, message=theirs),
        "grant_time": lambda: more_time.grant_time(by=owner, message=mine),
        "decline_time": lambda: more_time.decline_time(by=owner, message=mine),
        "ask_to_move": lambda: moving.ask_to_move(seat=bobs, persona=second),
        "consent_to_move": lambda: moving.consent_to_move(by=owner, move=move),
        "decline_to_move": lambda: moving.decline_to_move(by=owner, move=move),
        "correct_address": lambda: moving.correct_address(
            by=owner, seat=other, address="right@example.net", language="fr"
        ),
    }


SEATS = (Participation, Participation | None, Sequence[Participation])
# What a seat may do to a conversation that can only be read: it reads, and goes; what it types is its own draft.
READING = {"open_message", "enter_conversation", "record_download", "record_downloads", "leave"}
READING |= {"save_reply_draft", "ensure_reply_draft", "remembered_while_sent"}
# What verbs do within their transaction, when they have demanded all that is to be demanded.
WITHIN = {
    "write_message",
    "move_expiry",
    "seat_personas",
    "append_line",
    "next_line",
    "move_rows",
    "consume_draft",
}


def acts_of_a_seat():
    """The names of all functions of `actions` to which a seat is given by name, as a verb's are."""
    for found in pkgutil.iter_modules(actions.__path__, f"{actions.__name__}."):
        module = importlib.import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != found.name or name.startswith("_"):
                continue
            hints = typing.get_type_hints(function)
            if any(
                parameter.kind is parameter.KEYWORD_ONLY and hints.get(parameter.name) in SEATS
                for parameter in inspect.signature(function).parameters.values()
            ):
                yield name


@pytest.mark.spec("B4")
def test_no_verb_is_forgotten_here(conversation):
    """A new one is tried below, or it is said why it is not."""
    assert set(acts_of_a_seat()) == {*verbs(conversation), *READING, *WITHIN}


@pytest.mark.spec("B4")
def test_every_verb_refuses(frozen):
    before = Activity.unscoped.filter(conversation=frozen).count()
    for verb in verbs(frozen).values():
        with pytest.raises((exceptions.ConversationFrozen, exceptions.NoLongerThere)):
            verb()
    assert Activity.unscoped.filter(conversation=frozen).count() == before
    assert Message.unscoped.filter(conversation=frozen).count() == 2
    assert list(disagreements()) == []


@pytest.mark.spec("B4", "C8")
def test_no_document_begins_and_what_is_typed_is_kept_for_its_author_alone(frozen, bob):
    client, key = sign_in(Client(), bob), uuid4()
    where = reverse("connexion:reply_uploads", args=[frozen.pk, key])
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "3"}
    assert client.generic("POST", where, headers=headers).status_code == 409
    assert not Upload.unscoped.exists()
    client.post(
        reverse("connexion:post_message", args=[frozen.pk, key]),
        {"text": "Pas perdu.", "expires_in_days": "30"},
    )
    assert Draft.unscoped.get().author_id == bob.pk
    assert Message.unscoped.filter(conversation=frozen).count() == 2


DOORS = ["post_message", "invite", "close", "reopen", "delete", "remove_participant", "change_reply"]


@pytest.mark.spec("B4")
def test_every_door_refuses_those_inside_and_changes_nothing(frozen, alice, bob):
    seats = [row.pk for row in Participation.unscoped.filter(conversation=frozen)]
    form = {
        "text": "Encore un mot.",
        "expires_in_days": "30",
        "addresses": "new@example.net",
        "may_reply": "no",
    }
    for person in (alice, bob):
        if person.pk is None:
            continue
        client = sign_in(Client(), person)
        for door in DOORS:
            arguments = {
                "post_message": [frozen.pk, uuid4()],
                "remove_participant": [frozen.pk, seat_at(frozen, "newcomer@example.net").pk],
                "change_reply": [frozen.pk, seat_at(frozen, "newcomer@example.net").pk],
            }.get(door, [frozen.pk])
            answer = client.post(reverse(f"connexion:{door}", args=arguments), form)
            assert answer.status_code in {302, 403, 404, 409, 422}, door
    assert access.state_of(type(frozen).unscoped.get(pk=frozen.pk)) is access.State.FROZEN
    assert Message.unscoped.filter(conversation=frozen).count() == 2
    assert [row.pk for row in Participation.unscoped.filter(conversation=frozen)] == seats
    assert seat_at(frozen, "newcomer@example.net").may_reply


@pytest.mark.spec("B4")
def test_what_was_written_stays_readable_and_nobody_may_more(frozen, bob):
    entry = access.conversation_for(bob, frozen.pk)
    assert entry.state is access.State.FROZEN
    assert entry.abilities == {
        access.Ability.READ,
        access.Ability.OPEN,
        access.Ability.DOWNLOAD,
        access.Ability.KNOW_OPENERS,
        access.Ability.LEAVE,
    }


@pytest.mark.spec("B4")
def test_the_row_and_the_window_say_so_in_words_and_whom_to_contact(frozen, bob, organization):
    client = sign_in(Client(), bob)
    window = client.get(in_english("connexion:conversation", frozen.pk)).content.decode()
    assert "Read only." in window
    assert f'call {organization.name} at <a href="tel:' in window
    assert f">{organization.telephone}</a>" in window
    assert "data-compose" not in window
    inbox = client.get(in_english("connexion:inbox", seat_at(frozen, "bob@example.org").persona_id))
    row = inbox.content.decode()
    assert 'class="frozen' in row or " frozen" in row
    assert "Read only" in row


@pytest.mark.spec("B4")
@pytest.mark.parametrize(
    ("way", "words"),
    [
        (deactivate, "no longer has an active account"),
        (give_up, "Nobody holds the address"),
        (hand_over_to_nobody_yet, "has not confirmed this address yet"),
    ],
)
def test_the_window_says_which_way_it_came_about(alice, bob, dora, alice_enrolment, conversation, way, words):
    way(alice, dora, alice_enrolment)
    page = sign_in(Client(), bob).get(in_english("connexion:conversation", conversation.pk))
    assert words in page.content.decode()


@pytest.mark.spec("B3", "B4")
def test_it_does_not_wait_for_an_answer(frozen, bob):
    persona = seat_at(frozen, "bob@example.org").persona
    rows = access.waiting_for_answer(access.inbox(bob, persona))
    assert not rows.exists()


@pytest.mark.spec("B4", "M2")
def test_reactivating_gives_all_back(alice, bob, dora, alice_enrolment, conversation):
    before = access.conversation_for(alice, conversation.pk).abilities
    seats = list(Participation.unscoped.filter(conversation=conversation).order_by("pk").values())
    deactivate_collaborator(collaborator=alice_enrolment, by=dora)
    reactivate_collaborator(collaborator=alice_enrolment, by=dora)
    assert access.conversation_for(alice, conversation.pk).abilities == before
    assert list(Participation.unscoped.filter(conversation=conversation).order_by("pk").values()) == seats
    post(bob, conversation, "Encore un mot.")


@pytest.mark.spec("B4", "I3")
def test_an_address_that_is_confirmed_again_does_not_open_what_its_former_holder_owned(
    alice, charlie, dora, alice_enrolment, conversation
):
    give_up(alice, dora, alice_enrolment)
    verify_address(charlie, ALICE)
    assert Collaborator.unscoped.get(pk=alice_enrolment.pk).is_active
    with pytest.raises(exceptions.Refused):
        verbs(conversation)["post_message"]()
    assert list(disagreements()) == []


@pytest.mark.spec("B4")
def test_a_flag_that_drifted_from_the_owners_seat_is_found(conversation):
    type(conversation).unscoped.filter(pk=conversation.pk).update(ownerless_since=conversation.created_at)
    assert "nobody holds its owner's seat" in " ".join(disagreements())
