"""Every door of an announcement × every method, as a participant knocks, with a script and without: nobody else's name,
address or number comes back in a page, a fragment, a head or a refusal (spec C9)."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from connexion_plugin.actions import more_time
from connexion_plugin.actions.documents import new_document_key
from connexion_plugin.actions.messages import open_message, post_message
from connexion_plugin.actions.participants import invite, leave, remove
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.documents.uploads import sealed_upload
from connexion_plugin.models import Attachment, Message, Participation
from tests.conftest import sign_in
from tests.factories import make_person
from tests.factories.conversations import in_days, seat_of, start
from tests.test_doors import CONTENT, METHODS, content_of, knock

pytestmark = pytest.mark.django_db
OTHERS = 7


def address(number):
    return f"canari{number}@example.net"


@pytest.fixture
def house(settled_standing_key, alice, bob, alice_enrolment):
    """Two messages, one with a document and soon to expire; the others have opened, asked, left, been removed."""
    document = sealed_upload(
        name="avis.pdf", chunks=[b"x" * 1000], key_for=new_document_key, storage=sealed_storage()
    )
    people = [make_person(f"Canari{number} X", address(number)) for number in range(4)]
    conversation = start(
        alice_enrolment,
        to=["bob@example.org", *map(address, range(OTHERS - 1))],
        hides_participants=True,
        documents=[document],
        expires_at=in_days(5),
    )
    owner, first = seat_of(alice, conversation), Message.unscoped.get()
    post_message(participation=owner, text="Suite", expires_at=in_days(90), idempotency_key=uuid4())
    for person in people[:3]:
        open_message(participation=seat_of(person, conversation), message=first)
    more_time.ask_for_time(by=seat_of(people[0], conversation), message=first)
    leave(participations=[seat_of(people[1], conversation)])
    remove(by=owner, participation=seat_of(people[2], conversation))
    invite(by=owner, addresses=[address(OTHERS - 1)], language="fr")
    return conversation


def doors_of(house, bob):
    """Name and address of every door, about the messages, and about another's seat where it is about one."""
    first, second = Message.unscoped.order_by("sequence")
    other = Participation.unscoped.get(persona__address=address(0))
    about_messages = {
        *("open_message", "withdraw_message", "openings", "change_expiry"),
        *("ask_for_time", "grant_time", "decline_time"),
    }
    about_seats = {
        *("remove_participant", "readmit_participant", "change_reply", "correct_address", "settle_move"),
    }
    drafts = {"post_message", "reply_draft", "reply_uploads"}
    for name in sorted(CONTENT):
        short = name.removeprefix("connexion:")
        if short == "download":
            yield name, reverse(name, args=[Attachment.unscoped.get().pk])
        elif short == "message":
            yield name, reverse(name, args=[first.pk])
        elif short in about_messages:
            yield from ((name, reverse(name, args=[house.pk, message.pk])) for message in (second, first))
        elif short in about_seats:
            yield name, reverse(name, args=[house.pk, other.pk])
        elif short in drafts:
            yield name, reverse(name, args=[house.pk, uuid4()])
        else:
            yield name, reverse(name, args=[house.pk])
    persona = seat_of(bob, house).persona_id
    for name in ("inbox", "delete_selection", "restore_selection"):
        yield name, reverse(f"connexion:{name}", args=[persona])
    yield "move_seat", reverse("connexion:move_seat", args=[other.pk])
    yield "move_seat", reverse("connexion:move_seat", args=[seat_of(bob, house).pk])
    for name in ("unread_counts", "invitations", "contact_suggestions", "start_conversation"):
        yield name, reverse(f"connexion:{name}")


@pytest.mark.spec("C9")
@pytest.mark.parametrize(
    "query", ["", "?q=example.net&search=example.net&sort=-name&page=2&verify=1&show=all"]
)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["without scripts", "with"])
def test_no_door_tells_of_the_others(house, bob, query, headers):
    client = sign_in(Client(headers=headers), bob)
    opened = client.post(
        reverse("connexion:open_message", args=[house.pk, Message.unscoped.get(sequence=1).pk])
    )
    assert "canari" not in content_of(opened)
    for name, url in doors_of(house, bob):
        for method in METHODS:
            if (name, method) == ("connexion:leave", "POST"):
                continue  # the last of all, below
            answer = knock(client, method, url + query)
            assert answer.status_code < 500, (name, method)
            assert "canari" not in content_of(answer).lower(), (name, method, answer.status_code)
    left = client.post(reverse("connexion:leave", args=[house.pk]) + query, follow=True)
    assert "canari" not in content_of(left).lower()


@pytest.mark.spec("C9")
def test_no_page_changes_with_the_number_or_the_acts_of_the_others(house, alice, bob):
    """What bob reads before the others come, ask, open and leave is what he reads afterwards, to the letter."""
    pages = ["conversation", "readers", "activity", "print_conversation", "print_activity", "leave"]
    client = sign_in(Client(), bob)

    def read():
        return {
            name: without_what_changes(client.get(reverse(f"connexion:{name}", args=[house.pk])))
            for name in pages
        } | {"inbox": without_what_changes(client.get(reverse("connexion:inbox")))}

    read()
    before = read()
    owner = seat_of(alice, house)
    invite(by=owner, addresses=[f"nouveau{n}@example.net" for n in range(60)], language="fr")
    person = make_person("Nouveau5 X", "nouveau5@example.net")
    for message in Message.unscoped.order_by("sequence"):
        open_message(participation=seat_of(person, house), message=message)
    more_time.ask_for_time(by=seat_of(person, house), message=Message.unscoped.get(sequence=1))
    more_time.decline_time(by=owner, message=Message.unscoped.get(sequence=1))
    leave(participations=[seat_of(person, house)])
    assert read() == before


def without_what_changes(answer):
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", text)  # each form has a draft's id of its own
    return re.sub(r"\d\d:\d\d:\d\d", "", text)  # the foot of a print says when
