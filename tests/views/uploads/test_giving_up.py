"""Uploads that are taken back, left standing, or whose draft or seat comes to its end (spec D2)."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from connexion_plugin.actions.expiry import UPLOAD_HOURS
from connexion_plugin.actions.participants import remove
from connexion_plugin.actions.stored_parts import sweep_parts
from connexion_plugin.actions.uploads import sweep_uploads
from connexion_plugin.models import StoredParts, Upload
from tests.documents.forms import OddStream
from tests.factories.conversations import seat_of
from tests.views.uploads.sending import PLAIN, TUS, Sending, posted_document, stored

pytestmark = pytest.mark.spec("D2")


def test_after_posting_and_after_deleting_it_is_gone(sending):
    sending.create(3, body=b"abc")
    url = sending.url
    sending.post()
    assert sending.ask("HEAD", url).status_code == 404
    other = Sending(sending.client, sending.conversation)
    other.create(3)
    other.patch(0, b"ab")
    assert len(stored()) == 2
    assert other.ask("DELETE").status_code == 204
    assert other.ask("HEAD").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_what_is_given_up_leaves_no_part(sending):
    sending.create(len(PLAIN))
    sending.patch(0, PLAIN[:-1])
    assert stored()
    sending.ask("DELETE")
    assert stored() == []
    assert not StoredParts.unscoped.exists()


@pytest.mark.django_db(transaction=True)
def test_deleting_the_draft_deletes_what_was_uploaded_to_it(sending):
    sending.create(len(PLAIN), body=PLAIN)
    sending.client.post(reverse("connexion:discard_draft", args=[sending.key]))
    assert not Upload.unscoped.exists()
    assert stored() == []


@pytest.mark.django_db(transaction=True)
def test_the_end_of_the_seat_is_the_end_of_its_uploads(alice, bob, sending):
    sending.create(len(PLAIN), body=PLAIN)
    remove(by=seat_of(alice, sending.conversation), participation=seat_of(bob, sending.conversation))
    assert sending.ask("HEAD").status_code == 404
    assert stored() == []


@pytest.mark.django_db(transaction=True)
def test_what_stands_still_for_too_long_is_given_up(sending, trusted_clock):
    sending.create(10)
    sending.patch(0, b"abc")
    Upload.unscoped.update(expires_at=timezone.now())
    # Who only looks changes nothing (RFC 9110, 9.2.1).
    assert sending.ask("HEAD").status_code == 410
    assert Upload.unscoped.count() == 1
    assert sending.patch(3, b"def").status_code == 410
    assert sending.ask("HEAD").status_code == 404
    assert stored() == []
    sending.create(3, body=b"abc")
    assert sweep_uploads(now=timezone.now() + timedelta(days=29)) == 0  # what is whole waits with its draft
    sending.create(3)
    assert sweep_uploads(now=timezone.now() + timedelta(days=8)) == 1
    assert Upload.unscoped.count() == 1


def test_the_sweep_of_parts_spares_what_an_upload_waits_for(sending):
    sending.create(10)
    sending.patch(0, b"abc")
    later = timezone.now() + timedelta(hours=UPLOAD_HOURS)
    assert sweep_parts(begun_before=later) == 0
    assert sending.patch(3, b"defghij").status_code == 204
    assert sweep_parts(begun_before=later) == 0
    assert sending.post().status_code == 302
    assert posted_document()[1] == b"abcdefghij"


@pytest.mark.parametrize(("said", "came"), [("100", b"abc"), ("3", b"abcdef")])
def test_a_length_that_lies_brings_what_came_of_what_was_said(sending, said, came):
    sending.create(100)
    kind = "application/offset+octet-stream"
    lying = {"CONTENT_LENGTH": said, "CONTENT_TYPE": kind, "wsgi.input": OddStream(came)}
    sending.client.generic("PATCH", sending.url, headers={**TUS, "Upload-Offset": "0"}, **lying)
    assert sending.offset == 3
