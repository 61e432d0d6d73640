"""In an announcement nobody meets another participant: in no page, mail, line, count or date (spec C9)."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connexion_plugin.actions.messages import open_message
from connexion_plugin.actions.participants import invite, leave, remove
from connexion_plugin.mail.delivery import deliver
from connexion_plugin.models import Conversation, Mail, Message, Participation
from tests.conftest import sign_in
from tests.factories import make_person
from tests.factories.conversations import post, seat_of, start

pytestmark = pytest.mark.django_db

CANARIES = ["canari-ouvre", "canari-attend", "canari-parti", "canari-retire"]


@pytest.fixture
def house(alice, bob, charlie, alice_enrolment):
    """One of each: who opens, who waits, who left, who was removed."""
    addresses = [f"{canary}@example.net" for canary in CANARIES]
    people = {canary: make_person(f"{canary} X", f"{canary}@example.net") for canary in CANARIES[::2]}
    conversation = start(
        alice_enrolment, to=["bob@example.org", *addresses], title="Avis à tous", hides_participants=True
    )
    message = Message.unscoped.get(conversation=conversation)
    open_message(participation=seat_of(people["canari-ouvre"], conversation), message=message)
    leave(participations=[seat_of(people["canari-parti"], conversation)])
    gone = Participation.unscoped.get(persona__address="canari-retire@example.net")
    remove(by=seat_of(alice, conversation), participation=gone)
    invite(by=seat_of(alice, conversation), addresses=["late-canari@example.net"], language="fr")
    return conversation


def pages(house):
    message = Message.unscoped.get(conversation=house)
    for name in ("conversation", "print_conversation", "readers", "activity", "print_activity", "leave"):
        yield reverse(f"connexion:{name}", args=[house.pk])
    for query in ("?q=example.net", "?sort=name", "?sort=-verb", "?page=2"):
        yield reverse("connexion:readers", args=[house.pk]) + query
        yield reverse("connexion:activity", args=[house.pk]) + query
        yield reverse("connexion:print_activity", args=[house.pk]) + query
    yield reverse("connexion:message", args=[message.pk])
    yield reverse("connexion:inbox")


@pytest.mark.spec("C9")
def test_no_page_names_or_counts_the_others(house, bob):
    client = sign_in(Client(), bob)
    opened = client.post(
        reverse("connexion:open_message", args=[house.pk, Message.unscoped.get().pk]), follow=True
    )
    texts = [opened.content.decode()]
    for address in pages(house):
        page = client.get(address, follow=True)
        assert page.status_code == 200, address
        texts.append(page.content.decode())
    for text in texts:
        assert "canari" not in text
    lines = client.get(reverse("connexion:activity", args=[house.pk])).context["lines"]
    assert {line["detail"] for line in lines} <= {"", "bob@example.org"}
    assert {line["number"] for line in lines} == {""}
    readers = client.get(reverse("connexion:readers", args=[house.pk])).context["readers"]
    assert [row["address"] for row in readers] == ["alice@etude-tremblay.example", "bob@example.org"]


def everything_said(answer):
    """Body and headers; of an archive, what is packed in it."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    texts = [body]
    if body.startswith(b"PK"):
        with ZipFile(BytesIO(body)) as archive:
            texts = [name.encode() + archive.read(name) for name in archive.namelist()]
    return b"".join(texts).decode() + str(answer.headers)


@pytest.mark.spec("C9", "D6")
def test_no_archive_upload_or_shut_door_names_the_others(house, bob):
    """What is not a page: the archive, the answers to an upload, and the doors of the owner and of the others' seats."""
    client = sign_in(Client(), bob)
    message, other = Message.unscoped.get(), Participation.unscoped.get(persona__address__startswith="late")
    client.post(reverse("connexion:open_message", args=[house.pk, message.pk]))
    archive = client.get(reverse("connexion:download_conversation", args=[house.pk]))
    assert archive.status_code == 200
    uploads = reverse("connexion:reply_uploads", args=[house.pk, uuid4()])
    tus = {"Tus-Resumable": "1.0.0", "Upload-Length": "1"}
    answers = [archive, client.post(uploads, headers=tus), client.options(uploads)]
    for name, key in (
        ("remove_participant", other.pk),
        ("correct_address", other.pk),
        ("withdraw_message", message.pk),
        ("change_expiry", message.pk),
        ("post_message", uuid4()),
    ):
        answers.append(client.get(reverse(f"connexion:{name}", args=[house.pk, key])))
    for name in ("unread_counts", "invitations", "inbox"):
        answers.append(client.get(reverse(f"connexion:{name}")))
    for answer in answers:
        assert "canari" not in everything_said(answer), answer.request["PATH_INFO"]


@pytest.mark.spec("C9")
def test_the_owner_sees_everybody(house, alice):
    client = sign_in(Client(), alice)
    page = client.get(reverse("connexion:readers", args=[house.pk])).content.decode()
    assert all(canary in page for canary in CANARIES)
    lines = client.get(reverse("connexion:activity", args=[house.pk])).context["lines"]
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert any(line["name"] == "canari-ouvre@example.net" for line in lines)


@pytest.mark.spec("C9")
def test_somebody_elses_opening_moves_no_date_but_the_owners(house, alice, bob):
    message = post(alice, house, "Encore")
    before = seat_of(bob, house).activity_at
    opener = Participation.unscoped.get(persona__address="canari-ouvre@example.net")
    open_message(participation=opener, message=message)
    assert seat_of(bob, house).activity_at == before
    assert seat_of(alice, house).activity_at > before
    assert Conversation.unscoped.get(pk=house.pk).activity_at > before


@pytest.mark.spec("C9", "N1")
def test_no_mail_names_the_others(house):
    deliver()
    assert Mail.unscoped.exists()
    assert mail.outbox
    for letter in mail.outbox:
        words = str(letter.message()).replace(letter.to[0], "")
        assert "canari" not in words.replace(letter.to[0].split("@")[0], "")


def start_form(number, **changes):
    return {
        "title": "Avis à tous",
        "addresses": "\n".join(f"p{n}@example.net" for n in range(number)),
        "language": "fr",
        "text": "Bonjour",
        "expires_in_days": "90",
        **changes,
    }


@pytest.mark.spec("C9")
def test_hiding_is_proposed_once_above_fifty(alice):
    client = sign_in(Client(), alice)
    url = reverse("connexion:start_conversation_draft", args=[uuid4()])
    proposed = client.post(url, start_form(51))
    assert proposed.status_code == 422
    form = proposed.context["form"]
    assert form["hides_participants"].value()
    assert form["announcement_proposed"].value()
    assert not Conversation.unscoped.exists()
    assert client.post(url, start_form(51, announcement_proposed="on")).status_code == 302
    assert not Conversation.unscoped.get().hides_participants


@pytest.mark.spec("C9")
@pytest.mark.parametrize(("number", "hides"), [(50, {}), (51, {"hides_participants": "on"})])
def test_what_was_chosen_is_taken_at_once(alice, number, hides):
    client = sign_in(Client(), alice)
    url = reverse("connexion:start_conversation_draft", args=[uuid4()])
    assert client.post(url, start_form(number, **hides)).status_code == 302
    conversation = Conversation.unscoped.get()
    assert conversation.hides_participants == bool(hides)
    assert conversation.created_at > timezone.now() - timedelta(minutes=5)
    rights = Participation.unscoped.filter(conversation=conversation, role="participant")
    assert set(rights.values_list("may_reply", flat=True)) == {not hides}


@pytest.mark.spec("C9", "C10")
def test_inviting_the_fifty_first_says_once_that_all_will_see_each_other_for_good(alice, alice_enrolment):
    house = start(alice_enrolment, to=[f"p{n}@example.net" for n in range(45)])
    client, url = sign_in(Client(), alice), reverse("connexion:invite", args=[house.pk])
    typed = {"may_reply": "yes", "sees_past": "yes", "language": "fr"}

    def invited(first, last, **more):
        addresses = "\n".join(f"p{n}@example.net" for n in range(first, last))
        return client.post(url, {**typed, "addresses": addresses, **more})

    assert invited(40, 50).status_code == 302  # five of them are there already
    told = invited(50, 52)
    assert told.status_code == 422
    assert "52" in told.context["form"].errors["addresses"][0]
    assert told.context["form"]["addresses"].value() == "p50@example.net\np51@example.net"
    assert Participation.unscoped.filter(role="participant").count() == 50
    again = {field.html_name: field.value() or "" for field in told.context["form"].hidden_fields()}
    assert invited(50, 52, **again).status_code == 302
    assert invited(52, 60).status_code == 302
    assert Participation.unscoped.filter(role="participant").count() == 60


@pytest.mark.spec("C9")
def test_an_announcement_takes_the_fifty_first_without_a_word(alice, alice_enrolment):
    house = start(alice_enrolment, to=["a@example.net"], hides_participants=True)
    url = reverse("connexion:invite", args=[house.pk])
    addresses = "\n".join(f"p{n}@example.net" for n in range(60))
    sent = {"addresses": addresses, "sees_past": "yes", "language": "fr"}
    assert sign_in(Client(), alice).post(url, sent).status_code == 302
