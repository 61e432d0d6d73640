"""Two windows on one draft: what is posted is what the window that posts has shown (spec D2, C8)."""

import html
import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from connexion_plugin.actions.documents import read_name
from connexion_plugin.exceptions import DocumentsChanged
from connexion_plugin.models import Attachment, Conversation, Draft, Message, Upload
from tests.conftest import sign_in
from tests.views.uploads.sending import NAME, TUS, Sending, meta

pytestmark = [pytest.mark.spec("D2", "C8"), pytest.mark.django_db]


@pytest.fixture
def elsewhere(sending):
    """The same draft in another window."""
    return Sending(sending.client, sending.conversation, sending.key)


def shown_on(page):
    return re.search('name="documents_shown" value="([^"]*)"', page.content.decode())[1]


def names():
    return sorted(read_name(attachment) for attachment in Attachment.unscoped.all())


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("content", [b"abc", b"xyz"], ids=["the same file", "another of its name"])
def test_what_another_window_brought_is_shown_before_it_is_posted(sending, elsewhere, language, content):
    sending.create(3, body=b"abc")
    (mine,) = Upload.unscoped.values_list("pk", flat=True)
    elsewhere.create(3, body=content)
    with translation.override(language):
        refused = sending.post(text="Voici.", documents_shown=str(mine))
        page = html.unescape(refused.content.decode())
        assert str(DocumentsChanged.sentence) in page
    assert refused.status_code == 409
    assert "Voici." in page
    assert page.count(f'data-name="{NAME}"') == 2
    assert Message.unscoped.count() == 1
    assert sending.post(text="Voici.", documents_shown=shown_on(refused)).status_code == 302
    assert names() == ["Relevé 2026 (2).pdf", NAME]


def test_the_one_that_is_chosen_twice_is_taken_back_and_the_message_holds_it_once(sending, elsewhere):
    sending.create(3, body=b"abc")
    elsewhere.create(3, body=b"abc")
    page = sending.post(text="Voici.", documents_shown="")
    assert page.status_code == 409
    assert elsewhere.ask("DELETE").status_code == 204
    assert sending.post(text="Voici.", documents_shown=sending.url.split("/")[-2]).status_code == 302
    assert names() == [NAME]


@pytest.mark.parametrize("how", ["document", "draft"])
def test_what_another_window_took_back_is_not_missed_in_silence(sending, elsewhere, how):
    sending.create(3, body=b"abc")
    shown = str(Upload.unscoped.get().pk)
    if how == "document":
        assert sending.ask("DELETE").status_code == 204
    else:
        sending.client.post(reverse("connexion:discard_draft", args=[sending.key]))
        assert not Draft.unscoped.exists()
    refused = sending.post(text="Voici.", documents_shown=shown)
    assert refused.status_code == 409
    assert shown_on(refused) == ""
    assert sending.post(text="Voici.", documents_shown="").status_code == 302
    assert names() == []


@pytest.mark.parametrize("text", ["Voici.", ""])
def test_the_window_that_shows_all_posts_at_once_and_twice_is_once(sending, text):
    """The second time its documents stand in no draft any more: the answer to the first may have been lost."""
    sending.create(3, body=b"abc")
    shown = shown_on(
        sending.client.get(reverse("connexion:post_message", args=[sending.conversation.pk, sending.key]))
    )
    assert shown.split() == [str(Upload.unscoped.get().pk)]
    for _ in range(2):
        assert sending.post(text=text, documents_shown=shown).status_code == 302
    assert names() == [NAME]
    assert Message.unscoped.count() == 2


def test_what_no_id_is_names_no_document(sending):
    sending.create(3, body=b"abc")
    assert sending.post(text="Voici.", documents_shown="nothing -1").status_code == 409


@pytest.mark.parametrize("text", ["Voici.", ""])
def test_a_conversation_starts_with_what_its_form_has_shown(alice, alice_enrolment, text):
    owner, key = sign_in(Client(), alice), uuid4()
    uploads = reverse("connexion:start_uploads", args=[key])
    begun = {**TUS, "Upload-Length": "3", "Upload-Metadata": meta(NAME)}
    kind = "application/offset+octet-stream"
    assert owner.generic("POST", uploads, b"abc", kind, headers=begun).status_code == 201
    form = reverse("connexion:start_conversation_draft", args=[key])
    typed = {"title": "Acte", "addresses": "bob@example.org", "text": text, "expires_in_days": 90}
    typed |= {"collaborator": alice_enrolment.pk, "language": "fr"}
    refused = owner.post(form, {**typed, "documents_shown": ""})
    assert refused.status_code == 409
    assert not Conversation.unscoped.exists()
    for _ in range(2):
        assert owner.post(form, {**typed, "documents_shown": shown_on(refused)}).status_code == 302
    assert names() == [NAME]
    assert Conversation.unscoped.count() == 1
