"""Sweeps side by side, and against posts and openings, for real: row locks are PostgreSQL's."""

import pytest

from connexion_plugin.actions import expiry
from connexion_plugin.actions.messages import open_message
from connexion_plugin.actions.titles import read_title
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.exceptions import MessageGone, TitleExpired
from connexion_plugin.models import Activity, Conversation, Message
from tests.actions.racing import FOR_REAL, at_once
from tests.factories.conversations import in_days, post, seat_of, start

pytestmark = FOR_REAL


@pytest.fixture
def conversation(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org", "newcomer@example.net"])


@pytest.mark.spec("E3")
def test_two_sweeps_at_once_empty_each_message_once(alice, bob, conversation):
    for number in range(12):
        post(alice, conversation, f"n° {number}", days=3)
    due = list(Message.unscoped.filter(expires_at__lt=in_days(4)).values_list("pk", flat=True))

    def sweep():
        return sum(expiry.empty_message(key, now=in_days(4)) for key in due)

    assert sum(at_once(sweep, sweep, sweep)) == 12
    assert Activity.unscoped.filter(verb=Activity.Verb.EXPIRED).count() == 12
    assert seat_of(bob, conversation).unopened_count == 1
    assert list(disagreements()) == []


@pytest.mark.spec("E3", "C12")
def test_sweeps_openings_withdrawals_and_posts_that_cross_leave_all_counts_right(alice, bob, conversation):
    for _ in range(8):
        message = post(alice, conversation, "Bientôt partie", days=3)

        def opens(message=message):
            try:
                open_message(participation=seat_of(bob, conversation), message=message)
            except MessageGone:
                return

        def withdraws(message=message):
            try:
                withdraw_message(by=seat_of(alice, conversation), message=message)
            except MessageGone:
                return

        at_once(
            opens,
            withdraws,
            lambda message=message: expiry.empty_message(message.pk, now=in_days(4)),
            lambda: post(bob, conversation, "Entre-temps"),
        )
        assert list(disagreements()) == []
    ends = Activity.unscoped.filter(verb__in=[Activity.Verb.EXPIRED, Activity.Verb.WITHDRAWN])
    assert ends.count() == 8


@pytest.mark.spec("E3")
def test_a_post_that_meets_the_sweep_of_the_title_keeps_it_or_is_asked_for_one(alice, bob, alice_enrolment):
    for _ in range(6):
        conversation = start(alice_enrolment, to=["bob@example.org"])

        def posts(conversation=conversation):
            try:
                return post(alice, conversation, "Encore", days=700)
            except TitleExpired:
                return None

        posted, emptied = at_once(
            posts,
            lambda conversation=conversation: expiry.empty_title_of(conversation.pk, now=in_days(500)),
        )
        assert (posted is None) == emptied
        title = read_title(Conversation.unscoped.get(pk=conversation.pk))
        assert (title is None) == emptied
