"""A start that is submitted twice starts once; one that was changed after Back is another (spec C8)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from connexion_plugin import personas
from connexion_plugin.actions.documents import read_name
from connexion_plugin.actions.lifetimes import change_expiry
from connexion_plugin.actions.messages import read_text
from connexion_plugin.actions.personas import take_up_address
from connexion_plugin.actions.titles import read_title
from connexion_plugin.actions.withdrawing import withdraw_message
from connexion_plugin.exceptions import StartedBefore
from connexion_plugin.models import Attachment, Conversation, Draft, Message, Participation, Refusal
from tests.conftest import sign_in
from tests.factories import enrol, verify_address
from tests.factories.conversations import seat_of
from tests.views.uploads.sending import TUS, meta

pytestmark = [
    pytest.mark.spec("C8"),
    pytest.mark.django_db,
    pytest.mark.usefixtures("storage_of_its_own"),
]

TYPED = {
    "title": "Bail du 3",
    "addresses": "bob@example.org\nnew@example.net",
    "language": "fr",
    "text": "Voici le bail.",
    "expires_in_days": "364",
}


@pytest.fixture
def writer(alice, bob, alice_enrolment):
    return sign_in(Client(), alice)


def submit(client, key, **changes):
    return client.post(reverse("connexion:start_conversation_draft", args=[key]), {**TYPED, **changes})


def document(name="bail.pdf", size=1000):
    return SimpleUploadedFile(name, b"x" * size)


def addresses_in(conversation):
    seats = Participation.unscoped.filter(conversation=conversation, role="participant")
    return sorted(seats.values_list("persona__address", flat=True))


@pytest.mark.parametrize("documents", [False, True])
def test_the_same_twice_starts_one(writer, documents):
    key = uuid4()
    answers = [submit(writer, key, **({"documents": document()} if documents else {})) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].url == answers[1].url
    assert (Conversation.unscoped.count(), Message.unscoped.count()) == (1, 1)
    assert not Draft.unscoped.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Bail du 4"},
        {"text": "Voici le bail. Et les clefs."},
        {"addresses": "bob@example.org"},
        {"addresses": "bob@example.org\nnew@example.net\nother@example.net"},
        {"addresses": "bob@example.org\nother@example.net"},
        {"hides_participants": "on"},
        {"expires_in_days": "30"},
        {"documents": "autre.pdf"},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_what_was_changed_is_kept_on_the_page_and_submitted_again_it_is_another(writer, alice, changes):
    key = uuid4()
    first = submit(writer, key)
    if "documents" in changes:
        changes = {"documents": document(changes["documents"])}
    answer = submit(writer, key, **changes)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert escape(str(StartedBefore.sentence)) in page
    words = {**TYPED, **{name: value for name, value in changes.items() if name != "documents"}}
    assert escape(words["text"]) in page
    assert escape(words["title"]) in page
    assert Conversation.unscoped.count() == 1
    sent = {**words, "draft_revision": answer.context["draft"].revision}
    second = writer.post(answer.context["action_url"], sent)
    assert second.status_code == 302
    assert second.url != first.url
    other = Conversation.unscoped.exclude(pk=key).get()
    assert read_title(other) == words["title"]
    assert read_text(Message.unscoped.get(conversation=other)) == words["text"]
    assert addresses_in(other) == words["addresses"].split("\n")
    assert other.hides_participants == ("hides_participants" in changes)
    assert Attachment.unscoped.filter(message__conversation=other).count() == ("documents" in changes)
    assert not Draft.unscoped.exists()


@pytest.mark.parametrize(
    "spelt", ["BOB@example.org; new@example.net", "new@example.net, bob@example.org, bob@example.org"]
)
def test_the_same_people_spelt_otherwise_are_the_same(writer, spelt):
    key = uuid4()
    assert submit(writer, key).url == submit(writer, key, addresses=spelt).url
    assert Conversation.unscoped.count() == 1


def test_who_refuses_was_left_out_and_is_no_change(writer, bob, organization):
    persona = personas.of(bob)[1]
    Refusal.unscoped.create(persona=persona, organization=organization, holder=bob, refused_at=timezone.now())
    key = uuid4()
    named = {"addresses": "bob.gagnon@work.example\nnew@example.net"}
    assert submit(writer, key, **named).url == submit(writer, key, **named).url


def test_whom_one_takes_out_for_somebody_who_refuses_is_a_change(writer, bob, organization):
    persona = personas.of(bob)[1]
    Refusal.unscoped.create(persona=persona, organization=organization, holder=bob, refused_at=timezone.now())
    key = uuid4()
    assert submit(writer, key).status_code == 302
    answer = submit(writer, key, addresses=f"bob@example.org\n{persona.address}")
    assert answer.status_code == 409


def test_whoever_refuses_afterwards_is_no_change(writer, bob, organization):
    key = uuid4()
    first = submit(writer, key)
    for persona in personas.of(bob):
        Refusal.unscoped.create(
            persona=persona, organization=organization, holder=bob, refused_at=timezone.now()
        )
    assert submit(writer, key).url == first.url


def test_what_was_withdrawn_meanwhile_is_posted_again_only_when_it_is_meant(writer, alice):
    key = uuid4()
    assert submit(writer, key).status_code == 302
    withdraw_message(by=seat_of(alice, Conversation.unscoped.get()), message=Message.unscoped.get())
    assert submit(writer, key).status_code == 409
    assert Conversation.unscoped.count() == 1


def test_another_hour_given_to_the_message_meanwhile_asks_too(writer, alice):
    key = uuid4()
    assert submit(writer, key).status_code == 302
    message = Message.unscoped.get()
    change_expiry(
        by=seat_of(alice, Conversation.unscoped.get()),
        message=message,
        expires_at=message.expires_at - timedelta(days=90),
    )
    assert submit(writer, key).status_code == 409


@pytest.mark.spec("V1")
def test_from_another_of_ones_enrolments_it_is_another_and_twice_it_is_one(
    writer, alice, alice_enrolment, organization
):
    second = enrol(organization, "alice.t@etude-tremblay.example")
    take_up_address(user=alice, address=second.address)
    key = uuid4()
    assert submit(writer, key, collaborator=str(alice_enrolment.pk)).status_code == 302
    answers = [submit(writer, key, collaborator=str(second.pk)) for _ in range(2)]
    assert answers[0].status_code == answers[1].status_code == 302
    assert answers[0].url == answers[1].url
    assert Conversation.unscoped.count() == 2


def begin_upload_from(client, enrolment, key):
    """As the page's script does: what is typed is kept for whom one has chosen, then a document comes by pieces."""
    save = reverse("connexion:start_draft", args=[key])
    kept = client.post(save, {**TYPED, "collaborator": str(enrolment.pk), "draft_revision": ""})
    headers = {**TUS, "Upload-Length": "3", "Upload-Metadata": meta("plan.pdf")}
    where = reverse("connexion:start_uploads", args=[key])
    sent = client.generic("POST", where, b"abc", "application/offset+octet-stream", headers=headers)
    return kept.status_code, sent.status_code


@pytest.mark.parametrize("same_address", [True, False], ids=["two organizations", "two addresses"])
def test_a_start_from_another_enrolment_brings_the_documents_of_its_form(
    writer, alice, alice_enrolment, organization, other_organization, same_address
):
    address = alice_enrolment.address if same_address else "alice.t@etude-tremblay.example"
    second = enrol(other_organization if same_address else organization, address)
    if not same_address:
        take_up_address(user=alice, address=second.address)
    key = uuid4()
    assert submit(writer, key, collaborator=str(alice_enrolment.pk)).status_code == 302
    assert begin_upload_from(writer, second, key) == (200, 201)
    changed = {"collaborator": str(second.pk), "text": "Voici le plan."}
    answers = [submit(writer, key, **changed) for _ in range(2)]
    assert answers[0].status_code == 302
    assert answers[0].url == answers[1].url
    other = Conversation.unscoped.exclude(pk=key).get()
    assert other.collaborator == second
    [attachment] = Attachment.unscoped.select_related("message")
    assert attachment.message.conversation == other
    assert read_name(attachment) == "plan.pdf"
    assert not Draft.unscoped.exists()
    # What the page still sends is kept as a draft no more.
    assert begin_upload_from(writer, second, key)[0] == 409


@pytest.mark.spec("I2", "C7")
def test_other_addresses_of_ones_own_are_said_and_not_invited(writer, alice):
    verify_address(alice, "alice.deux@example.org")
    verify_address(alice, "later@example.net")
    key, own = uuid4(), "alice.deux@example.org, Later@example.net"
    answer = submit(writer, key, addresses=f"alice@etude-tremblay.example, {own}")
    assert answer.status_code == 422
    (said,) = answer.context["form"].errors["addresses"]
    assert said == "Ce sont vos propres adresses. Nommez quelqu’un à qui écrire."
    for _ in range(2):
        page = writer.get(submit(writer, key, addresses=f"{TYPED['addresses']}, {own}").url)
        said = [str(message) for message in page.context["messages"]]
        assert said[1].startswith("alice.deux@example.org, later@example.net sont de vos propres adresses.")
        assert addresses_in(Conversation.unscoped.get()) == ["bob@example.org", "new@example.net"]


@pytest.mark.spec("I2")
def test_a_repeat_knows_who_was_invited_before_the_address_was_the_owners(writer, alice):
    key = uuid4()
    first = submit(writer, key)
    verify_address(alice, "new@example.net")
    assert submit(writer, key).url == first.url
    assert Conversation.unscoped.count() == 1
