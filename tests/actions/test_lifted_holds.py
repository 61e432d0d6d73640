"""From its lifting on a hold suspends nothing, whether the worker has been there or not (spec E3)."""

from itertools import permutations
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connexion_plugin import exceptions
from connexion_plugin.actions import expiry
from connexion_plugin.actions.documents import is_gone
from connexion_plugin.actions.following_holds import follow_holds
from connexion_plugin.actions.holds import lift_hold, set_hold
from connexion_plugin.actions.lifetimes import change_expiry
from connexion_plugin.actions.messages import post_message, read_text
from connexion_plugin.actions.titles import read_title
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.models import Conversation, Message
from connexion_plugin.sealing import keys
from tests.actions.test_expiry import live, parts_of_this_test  # noqa: F401
from tests.conftest import sign_in
from tests.factories.conversations import in_days, post, seat_of, start
from tests.sealing.conftest import DAY, HOUR, clock, store, use_store  # noqa: F401

pytestmark = [pytest.mark.spec("E3"), pytest.mark.django_db]
TITLE = "Acte de vente, 44 rue des Érables"


@pytest.fixture
def house(clock, store, alice, bob, alice_enrolment):  # noqa: F811
    return start(alice_enrolment, to=["bob@example.org"], expires_at=in_days(10))


def followed():
    assert follow_holds()
    keys.forget()


def title_of(conversation):
    return read_title(Conversation.unscoped.get(pk=conversation.pk))


def living(conversation):
    """What can be read now; of each that cannot, that it is not read either."""
    found = []
    for message in Message.unscoped.filter(conversation=conversation).order_by("sequence"):
        if is_gone(message, timezone.now()):
            with pytest.raises(exceptions.MessageGone):
                read_text(message)
        else:
            found.append(read_text(message))
    return found


def assert_agree(conversation):
    assert (title_of(conversation) is not None) == bool(living(conversation))
    assert list(disagreements()) == []


def held_and_lifted(collaborator, *, is_followed, **options):
    hold = set_hold(collaborator=collaborator, by=None, **options)
    if is_followed:
        followed()
    return SimpleNamespace(lift=lambda: lift_hold(hold=hold, by=None), hold=hold)


@pytest.mark.parametrize("is_followed", [True, False], ids=["taken up", "never taken up"])
@pytest.mark.parametrize("order", list(permutations(["post", "expire", "follow", "sweep"])), ids="-".join)
def test_title_and_messages_agree_at_every_step_after_it(
    house,
    clock,  # noqa: F811
    alice,
    alice_enrolment,
    is_followed,
    order,
):
    """The first message is past its hour when the hold is lifted; what is posted lives for three days."""
    acts = held_and_lifted(alice_enrolment, is_followed=is_followed)
    if is_followed:
        live(clock, 11 * DAY)
        assert living(house) == ["Bonjour, voici l’acte."]
    acts.lift()
    assert_agree(house)
    steps = {
        "post": lambda: post_message(
            participation=seat_of(alice, house),
            text="Nouveau",
            title="Autre titre",
            expires_at=in_days(3),
            idempotency_key=uuid4(),
        ),
        "expire": lambda: clock.jump(12 * DAY),
        "follow": followed,
        "sweep": expiry.sweep,
    }
    for step in order:
        steps[step]()
        assert_agree(house)
    clock.jump(12 * DAY)
    assert (title_of(house), living(house)) == (None, [])


def test_what_is_past_its_hour_is_read_no_more_from_then_on(house, clock, alice, alice_enrolment):  # noqa: F811
    longer = post(alice, house, "Plus longue", days=20)
    acts = held_and_lifted(alice_enrolment, is_followed=True)
    live(clock, 11 * DAY)
    acts.lift()
    assert living(house) == ["Plus longue"]
    clock.jump(longer.expires_at - timezone.now() - HOUR)
    assert (title_of(house), living(house)) == (TITLE, ["Plus longue"])
    clock.jump(HOUR)
    assert (title_of(house), living(house)) == (None, [])
    followed()
    assert (title_of(house), living(house)) == (None, [])
    assert list(disagreements()) == []


@pytest.mark.parametrize("follows_at", ["before the first hour", "after the first hour"])
def test_a_title_begun_anew_lives_as_long_as_the_last_post(house, clock, alice, alice_enrolment, follows_at):  # noqa: F811
    acts = held_and_lifted(alice_enrolment, is_followed=True)
    live(clock, 11 * DAY)
    acts.lift()
    options = {"participation": seat_of(alice, house), "title": "Autre titre"}
    for days in (3, 30):
        post_message(text=f"{days} jours", expires_at=in_days(days), idempotency_key=uuid4(), **options)
    if follows_at.startswith("before"):
        followed()
    clock.jump(4 * DAY)
    assert (title_of(house), living(house)) == ("Autre titre", ["30 jours"])
    followed()
    assert (title_of(house), living(house)) == ("Autre titre", ["30 jours"])
    clock.jump(26 * DAY)
    assert (title_of(house), living(house)) == (None, [])
    assert list(disagreements()) == []


@pytest.mark.parametrize("days", [5, 40])
def test_an_expiry_that_is_moved_before_the_worker_comes_takes_the_title_with_it(
    house,
    clock,  # noqa: F811
    alice,
    alice_enrolment,
    days,
):
    acts = held_and_lifted(alice_enrolment, is_followed=True)
    acts.lift()
    change_expiry(by=seat_of(alice, house), message=Message.unscoped.get(), expires_at=in_days(days))
    clock.jump(days * DAY - HOUR)
    assert title_of(house) == TITLE
    clock.jump(HOUR)
    assert (title_of(house), living(house)) == (None, [])
    followed()
    assert_agree(house)


def test_what_is_withdrawn_before_the_worker_comes_keeps_the_title_until_its_hour(
    house,
    clock,  # noqa: F811
    alice,
    alice_enrolment,
):
    acts = held_and_lifted(alice_enrolment, is_followed=True)
    acts.lift()
    withdraw_message(by=seat_of(alice, house), message=Message.unscoped.get())
    assert title_of(house) == TITLE
    clock.jump(10 * DAY)
    assert title_of(house) is None


def test_under_two_holds_that_were_lifted_before_the_worker_came_all_goes_back_under_its_day(
    house,
    clock,  # noqa: F811
    alice_enrolment,
):
    held_and_lifted(alice_enrolment, is_followed=True).lift()
    held_and_lifted(alice_enrolment, is_followed=False).lift()
    followed()
    row, conversation = Message.unscoped.get(), Conversation.unscoped.get()
    assert row.epoch.day == conversation.title_epoch.day == keys.day_of(row.expires_at)
    assert list(disagreements()) == []


def test_what_the_hold_that_stands_does_not_keep_is_read_no_more(house, clock, alice, alice_enrolment):  # noqa: F811
    """Its hour had come when that one was set; only the one that is lifted kept it."""
    one = held_and_lifted(alice_enrolment, is_followed=True, conversation_id=house.pk)
    live(clock, 11 * DAY)
    set_hold(collaborator=alice_enrolment, by=None)
    followed()
    assert living(house) == ["Bonjour, voici l’acte."]
    one.lift()
    assert Conversation.unscoped.get().hold != one.hold
    assert (title_of(house), living(house)) == (None, [])
    followed()
    assert (title_of(house), living(house)) == (None, [])
    assert list(disagreements()) == []


@pytest.mark.spec("C9")
@pytest.mark.parametrize("who", ["alice", "bob"])
def test_no_page_says_that_it_is_held_before_the_worker_comes(house, alice, bob, alice_enrolment, who):
    client = sign_in(Client(), {"alice": alice, "bob": bob}[who])
    persona = seat_of({"alice": alice, "bob": bob}[who], house).persona
    acts = held_and_lifted(alice_enrolment, is_followed=True)
    window = reverse("connexion:conversation", args=[house.pk])
    pages = [
        window,
        reverse("connexion:print_conversation", args=[house.pk]),
        reverse("connexion:readers", args=[house.pk]),
        reverse("connexion:inbox", args=[persona.pk]),
        reverse("connexion:activity", args=[house.pk]),
    ]
    saying = ("conservation légale", "suspendu")

    def words(address):
        text = client.get(address).content.decode().lower()
        return [word for word in saying if word in text]

    assert words(window) == list(saying)
    acts.lift()
    found = {address: words(address) for address in pages}
    history = found.pop(pages[-1])  # where it goes on saying when it was set
    assert [words for words in found.values() if words] == []
    assert "suspendu" not in history
