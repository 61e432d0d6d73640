"""Deleting a conversation for everyone: all that was in it is gone at once, a tombstone stays (spec C12)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connexion_plugin import access, exceptions
from connexion_plugin.access import Ability, State
from connexion_plugin.actions import closing, deleting, participants
from connexion_plugin.actions.collaborators import deactivate_collaborator
from connexion_plugin.actions.deleting import delete_conversation, losses_of
from connexion_plugin.actions.documents import new_document_key
from connexion_plugin.actions.messages import open_message, post_message, read_text
from connexion_plugin.actions.stored_parts import sweep_parts
from connexion_plugin.actions.titles import read_title
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.documents.parts import part_name, sealed_storage
from connexion_plugin.documents.uploads import sealed_upload
from connexion_plugin.mail import gathering, rendering, seat_notices
from connexion_plugin.models import (
    Activity,
    Attachment,
    Conversation,
    Mail,
    Message,
    Notice,
    Participation,
    SeatNotice,
    StoredParts,
)
from connexion_plugin.sealing.uses import living_uses
from tests.factories.conversations import in_days, post, seat_of, start

pytestmark = pytest.mark.spec("C12")


@pytest.fixture
def conversation(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org", "newcomer@example.net"])


def post_document(user, conversation):
    document = sealed_upload(
        name="devis.pdf", chunks=[b"x" * 1000], key_for=new_document_key, storage=sealed_storage()
    )
    post_message(
        participation=seat_of(user, conversation),
        text="Voici.",
        documents=[document],
        expires_at=in_days(30),
        idempotency_key=uuid4(),
    )
    return document.attachment_id


def test_title_texts_documents_and_keys_are_gone_at_once(alice, bob, conversation):
    attachment = post_document(bob, conversation)
    kept = start(conversation.collaborator, to=["bob@example.org"])
    delete_conversation(by=seat_of(alice, conversation))
    row = Conversation.unscoped.get(pk=conversation.pk)
    assert (bytes(row.title_sealed), bytes(row.title_key), read_title(row)) == (b"", b"", None)
    assert row.deleted_at is not None
    for message in Message.unscoped.filter(conversation=row):
        assert (bytes(message.text_sealed), bytes(message.key)) == (b"", b"")
        assert message.emptied_at == row.deleted_at
        assert living_uses(message.epoch_id, timezone.now()).keys() <= {"messages", "titles"}
        with pytest.raises(exceptions.MessageGone):
            read_text(message)
    assert not Attachment.unscoped.exists()
    # The parts have no key any more; the next sweep takes them, however young they are.
    assert sealed_storage().exists(part_name(attachment, 0))
    assert sweep_parts(begun_before=timezone.now() - timedelta(hours=24)) == 1
    assert not sealed_storage().exists(part_name(attachment, 0))
    assert not StoredParts.unscoped.exists()
    assert read_title(Conversation.unscoped.get(pk=kept.pk)) is not None
    assert read_text(Message.unscoped.get(conversation=kept)) == "Bonjour, voici l’acte."
    assert list(disagreements()) == []


def test_its_epochs_are_needed_by_nothing_of_it_any_more(alice, conversation):
    message = Message.unscoped.get()
    delete_conversation(by=seat_of(alice, conversation))
    assert living_uses(message.epoch_id, timezone.now()) == {}


def test_seats_dates_and_the_activity_stay(alice, bob, conversation):
    post(bob, conversation, "Merci")
    before = Conversation.unscoped.get()
    seats = list(Participation.unscoped.order_by("pk").values("pk", "seat", "activity_at", "in_inbox"))
    delete_conversation(by=seat_of(alice, conversation))
    row = Conversation.unscoped.get()
    assert row.activity_at == before.activity_at
    assert (
        list(Participation.unscoped.order_by("pk").values("pk", "seat", "activity_at", "in_inbox")) == seats
    )
    assert not Participation.unscoped.filter(unopened_count__gt=0).exists()
    line = Activity.unscoped.get(verb=Activity.Verb.DELETED)
    assert (line.actor, line.at) == (seat_of(alice, conversation), row.deleted_at)
    assert list(disagreements()) == []


def test_deleting_again_changes_nothing(alice, conversation):
    for _ in range(2):
        delete_conversation(by=seat_of(alice, conversation))
    assert Activity.unscoped.filter(verb=Activity.Verb.DELETED).count() == 1
    assert SeatNotice.unscoped.count() == 2


def test_only_its_owner_deletes_it(alice, bob, conversation):
    with pytest.raises(exceptions.NoLongerThere):
        delete_conversation(by=seat_of(bob, conversation))
    assert Conversation.unscoped.get().deleted_at is None


@pytest.mark.spec("B4")
def test_a_frozen_conversation_is_not_deleted_and_a_closed_one_is(alice, conversation, alice_enrolment):
    closing.close_conversation(by=seat_of(alice, conversation))
    assert Ability.DELETE in access.conversation_for(alice, conversation.pk).abilities
    deactivate_collaborator(collaborator=alice_enrolment, by=None)
    assert Ability.DELETE not in access.conversation_for(alice, conversation.pk).abilities
    with pytest.raises(exceptions.ConversationFrozen):
        delete_conversation(by=seat_of(alice, conversation))


def test_nothing_can_be_done_to_what_was_deleted(alice, bob, conversation):
    mine, bobs = seat_of(alice, conversation), seat_of(bob, conversation)
    message = Message.unscoped.get()
    delete_conversation(by=mine)
    refused = [
        lambda: post(bob, conversation, "Trop tard"),
        lambda: participants.invite(by=mine, addresses=["late@example.net"], language="fr"),
        lambda: participants.remove(by=mine, participation=bobs),
        lambda: participants.change_reply(by=mine, participation=bobs, may_reply=False),
        lambda: closing.close_conversation(by=mine),
        lambda: closing.reopen_conversation(by=mine),
    ]
    for act in refused:
        with pytest.raises(exceptions.ConversationDeleted):
            act()
    for act in (
        lambda: open_message(participation=bobs, message=message),
        lambda: withdraw_message(by=mine, message=message),
    ):
        with pytest.raises(exceptions.MessageGone):
            act()
    assert list(disagreements()) == []


def test_abilities_in_what_was_deleted_are_to_see_that_it_was(alice, bob, conversation):
    delete_conversation(by=seat_of(alice, conversation))
    for person, abilities in ((alice, {Ability.READ, Ability.OWN}), (bob, {Ability.READ, Ability.LEAVE})):
        entry = access.conversation_for(person, conversation.pk)
        assert (entry.state, entry.abilities) == (State.DELETED, abilities)
        assert access.deletion_of(entry).actor == seat_of(alice, conversation)


def test_it_waits_for_nobodys_answer_and_expires_no_more(alice, bob, conversation):
    persona = seat_of(bob, conversation).persona
    delete_conversation(by=seat_of(alice, conversation))
    assert not access.waiting_for_answer(access.inbox(bob, persona)).exists()
    assert not access.expiring(access.inbox(bob, persona), before=in_days(400)).exists()
    assert access.inbox(bob, persona).count() == 1


def test_the_database_keeps_no_title_in_what_was_deleted(conversation):
    with pytest.raises(IntegrityError, match="conversation_deleted_has_no_title"):
        Conversation.unscoped.update(deleted_at=timezone.now())


# Who loses what


def test_the_losses_are_counted_exactly(alice, bob, conversation):
    opened = Message.unscoped.get()
    open_message(participation=seat_of(bob, conversation), message=opened)
    post_document(alice, conversation)
    withdraw_message(by=seat_of(alice, conversation), message=post(alice, conversation, "Erreur"))
    losses = losses_of(conversation)
    assert (losses.messages, losses.documents, losses.documents_bytes) == (2, 1, 1000)
    assert (losses.people, losses.unopened_people) == (2, 2)
    assert [(row.address, row.count) for row in losses.unopened] == [
        ("bob@example.org", 1),
        ("newcomer@example.net", 2),
    ]
    assert losses.last_expiry == opened.expires_at


def test_only_the_first_who_have_not_opened_are_named(alice, conversation, monkeypatch):
    monkeypatch.setattr(deleting, "READERS_NAMED", 1)
    losses = losses_of(conversation)
    assert (losses.unopened_people, [row.address for row in losses.unopened]) == (2, ["bob@example.org"])


# Who is told


@pytest.mark.spec("N2", "N3")
def test_each_other_person_is_told_once_in_their_language_and_without_content(alice, bob, conversation):
    gathering.gather()
    delete_conversation(by=seat_of(alice, conversation))
    assert not Notice.unscoped.filter(mail=None, settled_at=None).exists()
    assert seat_notices.gather() == 2
    assert seat_notices.gather() == 0
    mails = {mail.to: mail for mail in Mail.unscoped.filter(kind=Mail.Kind.DELETED)}
    assert {to: mail.language for to, mail in mails.items()} == {
        "bob@example.org": "en",
        "newcomer@example.net": "fr",
    }
    letters = rendering.Letters(list(Mail.unscoped.all()))
    of_bob = letters.write(mails["bob@example.org"])
    assert of_bob.subject == "A conversation was deleted in Connexion"
    assert "alice@etude-tremblay.example, of Étude Tremblay, has deleted" in of_bob.body
    assert "/connexion/" in of_bob.body
    newcomers = letters.write(mails["newcomer@example.net"])
    assert "a supprimé votre conversation pour tout le monde" in newcomers.body
    assert "http" not in newcomers.body  # who has no account has nothing to see there
    for letter in (of_bob, newcomers):
        for part in (letter.subject, letter.body, letter.alternatives[0][0]):
            assert "Acte de vente" not in part
            assert "voici l’acte" not in part
    # What was to tell of its message is dropped.
    assert [letters.write(mail) for mail in Mail.unscoped.filter(kind=Mail.Kind.NOTICE)] == [None, None]


def test_who_was_removed_meanwhile_is_not_told(alice, bob, conversation):
    delete_conversation(by=seat_of(alice, conversation))
    Participation.unscoped.filter(holder=bob).update(seat=Participation.Seat.LEFT)
    seat_notices.gather()
    assert Mail.unscoped.filter(kind=Mail.Kind.DELETED).count() == 1
    assert not SeatNotice.unscoped.filter(mail=None, settled_at=None).exists()


def test_the_statements_do_not_grow_with_people_messages_and_documents(alice, bob, conversation):
    few = statements_of_deleting(alice, conversation)
    addresses = [f"personne-{number}@example.org" for number in range(300)]
    large = start(conversation.collaborator, to=["bob@example.org", *addresses])
    for _ in range(4):
        post_document(alice, large)
    # The line that a document adds: its note, its row, and the wake of the sweep.
    assert statements_of_deleting(alice, large) <= few + 4


def statements_of_deleting(alice, conversation):
    seat = seat_of(alice, conversation)
    with CaptureQueriesContext(
        connection,
    ) as counted:
        delete_conversation(by=seat)
    return len(counted)
