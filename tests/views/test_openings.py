"""The owner is told exactly who had opened a message: every one of them, withdrawn or not, under a hold too (C12)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from connexion_plugin.actions import holds, participants, withdrawing
from connexion_plugin.actions.collaborators import deactivate_collaborator
from connexion_plugin.actions.messages import open_message
from connexion_plugin.models import Message, Opening, Participation
from tests.conftest import sign_in
from tests.factories.conversations import post, seat_of, start

pytestmark = [pytest.mark.spec("C12"), pytest.mark.django_db]
OPENERS = [f"p{number:02}@example.net" for number in range(60)]


@pytest.fixture
def house(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org"])


@pytest.fixture
def owner(alice):
    return sign_in(Client(), alice)


@pytest.fixture
def crowd(house, alice):
    """Sixty have opened the first message, and one of them the second."""
    participants.invite(by=seat_of(alice, house), addresses=OPENERS, language="fr")
    seats = Participation.unscoped.filter(persona__address__in=OPENERS).order_by("persona__address")
    first, second = Message.unscoped.get(), post(alice, house, "autre")
    now = timezone.now()
    Opening.unscoped.bulk_create(
        [
            Opening(message=first, participation=seat, opened_at=now + timedelta(seconds=place))
            for place, seat in enumerate(seats)
        ]
        + [Opening(message=second, participation=seats[0], opened_at=now)]
    )
    return first


def named(text):
    return {address for address in OPENERS if address in text}


def page_of(client, name, message, query=""):
    return client.get(reverse(f"connexion:{name}", args=[message.conversation_id, message.pk]) + query)


def window_of(client, house):
    return client.get(reverse("connexion:conversation", args=[house.pk]))


def test_all_who_opened_it_are_named_before_and_after_it_is_withdrawn(owner, house, alice, crowd):
    page = page_of(owner, "withdraw_message", crowd)
    assert len(named(page.content.decode())) == 10
    leads_to = page.context["openings_url"]
    for _ in ("before", "after"):
        first = owner.get(leads_to)
        second = owner.get(first.context["page"]["next_url"])
        assert first.context["openings_count"] == 60
        assert named(first.content.decode()) | named(second.content.decode()) == set(OPENERS)
        assert not named(first.content.decode()) & named(second.content.decode())
        withdrawing.withdraw_message(by=seat_of(alice, house), message=crowd)
        letter = window_of(owner, house).context["thread"][0]
        assert (len(letter.opened_by), letter.opened_by_others) == (10, 50)
        leads_to = letter.openings_url
        assert leads_to.split("?")[0] in window_of(owner, house).content.decode()


def test_a_message_that_one_opened_names_that_one(owner, house, crowd):
    second = Message.unscoped.get(sequence=2)
    assert named(page_of(owner, "openings", second).content.decode()) == {OPENERS[0]}


def test_to_name_ten_the_window_reads_ten(owner, house, alice, crowd):
    """In the one statement that it has for what was withdrawn, however many opened it."""
    for message in Message.unscoped.all():
        withdrawing.withdraw_message(by=seat_of(alice, house), message=message)
    with CaptureQueriesContext(connection) as captured:
        first, second = window_of(owner, house).context["thread"]
    assert list(first.opened_by) == OPENERS[:10]
    assert (list(second.opened_by), second.opened_by_others) == (OPENERS[:1], 0)
    (named_by,) = (query["sql"] for query in captured if "opened_at" in query["sql"])
    with connection.cursor() as cursor:
        cursor.execute(named_by)
        assert len(cursor.fetchall()) == 11


def test_what_nobody_opened_says_so(owner, house):
    page = page_of(owner, "openings", Message.unscoped.get())
    assert (page.status_code, page.context["openings_count"]) == (200, 0)


@pytest.fixture
def withdrawn(house, alice, bob):
    message = Message.unscoped.get()
    open_message(participation=seat_of(bob, house), message=message)
    withdrawing.withdraw_message(by=seat_of(alice, house), message=message)
    return message


@pytest.mark.spec("E3")
def test_a_legal_hold_hides_nobody_who_had_opened_it(owner, house, withdrawn, alice_enrolment, dora):
    before = window_of(owner, house).context["thread"][0].opened_by
    holds.set_hold(collaborator=alice_enrolment, by=dora)
    assert window_of(owner, house).context["thread"][0].opened_by == before == ["bob@example.org"]
    assert "bob@example.org" in page_of(owner, "openings", withdrawn).content.decode()


@pytest.mark.spec("B4")
def test_nor_does_a_conversation_that_is_only_read(owner, house, withdrawn, bob, alice, alice_enrolment):
    own = post(bob, house, "de Bob")
    open_message(participation=seat_of(alice, house), message=own)
    reader = sign_in(Client(), bob)
    deactivate_collaborator(collaborator=alice_enrolment, by=None)
    assert "alice@etude" in page_of(reader, "openings", own).content.decode()


def test_it_is_the_senders_and_the_owners_to_know(house, withdrawn, bob, charlie):
    assert page_of(sign_in(Client(), bob), "openings", withdrawn).status_code == 404
    assert page_of(sign_in(Client(), charlie), "openings", withdrawn).status_code == 404
    assert window_of(sign_in(Client(), bob), house).context["thread"][0].opened_by is None
