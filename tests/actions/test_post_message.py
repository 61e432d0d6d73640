"""Posting and opening, from the verbs up to what each person's inbox says."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.http import Http404
from django.utils import timezone

from connexion_plugin import access, exceptions
from connexion_plugin.actions import messages as verbs
from connexion_plugin.actions.activity import faults_in_chain
from connexion_plugin.models import Activity, Conversation, Message, Notice, Opening, Participation, Persona
from tests.factories.conversations import in_days, post, seat_of, start


@pytest.fixture
def conversation(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org", "newcomer@example.net"])


def row(user, conversation):
    persona = Persona.unscoped.get(participations__in=[seat_of(user, conversation)])
    return access.inbox(user, persona).get(conversation=conversation)


@pytest.mark.spec("B3")
def test_what_one_posted_oneself_is_open_and_the_others_row_is_bold_with_a_bubble(alice, bob, conversation):
    mine, theirs = row(alice, conversation), row(bob, conversation)
    assert (mine.unopened_count, mine.entered_at is None) == (0, False)
    assert (theirs.unopened_count, theirs.entered_at is None) == (1, True)


@pytest.mark.spec("N1", "N3")
def test_every_other_seat_gets_one_notice_in_the_same_transaction(alice, conversation):
    message = post(alice, conversation, "Une deuxième.")
    seats = Participation.unscoped.filter(conversation=conversation).exclude(holder=alice)
    assert set(Notice.unscoped.filter(message=message).values_list("participation", flat=True)) == set(
        seats.values_list("pk", flat=True)
    )


def test_posting_again_with_the_same_key_posts_once(alice, conversation):
    key = uuid4()
    first, again = (post(alice, conversation, "Bonjour", key=key) for _ in range(2))
    assert first == again
    assert Message.unscoped.filter(conversation=conversation).count() == 2


def test_sequences_have_no_gap(alice, bob, conversation):
    for number in range(4):
        post([alice, bob][number % 2], conversation, f"n° {number}")
    sequences = Message.unscoped.filter(conversation=conversation).order_by("sequence")
    assert list(sequences.values_list("sequence", flat=True)) == [1, 2, 3, 4, 5]


@pytest.mark.spec("C5")
def test_opening_twice_is_one_opening_and_one_line(bob, conversation):
    message = Message.unscoped.get(conversation=conversation)
    for _ in range(2):
        verbs.open_message(participation=seat_of(bob, conversation), message=message)
    assert Opening.unscoped.count() == 1
    assert Activity.unscoped.filter(conversation=conversation, verb="opened").count() == 1
    assert row(bob, conversation).unopened_count == 0


@pytest.mark.spec("B2")
def test_an_opening_moves_the_date_and_makes_nothing_unread(alice, bob, conversation, time_machine):
    message = Message.unscoped.get(conversation=conversation)
    before = row(alice, conversation).activity_at
    time_machine.move_to(timezone.now() + timedelta(hours=3))
    verbs.open_message(participation=seat_of(bob, conversation), message=message)
    after = row(alice, conversation)
    assert after.activity_at > before
    assert not after.is_unread


def test_an_expired_message_cannot_be_opened_nor_read(bob, conversation, time_machine):
    message = Message.unscoped.get(conversation=conversation)
    time_machine.move_to(message.expires_at)
    with pytest.raises(exceptions.MessageGone):
        verbs.open_message(participation=seat_of(bob, conversation), message=message)
    with pytest.raises(exceptions.MessageGone):
        verbs.read_text(message)


@pytest.mark.spec("B4")
def test_nobody_posts_where_the_owner_is_deactivated(alice, bob, conversation, alice_enrolment):
    alice_enrolment.status = "deactivated"
    alice_enrolment.save()
    for person in (alice, bob):
        with pytest.raises(exceptions.ConversationFrozen):
            post(person, conversation, "Trop tard")
        abilities = access.conversation_for(person, conversation.pk).abilities
        assert access.Ability.READ in abilities
        assert access.Ability.POST not in abilities


@pytest.mark.spec("E1")
@pytest.mark.parametrize("days", [-1, 0, 2000])
def test_an_expiry_outside_the_bounds_is_refused(alice, conversation, days):
    with pytest.raises((exceptions.ExpiryOutOfBounds, exceptions.EpochOver)):
        verbs.post_message(
            participation=seat_of(alice, conversation),
            text="x",
            expires_at=in_days(days),
            idempotency_key=uuid4(),
        )
    assert Message.unscoped.filter(conversation=conversation).count() == 1


def test_nothing_is_not_a_message(alice, conversation):
    with pytest.raises(exceptions.NothingToPost):
        post(alice, conversation, " \n ")


def test_the_text_in_the_row_is_sealed_and_reads_back(conversation):
    message = Message.unscoped.get(conversation=conversation)
    assert b"Bonjour" not in bytes(message.text_sealed)
    assert verbs.read_text(message) == "Bonjour, voici l’acte."


def test_a_row_served_in_anothers_place_does_not_open(alice, conversation):
    first = Message.unscoped.get(conversation=conversation)
    second = post(alice, conversation, "Une autre")
    first.text_sealed, first.key, first.epoch_id = second.text_sealed, second.key, second.epoch_id
    with pytest.raises(exceptions.Tampered):
        verbs.read_text(first)


@pytest.mark.spec("A2")
def test_a_changed_a_removed_and_an_inserted_line_are_found(alice, bob, conversation):
    post(bob, conversation, "Merci")
    conversation = Conversation.unscoped.get(pk=conversation.pk)
    assert list(faults_in_chain(conversation)) == []
    line = Activity.unscoped.filter(conversation=conversation, number=2).get()
    Activity.unscoped.filter(pk=line.pk).update(verb="removed")
    assert list(faults_in_chain(conversation)) == ["line 2 was changed, or a line before it"]
    Activity.unscoped.filter(pk=line.pk).update(verb=line.verb)
    assert list(faults_in_chain(conversation)) == []
    Activity.unscoped.filter(pk=line.pk).delete()
    assert "line 2 is missing" in list(faults_in_chain(conversation))


def test_a_stranger_and_a_superuser_find_nothing(charlie, superuser, conversation):
    for person in (charlie, superuser):
        with pytest.raises(Http404):
            access.conversation_for(person, conversation.pk)


def test_a_bare_read_of_conversations_raises(conversation):
    with pytest.raises(exceptions.UnscopedRead):
        list(Conversation.objects.filter(pk=conversation.pk))
    with pytest.raises(exceptions.UnscopedRead):
        conversation.messages.count()
