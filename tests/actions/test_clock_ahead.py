"""A clock that runs ahead takes nothing back for good: whatever it finds over waits until time has been seen to pass
(goals.md, fault 6)."""

import base64
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core import mail as mailbox
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connexion_plugin import access, exceptions
from connexion_plugin.actions import contacts, dates, expiry, scan_leases
from connexion_plugin.actions.documents import new_document_key
from connexion_plugin.actions.messages import post_message
from connexion_plugin.actions.stored_parts import sweep_parts
from connexion_plugin.documents.parts import part_name, sealed_storage
from connexion_plugin.documents.uploads import sealed_upload
from connexion_plugin.mail import delivery, gathering, leases, outbox
from connexion_plugin.models import (
    Attachment,
    Bounce,
    Contact,
    Conversation,
    Mail,
    Message,
    StoredParts,
    Upload,
)
from tests.conftest import sign_in
from tests.factories.conversations import in_days, seat_of, start
from tests.sealing.conftest import store, use_store  # noqa: F401

YEAR = timedelta(days=365)
BOB = "bob@example.org"


@pytest.fixture(autouse=True)
def no_outage():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def watch_of_its_own(store):  # noqa: F811
    """So that the key store of the other tests sees no jump."""


@pytest.fixture
def house(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=[BOB], expires_at=in_days(30))


def a_year_ahead():
    return time_machine.travel(timezone.now() + YEAR)


def told() -> list[str]:
    return [address for letter in mailbox.outbox for address in letter.to]


@pytest.mark.spec("N3")
def test_a_notice_that_waits_is_not_taken_for_late(house):
    with a_year_ahead():
        expiry.sweep()
        delivery.deliver()
    delivery.deliver()
    assert BOB in told()


@pytest.mark.spec("N3")
def test_nor_is_a_mail(house):
    gathering.gather()
    with a_year_ahead():
        delivery.deliver()
    delivery.deliver()
    assert told().count(BOB) == 1


@pytest.mark.spec("N3")
def test_a_server_that_hesitates_in_that_hour_loses_no_mail_and_is_no_bounce(house):
    gathering.gather()
    with a_year_ahead():
        for mail in leases.claim(10):
            leases.postpone(mail, fault="421")
    assert not Bounce.unscoped.exists()
    # It was put off until next year, and goes out now all the same.
    delivery.deliver()
    assert told() == [BOB]


def test_a_mail_that_a_worker_of_next_year_held_goes_out_too(db):
    mail = outbox.enqueue(kind=Mail.Kind.CODE, to=BOB, language="fr", payload={"code": "K7QM-2XRT"})
    with a_year_ahead():
        leases.claim(10)
    delivery.deliver()
    assert Mail.unscoped.get(pk=mail.pk).state == Mail.State.SENT


def test_a_mail_that_waits_its_pause_is_not_hurried(db):
    outbox.enqueue(kind=Mail.Kind.CODE, to=BOB, language="fr", payload={"code": "K7QM-2XRT"})
    (mail,) = leases.claim(10)
    leases.postpone(mail, fault="421")
    assert leases.bring_back() == 0


def a_document():
    return sealed_upload(
        name="devis.pdf", chunks=[b"x" * 1000], key_for=new_document_key, storage=sealed_storage()
    )


def post_with(document, alice, house) -> Message:
    return post_message(
        participation=seat_of(alice, house),
        text="Voici le devis.",
        documents=[document],
        expires_at=in_days(30),
        idempotency_key=uuid4(),
    )


@pytest.mark.spec("D1")
def test_a_form_that_comes_in_meanwhile_keeps_its_document(house, alice):
    document = a_document()
    with a_year_ahead():
        expiry.sweep()
    expiry.sweep(always_turn=True)  # the days that the wrong clock took for over may be used again
    post_with(document, alice, house)
    assert sealed_storage().exists(part_name(document.attachment_id, 0))


@pytest.mark.spec("D1")
def test_a_document_that_the_sweep_has_taken_is_not_posted(house, alice):
    document = a_document()
    sweep_parts(begun_before=timezone.now() + timedelta(seconds=1))
    with pytest.raises(exceptions.UploadGone):
        post_with(document, alice, house)
    assert Message.unscoped.filter(conversation=house).count() == 1


@pytest.mark.spec("C12")
@pytest.mark.django_db(transaction=True)
def test_what_was_given_up_is_swept_whatever_the_clock_says(house, alice, monkeypatch):
    post_with(document := a_document(), alice, house)
    monkeypatch.setattr("connexion_plugin.actions.documents.delete_stored", lambda ids: None)  # killed there
    message = Message.unscoped.get(pk=Attachment.unscoped.get().message_id)
    expiry.take_content_away(message, now=timezone.now())
    assert not expiry.sweep().trusts_clock
    assert not sealed_storage().exists(part_name(document.attachment_id, 0))
    assert not StoredParts.unscoped.exists()


@pytest.mark.spec("D2")
@pytest.mark.django_db(transaction=True)
def test_an_upload_that_was_begun_goes_on_whatever_the_clock_says(house, bob):
    address = begin(bob, house)
    with a_year_ahead():
        assert send(bob, address, b"01234").status_code == 204
    assert send(bob, address, b"56789", offset=5).status_code == 204


def send(user, address, content=b"0123456789", offset=0):
    return sign_in(Client(), user).patch(
        address,
        content,
        content_type="application/offset+octet-stream",
        headers={"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)},
    )


@pytest.mark.spec("D2")
@pytest.mark.django_db(transaction=True)
def test_a_request_of_next_year_holds_no_upload_for_a_year(house, bob):
    address = begin(bob, house)
    Upload.unscoped.update(lease=uuid4(), leased_until=timezone.now() + YEAR)
    assert send(bob, address).status_code == 204


def begin(user, house) -> str:
    answer = sign_in(Client(), user).post(
        reverse("connexion:reply_uploads", args=[house.pk, uuid4()]),
        headers={
            "Tus-Resumable": "1.0.0",
            "Upload-Length": "10",
            "Upload-Metadata": f"filename {base64.b64encode(b'a.pdf').decode()}",
        },
    )
    assert answer.status_code == 201
    return answer["Location"]


@pytest.mark.spec("D4")
def test_a_document_that_was_put_off_until_next_year_is_read_now(house, alice):
    post_with(a_document(), alice, house)
    with a_year_ahead():
        assert scan_leases.claim()
    assert scan_leases.claim()


def test_contacts_that_were_just_deleted_can_be_brought_back(alice, alice_enrolment):
    book = access.address_book_of(alice, alice_enrolment.pk)
    contact = contacts.add_contact(book=book, entry=contacts.Entry("x@example.net", "fr", "Xavier", ""))
    contacts.delete_contacts(book=book, ids=[contact.pk])
    with a_year_ahead():
        expiry.sweep()
    assert contacts.restore_contacts(book=book, ids=[contact.pk]) == 1
    assert Contact.unscoped.filter(deleted_at=None).count() == 1


@pytest.mark.spec("B2")
def test_rows_that_were_to_follow_next_year_follow_now(house):
    Conversation.unscoped.update(rows_behind_since=timezone.now() + YEAR)
    assert dates.follow_openings() == 1
