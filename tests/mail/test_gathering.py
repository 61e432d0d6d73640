"""Which notices become mails (spec N1, N2)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connexion_plugin import personas
from connexion_plugin.actions.messages import open_message
from connexion_plugin.mail import gathering
from connexion_plugin.models import Mail, Message, Notice, Participation
from tests.factories.conversations import seat_of


def gathered() -> set[str]:
    gathering.gather()
    return set(Mail.unscoped.values_list("to", flat=True))


@pytest.fixture
def message(conversation) -> Message:
    return Message.unscoped.get(conversation=conversation)


@pytest.mark.spec("N1")
def test_every_participant_but_the_sender_is_written_to(conversation):
    assert gathered() == {"bob@example.org", "newcomer@example.net"}


def test_a_notice_gathered_twice_is_one_mail(conversation):
    gathering.gather()
    Notice.unscoped.update(mail=None)  # as if the worker had been killed before it noted the mail
    gathering.gather()
    assert Mail.unscoped.count() == 2
    assert not Notice.unscoped.filter(mail=None).exists()


@pytest.mark.spec("N2")
def test_a_mail_is_in_the_readers_language_and_an_invitations_where_nobody_reads_yet(conversation, bob):
    gathering.gather()
    languages = dict(Mail.unscoped.values_list("to", "language"))
    assert languages == {"bob@example.org": "en", "newcomer@example.net": "fr"}


def test_the_accounts_language_wins_over_the_addresss(conversation, bob):
    personas.remember_language(bob, "fr")
    gathering.gather()
    assert Mail.unscoped.get(to="bob@example.org").language == "fr"


def test_nobody_is_told_of_a_message_that_was_withdrawn(conversation, message):
    Message.unscoped.filter(pk=message.pk).update(withdrawn_at=timezone.now())
    assert gathered() == set()
    assert not Notice.unscoped.filter(settled_at=None).exists()


def test_nobody_is_told_of_a_message_that_has_expired(conversation, message, trusted_clock):
    long_ago = timezone.now() - timedelta(days=400)
    Message.unscoped.filter(pk=message.pk).update(posted_at=long_ago, expires_at=long_ago + timedelta(days=1))
    assert gathered() == set()


def test_who_has_opened_it_already_is_not_told(conversation, message, bob):
    open_message(participation=seat_of(bob, conversation), message=message)
    assert gathered() == {"newcomer@example.net"}


@pytest.mark.parametrize(
    "seat", [Participation.Seat.LEFT, Participation.Seat.REMOVED, Participation.Seat.RELEASED]
)
def test_a_seat_that_ended_is_not_told(conversation, bob, seat):
    Participation.unscoped.filter(pk=seat_of(bob, conversation).pk).update(seat=seat)
    assert gathered() == {"newcomer@example.net"}


def test_a_seat_that_nobody_has_taken_yet_is_told(conversation):
    assert "newcomer@example.net" in gathered()


def test_gathering_is_a_constant_number_of_statements(conversation, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        gathering.gather()
