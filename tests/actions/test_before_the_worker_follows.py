"""A hold that was lifted keeps nothing, however many conversations the worker has still to follow (spec E3)."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from connexion_plugin import exceptions
from connexion_plugin.access import Show, lists
from connexion_plugin.actions import collaborators, expiry, following_holds, handing_over, messages
from connexion_plugin.actions.documents import is_gone
from connexion_plugin.actions.following_holds import follow_holds
from connexion_plugin.actions.holds import lift_hold, set_hold
from connexion_plugin.actions.messages import open_message, read_text
from connexion_plugin.actions.titles import read_title
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.actions.warnings import warn_of_expiry
from connexion_plugin.keyset import Cut
from connexion_plugin.mail.gathering import still_due
from connexion_plugin.models import Activity, Conversation, LegalHold, Message, Notice
from tests.actions.test_expiry import live, parts_of_this_test  # noqa: F401
from tests.conftest import sign_in
from tests.factories import enrol, make_person
from tests.factories.conversations import in_days, post, seat_of, start
from tests.sealing.conftest import DAY, HOUR, clock, store, use_store  # noqa: F401

pytestmark = [pytest.mark.spec("E3"), pytest.mark.django_db]
EMMA = "emma@etude-tremblay.example"
TEXT = "Bonjour, voici l’acte."


@pytest.fixture
def houses(clock, store, alice, bob, alice_enrolment):  # noqa: F811
    """Three conversations whose message lives for ten days."""
    return [start(alice_enrolment, to=["bob@example.org"], expires_at=in_days(10)) for _ in range(3)]


@pytest.fixture
def emma(organization):
    make_person("Emma Cyr", EMMA)
    return enrol(organization, EMMA)


def hold_on_all(collaborator):
    hold = set_hold(collaborator=collaborator, by=None)
    assert follow_holds()
    return hold


def past_their_hour(clock, houses, collaborator):  # noqa: F811
    """Held beyond their hour, and the hold lifted; the worker has not been there."""
    hold = hold_on_all(collaborator)
    live(clock, 11 * DAY)
    assert [read(house) for house in houses] == [TEXT] * len(houses)
    lift_hold(hold=hold, by=None)
    return hold


def read(house):
    try:
        return read_text(Message.unscoped.get(conversation=house, sequence=1))
    except exceptions.MessageGone:
        return None


def title_of(house):
    return read_title(Conversation.unscoped.get(pk=house.pk))


def assert_nothing_is_read(houses):
    assert [(read(house), title_of(house)) for house in houses] == [(None, None)] * len(houses)


def test_the_lifting_writes_no_message_whatever_their_number(houses, alice, alice_enrolment):
    for number in range(5):
        post(alice, houses[0], f"Message {number}")
    hold = hold_on_all(alice_enrolment)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        lift_hold(hold=hold, by=None)
    written = [query["sql"] for query in asked if query["sql"].startswith("UPDATE")]
    assert not [sql for sql in written if 'UPDATE "connexion_plugin_message"' in sql]
    assert len([sql for sql in written if 'UPDATE "connexion_plugin_conversation"' in sql]) == 1
    assert Message.unscoped.filter(is_held=True).count() == 8  # for the worker to bring back


@pytest.mark.spec("E3", "C5")
def test_what_is_past_its_hour_can_be_neither_opened_nor_counted_on(
    houses,
    clock,  # noqa: F811
    alice,
    bob,
    alice_enrolment,
):
    past_their_hour(clock, houses, alice_enrolment)
    message = Message.unscoped.get(conversation=houses[0])
    with pytest.raises(exceptions.MessageGone):
        open_message(participation=seat_of(bob, houses[0]), message=message)
    client, persona = sign_in(Client(), bob), seat_of(bob, houses[0]).persona
    window = client.get(reverse("connexion:conversation", args=[houses[0].pk]))
    assert [letter.state for letter in window.context["thread"]] == ["expired"]
    assert TEXT not in window.content.decode()
    answers = lists.waiting_for_answer(lists.inbox(bob, persona))
    assert list(answers) == []
    assert not Notice.unscoped.annotate(due=still_due(timezone.now())).filter(due=True).exists()


@pytest.mark.parametrize("is_followed", [True, False])
def test_a_row_says_at_once_when_its_message_expires_and_whether(houses, bob, alice_enrolment, is_followed):
    hold = set_hold(collaborator=alice_enrolment, by=None)
    assert not is_followed or follow_holds()
    seat = seat_of(bob, houses[0])
    listing = lists.Listing(bob.pk, seat.persona_id, Show.ALL, in_days(20))
    assert [row.soonest_expiry for row in listing.read(Cut(True, 31), None)] == [None] * 3
    lift_hold(hold=hold, by=None)
    soon = lists.Listing(bob.pk, seat.persona_id, Show.EXPIRING, in_days(20))
    assert all(row.soonest_expiry for row in listing.read(Cut(True, 31), None))
    assert len(soon.read(Cut(True, 31), None)) == 3


def test_a_hold_that_stands_keeps_what_its_worker_has_not_reached(houses, clock, alice_enrolment):  # noqa: F811
    set_hold(collaborator=alice_enrolment, by=None)
    clock.jump(10 * DAY)
    assert [read(house) for house in houses] == [TEXT] * 3
    expiry.sweep()
    assert [read(house) for house in houses] == [TEXT] * 3


def test_the_worker_may_be_killed_anywhere_and_come_twice(houses, clock, alice_enrolment, monkeypatch):  # noqa: F811
    hold = past_their_hour(clock, houses, alice_enrolment)
    let_go, seen = following_holds._let_go, []

    def killed(conversation, lifted):
        let_go(conversation, lifted)
        seen.append(conversation.pk)
        if len(seen) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(following_holds, "_let_go", killed)
    with pytest.raises(KeyboardInterrupt):
        follow_holds()
    assert Conversation.unscoped.filter(hold=hold).count() == 2
    assert_nothing_is_read(houses)
    expiry.sweep()
    assert_nothing_is_read(houses)
    monkeypatch.undo()
    for _ in range(2):
        assert follow_holds()
        assert_nothing_is_read(houses)
    assert not Message.unscoped.filter(is_held=True).exists()
    live(clock, HOUR)
    assert not Message.unscoped.filter(emptied_at=None).exists()
    assert not Conversation.unscoped.filter(title_emptied_at=None).exists()
    lifted = Activity.unscoped.filter(verb=Activity.Verb.HOLD_LIFTED)
    assert sorted(lifted.values_list("conversation", flat=True)) == sorted(house.pk for house in houses)
    assert list(disagreements()) == []


def test_nothing_is_complained_of_before_the_worker_was_there_and_all_of_it_after(houses, alice_enrolment):
    hold = hold_on_all(alice_enrolment)
    lift_hold(hold=hold, by=None)
    assert list(disagreements()) == []
    LegalHold.unscoped.filter(pk=hold.pk).update(followed_at=timezone.now())
    assert len([fault for fault in disagreements() if "under no legal hold" in fault]) == 3


@pytest.mark.parametrize("page", ["conversation", "print_conversation"])
def test_a_page_asks_no_more_of_many_held_messages_than_of_one(
    houses,
    clock,  # noqa: F811
    alice,
    bob,
    alice_enrolment,
    page,
):
    for number in range(4):
        post(alice, houses[1], f"Message {number}", days=9)
    hold_on_all(alice_enrolment)
    live(clock, 11 * DAY)
    client, asked = sign_in(Client(), bob), []
    for house in houses[:2] * 2:  # the first time something is remembered
        with CaptureQueriesContext(connection) as statements:
            client.get(reverse(f"connexion:{page}", args=[house.pk]))
        asked.append(len(statements))
    assert asked[2] == asked[3]


@pytest.mark.spec("E2", "E3")
def test_of_what_is_held_nobody_is_warned_and_of_what_is_held_no_more_somebody_is(houses, alice_enrolment):
    hold = set_hold(collaborator=alice_enrolment, by=None)  # its worker has not been there
    assert warn_of_expiry(now=timezone.now(), limit=10) == 0
    assert follow_holds()
    lift_hold(hold=hold, by=None)
    assert follow_holds()
    assert warn_of_expiry(now=timezone.now(), limit=10) == 3


# What happens meanwhile


def test_what_is_started_and_posted_meanwhile_is_under_no_hold(houses, clock, alice, alice_enrolment):  # noqa: F811
    hold = hold_on_all(alice_enrolment)
    lift_hold(hold=hold, by=None)
    new = start(alice_enrolment, to=["bob@example.org"], expires_at=in_days(3))
    posted = post(alice, houses[0], "Meanwhile", days=3)
    assert Conversation.unscoped.get(pk=new.pk).hold is None
    clock.jump(3 * DAY)
    assert (read(new), title_of(new)) == (None, None)
    assert is_gone(Message.unscoped.get(pk=posted.pk), timezone.now())
    assert read(houses[0]) == TEXT
    assert follow_holds()
    assert read(houses[0]) == TEXT


@pytest.mark.parametrize("on_one", [False, True], ids=["on all", "on one"])
def test_a_second_hold_brings_nothing_back_and_loses_nothing(houses, clock, alice, alice_enrolment, on_one):  # noqa: F811
    living = post(alice, houses[0], "Plus longue", days=20)
    past_their_hour(clock, houses, alice_enrolment)
    set_hold(collaborator=alice_enrolment, by=None, conversation_id=houses[0].pk if on_one else None)
    for _ in range(2):
        assert_nothing_is_read(houses[1:])
        assert read(houses[0]) is None
        clock.jump(12 * DAY)
        assert read_text(Message.unscoped.get(pk=living.pk)) == "Plus longue"
        assert title_of(houses[0])
        assert follow_holds()
    live(clock, HOUR)
    assert_nothing_is_read(houses[1:])
    assert read_text(Message.unscoped.get(pk=living.pk)) == "Plus longue"
    assert list(disagreements()) == []


@pytest.mark.spec("E3", "M2")
@pytest.mark.parametrize("end", ["deactivate_collaborator", "delete_collaborator"])
def test_an_enrolment_that_ends_meanwhile_keeps_nothing(houses, clock, alice_enrolment, end):  # noqa: F811
    past_their_hour(clock, houses, alice_enrolment)
    getattr(collaborators, end)(collaborator=alice_enrolment, by=None)
    assert_nothing_is_read(houses)
    assert follow_holds()
    live(clock, HOUR)
    assert_nothing_is_read(houses)
    assert not Message.unscoped.filter(emptied_at=None).exists()
    assert list(disagreements()) == []


@pytest.mark.spec("E3", "C13")
@pytest.mark.parametrize("has_hold", [False, True], ids=["to nobody's hold", "to a hold"])
@pytest.mark.parametrize("worker_first", [False, True])
def test_what_is_handed_over_meanwhile_is_not_brought_back(
    houses,
    clock,  # noqa: F811
    alice,
    alice_enrolment,
    emma,
    dora,
    has_hold,
    worker_first,
):
    """The successor's own hold was set before the messages' hour."""
    living = post(alice, houses[0], "Plus longue", days=20)
    if has_hold:
        set_hold(collaborator=emma, by=None)
    hold = past_their_hour(clock, houses, alice_enrolment)
    if worker_first:
        assert not follow_holds(limit=2)
    handing_over.hand_over(collaborator=alice_enrolment, successor=emma, by=dora)
    assert handing_over.carry_hand_overs()
    for _ in range(2):
        assert read(houses[0]) is None
        assert_nothing_is_read(houses[1:])
        assert follow_holds()
    assert not Conversation.unscoped.filter(hold=hold).exists()
    clock.jump(12 * DAY)
    assert is_gone(Message.unscoped.get(pk=living.pk), timezone.now()) is not has_hold
    assert list(disagreements()) == []


def test_what_goes_under_another_hold_is_kept_by_that_one_alone(
    houses,
    clock,  # noqa: F811
    alice,
    alice_enrolment,
    emma,
    dora,
):
    """Handed over under the first hold, which is lifted: what passed its hour before the other was set, is gone."""
    living = post(alice, houses[0], "Plus longue", days=20)
    first = hold_on_all(alice_enrolment)
    handing_over.hand_over(collaborator=alice_enrolment, successor=emma, by=dora)
    assert handing_over.carry_hand_overs()
    live(clock, 11 * DAY)
    own = set_hold(collaborator=emma, by=None)
    assert read(houses[0]) == TEXT
    lift_hold(hold=first, by=None)
    assert set(Conversation.unscoped.values_list("hold", flat=True)) == {own.pk}
    assert read(houses[0]) is None
    clock.jump(12 * DAY)
    assert read_text(Message.unscoped.get(pk=living.pk)) == "Plus longue"
    assert follow_holds()
    live(clock, HOUR)
    assert read_text(Message.unscoped.get(pk=living.pk)) == "Plus longue"
    assert read(houses[0]) is None
    assert list(disagreements()) == []


def test_a_post_that_found_it_standing_is_kept_no_longer_than_it(
    houses,
    clock,  # noqa: F811
    alice,
    alice_enrolment,
    monkeypatch,
):
    """It has the conversation's lock, and not the hold's: the lifting passes it by."""
    hold = hold_on_all(alice_enrolment)

    def lifted_meanwhile(conversation, *rest):
        lift_hold(hold=hold, by=None)

    monkeypatch.setattr(messages.posting, "check_words", lifted_meanwhile)
    posted = post(alice, houses[0], "Au même moment", days=2)
    monkeypatch.undo()
    assert read_text(posted) == "Au même moment"
    live(clock, 2 * DAY)
    fresh = Message.unscoped.get(pk=posted.pk)
    assert is_gone(fresh, timezone.now())
    assert fresh.emptied_at is None
    assert follow_holds()
    live(clock, HOUR)
    assert Message.unscoped.get(pk=posted.pk).emptied_at is not None
