"""When its last message has expired a title is read nowhere: at that hour, sweep or not (spec E3)."""

import io
import zipfile
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from connexion_plugin import exceptions
from connexion_plugin.actions import expiry, searching
from connexion_plugin.actions.following_holds import follow_holds
from connexion_plugin.actions.holds import lift_hold, set_hold
from connexion_plugin.actions.lifetimes import change_expiry
from connexion_plugin.actions.messages import post_message
from connexion_plugin.actions.titles import read_title
from connexion_plugin.actions.verification import disagreements
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.models import Conversation, Message
from tests.actions.test_expiry import house, live, parts_of_this_test  # noqa: F401
from tests.conftest import sign_in
from tests.factories.conversations import in_days, post, seat_of
from tests.sealing.conftest import DAY, HOUR, clock, store, use_store  # noqa: F401

pytestmark = pytest.mark.spec("E3")
TITLE = "Acte de vente, 44 rue des Érables"


def title_of(conversation):
    return read_title(Conversation.unscoped.get(pk=conversation.pk))


def pages_that_name(conversation, persona):
    """Every page that shows the title."""
    window = [conversation.pk]
    return {
        "row": reverse("connexion:inbox", args=[persona.pk]),
        "search": reverse("connexion:inbox", args=[persona.pk]) + "?search=alice",
        "window": reverse("connexion:conversation", args=window),
        "print": reverse("connexion:print_conversation", args=window),
        "activity": reverse("connexion:activity", args=window),
        "activity on paper": reverse("connexion:print_activity", args=window),
        "readers": reverse("connexion:readers", args=window),
        "form": reverse("connexion:post_message", args=[*window, uuid4()]),
        "archive": reverse("connexion:download_conversation", args=window),
    }


def read(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if not body.startswith(b"PK"):
        return body.decode()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


@pytest.mark.django_db(transaction=True)
def test_no_page_shows_it_a_second_after_the_hour_and_each_that_did_says_so(house, clock, bob):  # noqa: F811
    pages = pages_that_name(house, seat_of(bob, house).persona)
    client = sign_in(Client(), bob)
    shown = {name: TITLE in read(client, address) for name, address in pages.items()}
    assert all(shown.values()), shown
    clock.jump(364 * DAY)
    client = sign_in(Client(), bob)  # the session has expired, too
    found = {name: read(client, address) for name, address in pages.items()}
    assert not Message.unscoped.exclude(emptied_at=None).exists(), "no sweep was there"
    assert {name: TITLE in page for name, page in found.items()} == dict.fromkeys(pages, False)
    assert {name for name, page in found.items() if "Titre expiré" not in page} == {"form"}
    assert 'name="title"' in found["form"]  # which asks for another
    assert searching.search(user=bob, persona=seat_of(bob, house).persona, words="vente").seats == []


def test_until_its_hour_it_is_read(house, clock):  # noqa: F811
    clock.jump(364 * DAY - HOUR)
    assert title_of(house) == TITLE


def test_a_later_message_keeps_it_and_a_shorter_one_does_not_hurry_it(house, clock, alice, bob):  # noqa: F811
    post(bob, house, "Courte", days=3)
    clock.jump(4 * DAY)
    assert title_of(house) == TITLE
    post(bob, house, "Longue", days=500)
    clock.jump(499 * DAY)
    assert title_of(house) == TITLE
    clock.jump(DAY)
    assert title_of(house) is None
    assert list(disagreements()) == []


def test_it_follows_an_expiry_that_moves_within_the_day_too(house, clock, alice):  # noqa: F811
    message = Message.unscoped.get()
    change_expiry(by=seat_of(alice, house), message=message, expires_at=message.expires_at - 2 * HOUR)
    clock.jump(364 * DAY - 2 * HOUR)
    assert title_of(house) is None
    assert list(disagreements()) == []


def test_an_extension_keeps_it(house, clock, alice):  # noqa: F811
    change_expiry(by=seat_of(alice, house), message=Message.unscoped.get(), expires_at=in_days(400))
    clock.jump(400 * DAY - HOUR)
    assert title_of(house) == TITLE
    clock.jump(HOUR)
    assert title_of(house) is None


def test_a_withdrawn_message_keeps_it_until_its_hour(house, clock, alice):  # noqa: F811
    withdraw_message(by=seat_of(alice, house), message=Message.unscoped.get())
    clock.jump(364 * DAY - HOUR)
    assert title_of(house) == TITLE
    clock.jump(HOUR)
    assert title_of(house) is None


def test_a_post_after_the_hour_asks_for_another_before_the_sweep(house, clock, bob):  # noqa: F811
    clock.jump(364 * DAY)
    with pytest.raises(exceptions.TitleExpired):
        post(bob, house, "Encore là?")
    options = {"expires_at": in_days(30), "idempotency_key": uuid4(), "text": "Encore là?"}
    post_message(participation=seat_of(bob, house), title="Suite", **options)
    assert title_of(house) == "Suite"
    live(clock, 2 * DAY)
    assert title_of(house) == "Suite"
    assert list(disagreements()) == []


# Legal holds


def test_a_hold_keeps_it_before_the_worker_was_there(house, clock, alice_enrolment, bob):  # noqa: F811
    clock.jump(364 * DAY - HOUR)
    hold = set_hold(collaborator=alice_enrolment, by=None)
    clock.jump(2 * HOUR)
    assert title_of(house) == TITLE
    post_message(
        participation=seat_of(bob, house),
        text="Un autre titre?",
        title="Autre",
        expires_at=in_days(30),
        idempotency_key=uuid4(),
    )
    assert title_of(house) == TITLE
    lift_hold(hold=hold, by=None)
    assert follow_holds()
    assert list(disagreements()) == []


def test_a_hold_does_not_bring_back_what_was_past_its_hour(house, clock, alice_enrolment):  # noqa: F811
    clock.jump(364 * DAY)
    set_hold(collaborator=alice_enrolment, by=None)
    assert title_of(house) is None
    assert follow_holds()
    assert title_of(house) is None
    live(clock, 2 * DAY)
    row = Conversation.unscoped.get()
    assert (bytes(row.title_sealed), bytes(row.title_key)) == (b"", b"")
    assert list(disagreements()) == []


def test_a_lifted_hold_gives_it_the_hour_of_its_last_message(house, clock, alice, alice_enrolment):  # noqa: F811
    hold = set_hold(collaborator=alice_enrolment, by=None)
    assert follow_holds()
    post(alice, house, "Longue", days=500)
    clock.jump(499 * DAY)
    lift_hold(hold=hold, by=None)
    assert follow_holds()
    assert title_of(house) == TITLE
    clock.jump(DAY)
    assert title_of(house) is None
    assert list(disagreements()) == []


def test_where_only_an_earlier_hold_kept_it_a_later_one_does_not(house, clock, alice_enrolment):  # noqa: F811
    first = set_hold(collaborator=alice_enrolment, by=None)
    assert follow_holds()
    live(clock, 370 * DAY)
    assert title_of(house) == TITLE
    lift_hold(hold=first, by=None)
    second = set_hold(collaborator=alice_enrolment, by=None)
    assert follow_holds()
    assert title_of(house) is None
    expiry.sweep()
    assert Conversation.unscoped.get().title_emptied_at is not None
    lift_hold(hold=second, by=None)
    assert follow_holds()
    assert list(disagreements()) == []
