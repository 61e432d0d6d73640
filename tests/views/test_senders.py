"""A form writes from the address that its page named, or says that this one writes no more (I2, C7, C8, C10)."""

from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from connexion_plugin.actions import participants
from connexion_plugin.actions.messages import post_message
from connexion_plugin.actions.personas import give_up_address
from connexion_plugin.models import Attachment, Draft, Message, Opening, Participation, Upload
from tests.conftest import sign_in
from tests.factories.conversations import in_days, seat_of, start

pytestmark = pytest.mark.django_db
FIRST, SECOND = "bob@example.org", "bob.gagnon@work.example"
TYPED = "Une phrase que je tapais, avec des accents"


@pytest.fixture(autouse=True)
def only_what_a_test_stores(storage_of_its_own):
    """So that a test sees what it left."""


@pytest.fixture
def house(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=[FIRST, SECOND])


@pytest.fixture
def client(bob):
    return sign_in(Client(), bob)


def seat_at(address):
    return Participation.unscoped.select_related("persona").get(persona__address=address)


def form_of(client, house, address=FIRST):
    """The page of the form, from the tab of this address."""
    url = reverse("connexion:conversation", args=[house.pk])
    window = client.get(f"{url}?persona={seat_at(address).persona_id}")
    return client.get(window.context["compose_url"], follow=True)


def submit(client, page, **fields):
    return client.post(page.context["action_url"], {"text": TYPED, "expires_in_days": 364, **fields})


def with_a_draft(client, house):
    """A form whose draft is kept with a document, as the page shows it afterwards."""
    pdf = SimpleUploadedFile("devis.pdf", b"x" * 1000)
    saved = submit(client, form_of(client, house), documents=pdf, save_draft="1")
    return client.get(saved["Location"])


def limit(alice, house):
    participants.change_reply(by=seat_of(alice, house), participation=seat_at(FIRST), may_reply=False)


def remove(alice, house):
    participants.remove(by=seat_of(alice, house), participation=seat_at(FIRST))


def give_up(alice, house):
    give_up_address(user=seat_at(FIRST).holder, address=FIRST)


MEANWHILE = {"limited": limit, "removed": remove, "given up": give_up}
meanwhile = pytest.mark.parametrize("happens", MEANWHILE.values(), ids=MEANWHILE)


def senders():
    return list(Message.unscoped.filter(sequence__gt=1).values_list("sender__persona__address", flat=True))


@pytest.mark.spec("I2", "C10")
@meanwhile
@pytest.mark.parametrize("button", [{}, {"save_draft": "1"}], ids=["posting", "saving"])
def test_no_form_passes_to_another_address_in_silence(client, alice, house, happens, button):
    page = form_of(client, house)
    assert page.context["sender_address"] == FIRST
    happens(alice, house)
    answer = submit(client, page, **button)
    if happens is limit and button:
        assert Draft.unscoped.get().participation == seat_at(FIRST)  # kept in its own seat, as before
        return
    body = answer.content.decode()
    assert answer.status_code == 409
    assert senders() == []
    assert TYPED in body
    assert FIRST in body
    assert escape(SECOND) in body


@pytest.mark.spec("C8", "C10")
def test_what_an_address_that_only_reads_has_begun_stays_there_with_its_documents(client, alice, house):
    page = with_a_draft(client, house)
    limit(alice, house)
    answer = submit(client, page, draft_revision=page.context["draft"].revision)
    assert answer.status_code == 409
    assert answer.context["sender_address"] == FIRST
    assert [document.name for document in answer.context["uploads"]] == ["devis.pdf"]
    assert "<document-uploads" in answer.content.decode()
    assert "Votre message n’a pas été affiché." in answer.content.decode()
    assert "error-summary" not in answer.content.decode()
    # The tab says that it waits there, and leads to it, beside the form of the address that may write.
    url = reverse("connexion:conversation", args=[house.pk])
    window = client.get(f"{url}?persona={seat_at(FIRST).persona_id}")
    assert escape(window.context["draft_url"]) in window.content.decode()
    read = client.get(window.context["draft_url"])
    assert TYPED in read.content.decode()
    assert read.context["sender_address"] == FIRST
    assert client.get(window.context["compose_url"]).context["sender_address"] == SECOND


@pytest.mark.spec("C8", "C10")
def test_the_text_goes_along_to_the_address_that_may_answer(client, alice, house):
    page = form_of(client, house)
    limit(alice, house)
    answer = submit(client, page)
    there = answer.context["answers_url"]
    assert escape(there) in answer.content.decode()
    # No document would go along: none is asked for, until one is there.
    assert "<document-uploads" not in answer.content.decode()
    form = client.post(there, {"text": TYPED, "expires_in_days": 30, "save_draft": "1"}, follow=True)
    assert form.context["sender_address"] == SECOND
    assert TYPED in form.content.decode()
    assert submit(client, form, draft_revision=form.context["draft"].revision).status_code == 302
    assert senders() == [SECOND]


@pytest.mark.spec("C8", "C10")
@pytest.mark.parametrize("happens", [remove, give_up])
def test_the_form_of_a_seat_that_has_ended_comes_back_as_the_others(client, alice, house, happens):
    page = with_a_draft(client, house)
    happens(alice, house)
    assert not Upload.unscoped.exists()  # gone with the seat
    pdf = SimpleUploadedFile("autre.pdf", b"y" * 500)
    answer = submit(client, page, documents=pdf, draft_revision=page.context["draft"].revision)
    assert answer.status_code == 409
    assert answer.context["sender_address"] == SECOND
    assert [document.name for document in answer.context["uploads"]] == ["autre.pdf"]
    assert submit(client, page).status_code == 409  # sent once more, it is still the ended one's
    sent = submit(client, answer, draft_revision=answer.context["draft"].revision)
    assert sent.status_code == 302
    assert senders() == [SECOND]
    assert Attachment.unscoped.get().size == 500


@pytest.mark.spec("C7")
@meanwhile
def test_a_repeat_answers_as_posted_whichever_address_acts_by_now(client, alice, house, happens):
    page = form_of(client, house)
    assert submit(client, page).status_code == 302
    happens(alice, house)
    answer = submit(client, page)
    assert answer.status_code == 302
    assert "#message-2" in answer["Location"]
    assert senders() == [FIRST]


@pytest.mark.spec("C7")
def test_a_form_that_names_no_sender_posts_once_from_two_seats_too(client, alice, house):
    url = reverse("connexion:post_message", args=[house.pk, uuid4()])
    for _ in range(2):
        assert client.post(url, {"text": TYPED, "expires_in_days": 364}).status_code == 302
        (first,) = senders()
        participants.change_reply(by=seat_of(alice, house), participation=seat_at(first), may_reply=False)


@pytest.mark.spec("C7")
@pytest.mark.parametrize("end", [participants.remove, participants.change_reply], ids=["removed", "limited"])
def test_a_form_that_names_no_sender_posts_once_when_its_seat_writes_no_more(client, alice, house, end):
    """No page makes such an address; a bookmark may."""
    url = reverse("connexion:post_message", args=[house.pk, uuid4()])
    client.post(url, {"text": TYPED, "expires_in_days": 364})
    (first,) = senders()
    limits = {"may_reply": False} if end is participants.change_reply else {}
    end(by=seat_of(alice, house), participation=seat_at(first), **limits)
    again = client.post(url, {"text": TYPED, "expires_in_days": 364})
    assert again.status_code == 302
    assert "#message-2" in again["Location"]
    other = client.post(url, {"text": "Autre chose", "expires_in_days": 364})
    assert other.status_code == 409
    assert "Autre chose" in other.content.decode()
    assert senders() == [first]
    assert client.get(url)["Location"].partition("?")[0] != url  # a form of that id would be a second message


@pytest.mark.spec("C8")
def test_what_was_posted_from_one_address_is_no_draft_of_the_other(client, bob, house):
    key = uuid4()
    post_message(participation=seat_at(FIRST), text=TYPED, expires_at=in_days(30), idempotency_key=key)
    typed = {"text": TYPED, "expires_in_days": 30, "save_draft": "1"}
    url = reverse("connexion:post_message", args=[house.pk, key])
    assert client.post(f"{url}?sender={seat_at(SECOND).persona_id}", typed).status_code == 409
    assert not Draft.unscoped.exists()


@pytest.mark.spec("C7")
def test_what_was_typed_after_posting_is_given_back_by_the_address_that_is_left(client, alice, house):
    page = form_of(client, house)
    assert submit(client, page).status_code == 302
    remove(alice, house)
    answer = submit(client, page, text="Autre chose")
    assert answer.status_code == 409
    assert "Autre chose" in answer.content.decode()
    assert senders() == [FIRST]


@pytest.mark.spec("C8", "D2")
@meanwhile
def test_neither_the_script_nor_a_document_passes_to_another_address(client, alice, house, happens):
    page = form_of(client, house)
    save_url, uploads_url = page.context["draft"].save_url, page.context["uploads_url"]
    happens(alice, house)
    saved = client.post(save_url, {"text": TYPED, "draft_revision": ""})
    assert saved.status_code == (200 if happens is limit else 409)
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "3", "Upload-Metadata": "filename YS50eHQ="}
    assert client.post(uploads_url, headers=headers).status_code == 409
    assert not Draft.unscoped.filter(participation=seat_at(SECOND)).exists()


@pytest.mark.spec("B3", "C5")
@pytest.mark.parametrize("happens", [remove, give_up])
def test_an_envelope_of_a_seat_that_has_ended_is_not_opened_by_the_other(client, alice, house, happens):
    url = reverse("connexion:conversation", args=[house.pk])
    (letter,) = client.get(f"{url}?persona={seat_at(FIRST).persona_id}").context["thread"]
    happens(alice, house)
    assert client.post(letter.open_url).status_code == 404
    assert not Opening.unscoped.exists()


@pytest.mark.spec("I2")
def test_the_form_names_its_sender_only_to_who_has_several_addresses(client, charlie, alice_enrolment, house):
    assert f"De\u00a0: {FIRST.split('@')[0]}" in form_of(client, house).content.decode()
    mine = start(alice_enrolment, to=["charlie@example.org"])
    window = sign_in(Client(), charlie)
    page = window.get(reverse("connexion:post_message", args=[mine.pk, uuid4()]))
    assert page.context["sender_address"] is None


@pytest.mark.spec("I6")
def test_an_address_of_nobodys_or_somebody_elses_names_no_sender(client, house):
    url = reverse("connexion:post_message", args=[house.pk, uuid4()])
    alices = seat_at("alice@etude-tremblay.example").persona_id
    for named in ("x", str(UUID(int=1)), str(alices)):
        answer = client.get(f"{url}?sender={named}")
        assert answer.context["sender_address"] in {FIRST, SECOND}
    assert client.post(f"{url}?sender={alices}", {"text": TYPED, "expires_in_days": 30}).status_code == 302
    assert senders()[0] in {FIRST, SECOND}
