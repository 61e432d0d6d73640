"""How many statements each page takes; the same whatever is in it (goals.md, the rows marked =)."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connexion_plugin.actions import participants
from connexion_plugin.actions.messages import post_message
from connexion_plugin.keyset import Key
from connexion_plugin.models import Message, Participation
from tests.conftest import sign_in
from tests.factories.conversations import in_days, post, seat_of, start


def statements(act) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        act()
    wordless = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(wordless)]


@pytest.fixture
def reader(bob):
    return sign_in(Client(), bob)


def fill(alice_enrolment, number):
    return [
        start(alice_enrolment, to=["bob@example.org"], title=f"Dossier {index}") for index in range(number)
    ]


@pytest.mark.django_db(transaction=True)
def test_the_inbox_takes_seven(reader, alice, bob, alice_enrolment):
    conversation = fill(alice_enrolment, 3)[0]
    url = reverse("connexion:inbox", args=[seat_of(bob, conversation).persona_id])
    reader.get(url)
    few = statements(lambda: reader.get(url))
    fill(alice_enrolment, 12)
    many = statements(lambda: reader.get(url))
    assert len(few) == len(many) <= 7, "\n".join(many)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("query", "most"),
    [("", 0), ("?after={key}&page=2", 0), ("?before={key}", 0), ("?before=end", 1), ("?page=2", 2)],
)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite takes them one by one")
def test_an_inbox_asks_for_its_rows_beside_its_tabs(reader, bob, alice_enrolment, query, most):
    """In one go where the address says which rows; so many more ways to the database where it does not."""
    seat = seat_of(bob, fill(alice_enrolment, 25)[12])
    url = reverse("connexion:inbox", args=[seat.persona_id])
    reader.get(url)
    sent = statements(lambda: reader.get(url + query.format(key=Key(seat.activity_at, seat.pk))))
    (beside,) = (index for index, sql in enumerate(sent) if '"draft_waits"' in sql)
    assert len(sent) - beside - 1 == most, "\n".join(sent[beside:])


@pytest.mark.django_db(transaction=True)
def test_the_window_takes_eight(reader, alice, bob, alice_enrolment):
    conversation = fill(alice_enrolment, 1)[0]
    url = reverse("connexion:conversation", args=[conversation.pk])
    reader.get(url)
    few = statements(lambda: reader.get(url))
    for number in range(9):
        post([alice, bob][number % 2], conversation, f"n° {number}")
    many = statements(lambda: reader.get(url))
    assert len(few) == len(many) <= 8, "\n".join(many)


@pytest.mark.django_db(transaction=True)
def test_a_post_takes_sixteen_with_3_and_with_300_participants(alice, bob, alice_enrolment):
    conversation = fill(alice_enrolment, 1)[0]
    post(bob, conversation, "chauffe")
    seat = seat_of(bob, conversation)
    assert seat.conversation.organization  # the guard reads it with the seat

    def act():
        post_message(participation=seat, text="Bonjour", expires_at=in_days(364), idempotency_key=uuid4())

    few = statements(act)
    participants.invite(
        by=seat_of(alice, conversation), addresses=[f"p{n}@example.net" for n in range(300)], language="fr"
    )
    many = statements(act)
    assert len(few) <= 16, "\n".join(few)
    assert len(many) == len(few), "\n".join(q[:90] for q in many)
    assert Participation.unscoped.filter(conversation=conversation).count() == 302
    assert Message.unscoped.filter(conversation=conversation).count() == 4
