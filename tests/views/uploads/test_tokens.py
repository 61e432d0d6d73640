"""Nothing comes in without the token of a form, and it is looked for in its header alone (spec D2)."""

import pytest
from django.test import Client
from django.urls import reverse

from connexion_plugin.models import Upload
from tests.conftest import sign_in
from tests.views.uploads.sending import Sending

pytestmark = [pytest.mark.spec("D2"), pytest.mark.django_db]


def token_of(sending):
    url = reverse("connexion:reply_draft", args=[sending.conversation.pk, sending.key])
    return sending.client.get(url).json()["token"]


def test_without_its_token_nothing_is_taken(bob, conversation):
    sending = Sending(sign_in(Client(enforce_csrf_checks=True), bob), conversation)
    assert sending.create(3).status_code == 403
    token = token_of(sending)
    assert sending.create(3, **{"X-CSRFToken": token}).status_code == 201
    assert sending.patch(0, b"abc").status_code == 403
    assert sending.patch(0, b"abc", **{"X-CSRFToken": token}).status_code == 204


def test_a_method_that_is_meant_needs_the_token_that_it_always_needs(bob, conversation):
    sending = Sending(sign_in(Client(enforce_csrf_checks=True), bob), conversation)
    meant = {"Upload-Length": "3", "X-HTTP-Method-Override": "POST"}
    assert sending.ask("GET", sending.where, **meant).status_code == 403
    assert not Upload.unscoped.exists()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"a=" + b"b" * 3 * 1024**2),
        ("application/x-www-form-urlencoded", b"&".join(b"a=b" for _ in range(2000))),
        ("multipart/form-data", b"abc"),
        ("multipart/form-data; boundary=B", b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n'),
    ],
)
def test_a_form_that_knocks_here_without_its_token_is_refused_unread(bob, conversation, kind, body):
    sending = Sending(sign_in(Client(enforce_csrf_checks=True), bob), conversation)
    token_of(sending)  # its cookie is there, as in a browser
    answer = sending.ask("POST", sending.where, body, kind)
    assert (answer.status_code, answer["Tus-Resumable"]) == (403, "1.0.0")
