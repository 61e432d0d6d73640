"""Taking a message back: gone at once, a tombstone stays, and the right people read who had opened it (spec C12)."""

from uuid import uuid4

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse

from connexion_plugin import access, exceptions
from connexion_plugin.actions import participants
from connexion_plugin.actions.collaborators import deactivate_collaborator
from connexion_plugin.actions.documents import new_document_key
from connexion_plugin.actions.messages import open_message, post_message, read_text
from connexion_plugin.actions.titles import read_title
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.documents.parts import part_name, sealed_storage
from connexion_plugin.documents.uploads import sealed_upload
from connexion_plugin.mail import gathering, rendering
from connexion_plugin.models import Activity, Attachment, Conversation, Mail, Message, Notice, StoredParts
from tests.conftest import sign_in
from tests.factories.conversations import in_days, post, seat_of, start

pytestmark = pytest.mark.spec("C12")


@pytest.fixture
def conversation(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org", "newcomer@example.net"])


def door(message):
    return reverse("connexion:withdraw_message", args=[message.conversation_id, message.pk])


@pytest.mark.django_db(transaction=True)
def test_text_and_documents_are_gone_at_once(alice, bob, conversation):
    document = sealed_upload(name="a.pdf", chunks=[b"x"], key_for=new_document_key, storage=sealed_storage())
    message = post_documents(bob, conversation, [document])
    withdraw_message(by=seat_of(bob, conversation), message=message)
    row = Message.unscoped.get(pk=message.pk)
    assert (bytes(row.text_sealed), bytes(row.key), row.documents_count) == (b"", b"", 1)
    assert row.withdrawn_at == row.emptied_at
    assert not Attachment.unscoped.exists()
    assert not StoredParts.unscoped.exists()
    assert not sealed_storage().exists(part_name(document.attachment_id, 0))
    with pytest.raises(exceptions.MessageGone):
        read_text(row)
    line = Activity.unscoped.get(verb=Activity.Verb.WITHDRAWN)
    assert (line.actor, line.message_id) == (seat_of(bob, conversation), message.pk)
    assert read_title(Conversation.unscoped.get()) is not None
    assert list(disagreements()) == []


def post_documents(user, conversation, documents):
    return post_message(
        participation=seat_of(user, conversation),
        text="Voici.",
        documents=documents,
        expires_at=in_days(30),
        idempotency_key=uuid4(),
    )


def test_whoever_had_not_opened_it_has_one_less_to_open(alice, bob, conversation):
    opened = Message.unscoped.get()
    open_message(participation=seat_of(bob, conversation), message=opened)
    unopened = post(alice, conversation, "Une deuxième")
    assert seat_of(bob, conversation).unopened_count == 1
    for message in (opened, unopened, unopened):
        withdraw_message(by=seat_of(alice, conversation), message=message)
    assert seat_of(bob, conversation).unopened_count == 0
    assert Activity.unscoped.filter(verb=Activity.Verb.WITHDRAWN).count() == 2
    assert list(disagreements()) == []


def test_a_withdrawal_that_crosses_an_opening_wins(alice, bob, conversation):
    message = Message.unscoped.get()
    withdraw_message(by=seat_of(alice, conversation), message=message)
    with pytest.raises(exceptions.MessageGone):
        open_message(participation=seat_of(bob, conversation), message=message)  # as it was loaded before
    assert list(disagreements()) == []


def test_notices_that_have_not_gone_out_do_not(alice, bob, conversation):
    message = Message.unscoped.get()
    gathering.gather()
    later = post(alice, conversation, "Une deuxième")
    for one in (message, later):
        withdraw_message(by=seat_of(alice, conversation), message=one)
    assert not Notice.unscoped.filter(message=later, settled_at=None).exists()
    assert gathering.gather() == 0
    letters = rendering.Letters(list(Mail.unscoped.filter(kind=Mail.Kind.NOTICE)))
    assert [letters.write(mail) for mail in Mail.unscoped.filter(kind=Mail.Kind.NOTICE)] == [None, None]


def test_it_can_be_withdrawn_by_its_sender_and_by_the_owner_alone(alice, bob, alice_enrolment, conversation):
    of_alice, of_bob = Message.unscoped.get(), post(bob, conversation, "Merci")
    for person, message, may in [
        (alice, of_alice, True), (alice, of_bob, True), (bob, of_bob, True), (bob, of_alice, False),
    ]:  # fmt: skip
        entry = access.conversation_for(person, conversation.pk)
        assert access.may_withdraw(entry, message) is may
    with pytest.raises(Http404):
        access.message_to_withdraw(bob, conversation.pk, of_alice.pk)
    assert access.message_to_withdraw(alice, conversation.pk, of_bob.pk)[1] == seat_of(alice, conversation)


@pytest.mark.spec("B4")
def test_a_frozen_conversation_is_only_read(alice, bob, alice_enrolment, conversation):
    message = post(bob, conversation, "Merci")
    deactivate_collaborator(collaborator=alice_enrolment, by=None)
    assert access.Ability.WITHDRAW not in access.conversation_for(bob, conversation.pk).abilities
    with pytest.raises(exceptions.ConversationFrozen):
        withdraw_message(by=seat_of(bob, conversation), message=message)


def test_who_was_removed_withdraws_nothing(alice, bob, conversation):
    message, seat = post(bob, conversation, "Merci"), seat_of(bob, conversation)
    participants.remove(by=seat_of(alice, conversation), participation=seat)
    with pytest.raises(exceptions.NoLongerThere):
        withdraw_message(by=seat, message=message)


def test_what_has_expired_cannot_be_withdrawn(alice, conversation):
    message = Message.unscoped.get()
    Message.unscoped.update(posted_at=in_days(-9), expires_at=in_days(-1))
    with pytest.raises(exceptions.MessageGone):
        withdraw_message(by=seat_of(alice, conversation), message=message)


# Its page


def test_the_page_names_who_has_opened_it_and_a_post_withdraws_it(alice, bob, conversation):
    message = Message.unscoped.get()
    open_message(participation=seat_of(bob, conversation), message=message)
    client = sign_in(Client(), alice)
    window = reverse("connexion:conversation", args=[conversation.pk])
    assert door(message) in client.get(window).content.decode()
    page = client.get(door(message)).content.decode()
    assert "bob@example.org" in page
    assert not Activity.unscoped.filter(verb=Activity.Verb.WITHDRAWN).exists()
    answer = client.post(door(message), follow=True)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert door(message) not in text
    assert "Bonjour, voici l’acte." not in text
    assert "bob@example.org" in text
    assert Message.unscoped.get().withdrawn_at
    assert client.get(door(message)).status_code == 302
    assert client.post(door(message)).status_code == 302


def test_a_reader_meets_a_tombstone_that_does_not_say_who_had_opened_it(alice, bob, conversation):
    message = Message.unscoped.get()
    open_message(participation=seat_of(bob, conversation), message=message)
    client = sign_in(Client(), bob)
    window = reverse("connexion:conversation", args=[conversation.pk])
    assert door(message) not in client.get(window).content.decode()
    assert client.post(door(message)).status_code == 404
    withdraw_message(by=seat_of(alice, conversation), message=message)
    text = client.get(window).content.decode()
    assert "tombstone" in text
    assert text.count('class="tombstone"') == 1


@pytest.mark.spec("C9")
def test_where_participants_are_hidden_a_sender_reads_of_no_other_reader(alice, bob, conversation):
    message = post(bob, conversation, "Merci")
    Conversation.unscoped.update(hides_participants=True)
    open_message(participation=seat_of(alice, conversation), message=message)
    entry = access.conversation_for(bob, conversation.pk)
    assert [row.participation for row in access.openings_of(entry, [message])] == [
        seat_of(alice, conversation)
    ]
    mine = access.conversation_for(alice, conversation.pk)
    assert access.openings_of(mine, [message]).count() == 1
