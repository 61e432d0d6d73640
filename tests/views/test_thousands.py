"""A conversation's pages read as much among 1,200 people as among 600 (spec C9, C10; goals.md, the rows marked =)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from connexion_plugin.actions.activity import next_line
from connexion_plugin.actions.messages import open_message
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.models import Activity, Conversation, Message, Notice, Opening, Participation, Persona
from tests.conftest import sign_in
from tests.factories.conversations import post, seat_of, start

pytestmark = [pytest.mark.spec("C9", "C10"), pytest.mark.django_db]
FULLER = 100  # a last page has from one to fifty lines, each with the seat that it names


@pytest.fixture(params=[False, True], ids=["all see each other", "an announcement"])
def house(request, alice, bob, alice_enrolment):
    """Of three messages one was withdrawn."""
    house = start(alice_enrolment, to=["bob@example.org"], hides_participants=request.param)
    for text in ("deuxième", "retirée"):
        message = post(alice, house, text)
        open_message(participation=seat_of(bob, house), message=message)
    withdraw_message(by=seat_of(alice, house), message=message)
    return house


def crowd(house, *, up_to):
    """So many people who were told, opened all but the first message, and left lines; a tenth of them was removed since."""
    conversation = Conversation.unscoped.get(pk=house.pk)
    now, known = timezone.now(), Participation.unscoped.filter(conversation=house).count()
    personas = Persona.unscoped.bulk_create(
        [Persona(address=f"p{number:05}@example.net") for number in range(known, up_to)]
    )
    seats = Participation.unscoped.bulk_create(
        [
            Participation(
                conversation=house,
                persona=persona,
                seat=Participation.Seat.REMOVED if number % 10 == 0 else Participation.Seat.WAITING,
                ended_at=now if number % 10 == 0 else None,
                invited_at=now,
                activity_at=now,
                unopened_count=1,
            )
            for number, persona in enumerate(personas)
        ]
    )
    messages = list(Message.unscoped.filter(conversation=house).order_by("sequence"))
    rows = [(message, seat) for seat in seats for message in messages]
    Notice.unscoped.bulk_create(
        [Notice(message=message, participation=seat, created_at=now) for message, seat in rows]
    )
    Opening.unscoped.bulk_create(
        [Opening(message=row, participation=seat, opened_at=now) for row, seat in rows if row != messages[0]]
    )
    Activity.unscoped.bulk_create(
        [
            next_line(
                conversation=conversation,
                verb=verb,
                at=now + timedelta(milliseconds=number),
                actor=seat,
                message_id=messages[0].pk,
            )
            for number, seat in enumerate(seats)
            for verb in (Activity.Verb.JOINED, Activity.Verb.OPENED)
        ]
    )
    conversation.save()


def pages_of(house):
    openings = [house.pk, Message.unscoped.get(sequence=2).pk]
    readers = reverse("connexion:readers", args=[house.pk])
    lines = reverse("connexion:activity", args=[house.pk])
    return {
        "window": reverse("connexion:conversation", args=[house.pk]),
        "readers": readers,
        "readers, the last": f"{readers}?page=9999",
        "readers found": f"{readers}?q=net",
        "openings": reverse("connexion:openings", args=openings),
        "openings, the last": reverse("connexion:openings", args=openings) + "?page=9999",
        "activity": lines,
        "by name": f"{lines}?sort=-name",
        "by activity": f"{lines}?sort=verb",
        "the last lines": f"{lines}?page=9999",
        "lines found": f"{lines}?q=net",
        "of people": f"{lines}?show=people",
    }


def read(client, address):
    """How many statements the page takes, and how many rows they give."""
    client.get(address)  # what a page remembers for a minute is not to be counted
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code in {200, 404}, address
    asked = [query["sql"] for query in captured if query["sql"].lstrip("(").startswith("SELECT")]
    return len(captured), sum(rows_of(sql) for sql in asked)


def rows_of(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        found = len(cursor.fetchall())
        while getattr(cursor, "nextset", lambda: None)():
            found += len(cursor.fetchall())
    return found


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_no_page_reads_more_among_1200_than_among_600(house, alice, bob, who):
    client = sign_in(Client(), {"alice": alice, "bob": bob}[who])
    pages = pages_of(house)
    crowd(house, up_to=600)
    few = {name: read(client, address) for name, address in pages.items()}
    crowd(house, up_to=1_200)
    many = {name: read(client, address) for name, address in pages.items()}
    grown = {
        name: (few[name], many[name])
        for name in pages
        if many[name][0] > few[name][0] or many[name][1] > few[name][1] + FULLER * ("last" in name)
    }
    assert grown == {}
