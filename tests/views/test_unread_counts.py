"""The counts beside the tabs, asked for every half minute by everybody who looks at an inbox (spec I2)."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connexion_plugin.actions.conversations import enter_conversation
from connexion_plugin.actions.messages import open_message
from connexion_plugin.models import Message
from tests.conftest import sign_in
from tests.factories import verify_address
from tests.factories.conversations import seat_of, start

WHO_ASKS = ("django_session", "auth_user", "cms_user")


@pytest.fixture
def reader(bob):
    return sign_in(Client(), bob)


@pytest.mark.spec("I2")
@pytest.mark.django_db(transaction=True)
def test_the_counts_are_of_conversations_by_persona_and_fall_when_one_opens(reader, bob, alice_enrolment):
    started = [start(alice_enrolment, to=["bob@example.org"], title=f"Dossier {index}") for index in range(2)]
    seat = seat_of(bob, started[0])
    url = reverse("connexion:unread_counts")
    assert reader.get(url).json()["counts"][str(seat.persona_id)] == 2
    enter_conversation(participation=seat)
    open_message(participation=seat, message=Message.unscoped.get(conversation=started[0]))
    assert reader.get(url).json()["counts"][str(seat.persona_id)] == 1


@pytest.mark.django_db(transaction=True)
def test_the_counts_take_one_statement_beside_who_asks(reader, alice_enrolment):
    url = reverse("connexion:unread_counts")
    for index in range(5):
        start(alice_enrolment, to=["bob@example.org"], title=f"Dossier {index}")
    reader.get(url)
    with CaptureQueriesContext(connection) as captured:
        reader.get(url)
    asked = [query["sql"] for query in captured.captured_queries]
    assert len([sql for sql in asked if "unread_count" in sql]) == 1
    assert len(asked) <= 4, "\n".join(asked)


def test_a_stranger_is_led_to_the_sign_in_page(client, db):
    answer = client.get(reverse("connexion:unread_counts"))
    assert answer.status_code == 302
    assert "/sign-in/" in answer["Location"]


@pytest.mark.spec("I2")
def test_who_knows_the_counts_is_answered_without_a_body(reader, bob, alice, alice_enrolment):
    url = reverse("connexion:unread_counts")
    tag = reader.get(url)["ETag"]
    unchanged = reader.get(url, headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    start(alice_enrolment, to=["bob@example.org"])
    changed = reader.get(url, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed["ETag"] != tag


@pytest.mark.spec("I2")
def test_an_address_just_added_is_among_the_counts_and_the_tabs(reader, bob):
    added = verify_address(bob, "bob@hockey.example")
    assert str(added.pk) in reader.get(reverse("connexion:unread_counts")).json()["counts"]
    page = reader.get(reverse("connexion:inbox", args=[added.pk]))
    assert f'data-persona="{added.pk}"' in page.content.decode()


@pytest.mark.spec("I2")
def test_with_one_persona_the_count_stands_beside_the_address(charlie, alice, alice_enrolment):
    start(alice_enrolment, to=["charlie@example.org"])
    page = sign_in(Client(), charlie).get(reverse("connexion:inbox")).content.decode()
    assert 'class="tabs"' not in page
    head = page[page.index('class="inbox-head"') :].partition("</div>")[0]
    assert "data-persona=" in head
    assert "1 conversation non lue" in head
    assert "data-counts-url=" in page


@pytest.mark.spec("I2")
def test_twelve_tabs_each_have_their_own_inbox(bob, alice, alice_enrolment):
    for number in range(10):
        verify_address(bob, f"bob{number}@example.net")
    start(alice_enrolment, to=["bob7@example.net"], title="Pour le septième")
    answer = sign_in(Client(), bob).get(reverse("connexion:inbox"))
    assert len(answer.context["personas"]) == 12
    assert answer.context["persona"]["address"] == "bob7@example.net"  # the first that holds something unread
    assert [row.title for row in answer.context["rows"]] == ["Pour le septième"]
