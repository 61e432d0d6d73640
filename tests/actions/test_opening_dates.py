"""An opening moves every row's date: at once among few, within a minute by the worker among many (spec B2)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connexion_plugin.actions import dates
from connexion_plugin.actions.messages import open_message
from connexion_plugin.models import Conversation, Message, Participation
from tests.factories.conversations import post, seat_of, start

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.spec("B2")]


@pytest.fixture
def many(alice, bob, alice_enrolment):
    addresses = ["bob@example.org", *(f"p{number}@example.net" for number in range(60))]
    return start(alice_enrolment, to=addresses)


def open_first(bob, conversation, sequence=1):
    message = Message.unscoped.get(conversation=conversation, sequence=sequence)
    open_message(participation=seat_of(bob, conversation), message=message)
    return Conversation.unscoped.get(pk=conversation.pk)


def moments(conversation):
    return set(Participation.unscoped.filter(conversation=conversation).values_list("activity_at", flat=True))


def test_among_few_all_rows_move_at_once(alice, bob, alice_enrolment):
    conversation = open_first(bob, start(alice_enrolment, to=["bob@example.org", "zoe@example.net"]))
    assert moments(conversation) == {conversation.activity_at}
    assert conversation.rows_behind_since is None


def test_among_many_the_worker_moves_the_rows_within_a_minute(alice, bob, many):
    conversation = open_first(bob, many)
    assert seat_of(bob, conversation).activity_at == conversation.activity_at
    assert len(moments(conversation)) == 2
    now = timezone.now()
    assert not dates.is_due(now)
    assert dates.follow_openings(now) == 0
    later = now + timedelta(seconds=55)
    assert dates.is_due(later)
    assert dates.follow_openings(later) == 1
    assert moments(conversation) == {conversation.activity_at}
    assert not dates.is_due(later + timedelta(minutes=5))


def test_openings_in_one_minute_move_the_rows_once(alice, bob, many):
    post(alice, many, "Encore")
    first = open_first(bob, many)
    second = open_first(bob, many, sequence=2)
    assert second.rows_behind_since == first.rows_behind_since
    dates.follow_openings(timezone.now() + timedelta(seconds=55))
    assert moments(many) == {second.activity_at}


def test_an_opening_among_many_makes_no_row_unread(alice, bob, many):
    open_first(bob, many)
    dates.follow_openings(timezone.now() + timedelta(seconds=55))
    assert not seat_of(alice, many).is_unread


@pytest.mark.spec("C9")
def test_in_an_announcement_the_worker_moves_nobody_elses_row(alice, bob, many):
    Conversation.unscoped.filter(pk=many.pk).update(hides_participants=True)
    before = moments(many)
    conversation = open_first(bob, many)
    dates.follow_openings(timezone.now() + timedelta(seconds=55))
    assert moments(many) == before | {conversation.activity_at}
    readers = Participation.unscoped.filter(conversation=many, activity_at=conversation.activity_at)
    assert {seat.persona.address for seat in readers} == {"alice@etude-tremblay.example", "bob@example.org"}
