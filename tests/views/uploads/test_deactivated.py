"""Who may start no conversation any more brings no documents for one (spec B4, D2)."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from connexion_plugin.actions.collaborators import deactivate_collaborator, reactivate_collaborator
from connexion_plugin.exceptions import NotACollaborator
from tests.conftest import sign_in
from tests.views.uploads.test_lost import Starting

pytestmark = pytest.mark.spec("B4", "D2")


def test_what_was_begun_before_is_not_taken_and_waits_with_what_was_typed(alice, alice_enrolment):
    writing = Starting(sign_in(Client(), alice))
    writing.post(text="Une heure de travail", save_draft="1")
    writing.create(6)
    assert writing.patch(0, b"abc").status_code == 204
    deactivate_collaborator(collaborator=alice_enrolment, by=None)
    writing.client = sign_in(Client(), alice)
    answer = writing.patch(3, b"def")
    assert answer.status_code == 409
    assert "Upload-Offset" not in answer
    with translation.override("fr"):
        assert answer.content.decode() == str(NotACollaborator.sentence)
    assert writing.offset == 3
    reactivate_collaborator(collaborator=alice_enrolment, by=None)
    form = reverse("connexion:start_conversation_draft", args=[writing.key])
    assert "Une heure de travail" in writing.client.get(form).content.decode()
    assert writing.patch(3, b"def").status_code == 204


def test_it_may_be_taken_back(alice, alice_enrolment):
    writing = Starting(sign_in(Client(), alice))
    writing.create(6, body=b"abc")
    deactivate_collaborator(collaborator=alice_enrolment, by=None)
    writing.client = sign_in(Client(), alice)
    assert writing.ask("DELETE").status_code == 204
    assert writing.ask("HEAD").status_code == 404
