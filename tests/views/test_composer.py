"""Posting through the page: what is refused keeps what was typed, with a status that says why (spec C7, D1)."""

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from connexion_plugin.actions import messages
from connexion_plugin.actions.closing import close_conversation
from connexion_plugin.actions.deleting import delete_conversation
from connexion_plugin.actions.holds import set_hold
from connexion_plugin.actions.participants import change_reply, remove
from connexion_plugin.documents import parts, uploads
from connexion_plugin.documents.parts import StorageFull, sealed_storage
from connexion_plugin.exceptions import KeyLost, PostedBefore, UploadGone
from connexion_plugin.models import (
    Attachment,
    Conversation,
    Draft,
    EpochKey,
    Message,
    StoredParts,
    Upload,
)
from connexion_plugin.sealing import keys
from connexion_plugin.sealing.destruction import give_up_lost
from tests.actions.test_holds_in_succession import lose
from tests.conftest import sign_in
from tests.factories.conversations import seat_of

TYPED = "Une phrase que je tapais, avec des accents"


@pytest.fixture(autouse=True)
def only_what_a_test_stores(storage_of_its_own):
    """So that a test sees what it left."""


def submit(client, conversation, *, key=None, size=1000, **fields):
    url = reverse("connexion:post_message", args=[conversation.pk, key or uuid4()])
    documents = SimpleUploadedFile("pièce.pdf", b"x" * size) if size else ""
    return client.post(url, {"text": TYPED, "expires_in_days": 364, "documents": documents, **fields})


@pytest.mark.spec("C7")
def test_a_double_submit_posts_once_and_sweeps_the_second_set_of_parts_later(reader, conversation):
    key = uuid4()
    for _ in range(2):
        assert submit(reader, conversation, key=key).status_code == 302
    assert Message.unscoped.count() == 2
    assert Attachment.unscoped.count() == 1
    assert StoredParts.unscoped.count() == 1


@pytest.mark.spec("C7", "C8")
@pytest.mark.parametrize(("name", "size"), [("autre.pdf", 1000), ("pièce.pdf", 1001), ("pièce.pdf", 1000)])
def test_a_repeat_that_brings_another_document_is_another_message(reader, conversation, name, size):
    """Back in the browser after posting, without scripts: the form has the same key."""
    key, other = uuid4(), SimpleUploadedFile(name, b"y" * size)
    assert submit(reader, conversation, key=key, text="").status_code == 302
    answer = submit(reader, conversation, key=key, text="", documents=other)
    assert answer.status_code == 409
    assert escape(str(PostedBefore.sentence)) in answer.content.decode()
    assert [document.name for document in answer.context["uploads"]] == [name]
    revision = answer.context["draft"].revision
    sent = {"text": "", "expires_in_days": 364, "draft_revision": revision}
    assert reader.post(answer.context["action_url"], sent).status_code == 302
    assert list(Attachment.unscoped.order_by("message__sequence").values_list("size", flat=True)) == [
        1000,
        size,
    ]


@pytest.mark.spec("C7")
def test_a_repeat_of_a_form_whose_draft_had_documents_too_posts_once(reader, conversation):
    key = uuid4()
    assert submit(reader, conversation, key=key, save_draft="1").status_code == 302
    sent = {"key": key, "size": 2000, "draft_revision": Draft.unscoped.get().revision}
    for _ in range(2):
        assert submit(reader, conversation, **sent).status_code == 302
    assert Message.unscoped.count() == 2
    assert Attachment.unscoped.count() == 2


@pytest.mark.spec("B4")
def test_a_post_into_a_conversation_frozen_meanwhile_keeps_the_text(reader, conversation, alice_enrolment):
    alice_enrolment.status = "deactivated"
    alice_enrolment.save()
    answer = submit(reader, conversation)
    assert answer.status_code == 409
    assert TYPED in answer.content.decode()
    assert Message.unscoped.count() == 1
    # Documents are part of what is kept (spec C8).
    assert stored() == [Upload.unscoped.get(draft__participation__holder__username="bob").pk.hex]


def lose_the_holds_key(collaborator):
    hold = set_hold(collaborator=collaborator, by=None)
    keys.ensure_epoch(organization_id=collaborator.organization_id, day=None, hold=hold.pk)
    lose(EpochKey.objects.get(hold=hold.pk))


@pytest.mark.spec("C7", "E3")
def test_a_post_under_a_hold_whose_key_is_lost_says_so_and_keeps_the_text(
    reader, conversation, alice_enrolment, caplog
):
    lose_the_holds_key(alice_enrolment)
    answer = submit(reader, conversation)
    body = answer.content.decode()
    assert answer.status_code == 503
    assert TYPED in body
    [reference] = re.findall(r"error (\w{8}) status=503: The key store lacks the key", caplog.text)
    assert reference in body
    assert TYPED not in caplog.text
    assert Message.unscoped.count() == 1
    kept = Upload.unscoped.get(draft__participation__holder__username="bob")
    assert stored() == [kept.pk.hex]
    give_up_lost(now=timezone.now())
    assert submit(reader, conversation, size=0).status_code == 302


@pytest.mark.spec("C7", "E3")
def test_a_conversation_started_under_a_hold_whose_key_is_lost_says_so_and_keeps_the_text(
    alice, bob, alice_enrolment
):
    lose_the_holds_key(alice_enrolment)
    url = reverse("connexion:start_conversation_draft", args=[uuid4()])
    beginning = {"title": "Dossier", "text": TYPED, "addresses": "bob@example.org", "language": "fr"}
    answer = sign_in(Client(), alice).post(
        url, {**beginning, "collaborator": alice_enrolment.pk, "expires_in_days": 364, "documents": ""}
    )
    assert answer.status_code == 503
    assert TYPED in answer.content.decode()
    assert not Conversation.unscoped.exists()


@pytest.mark.spec("C8")
@pytest.mark.parametrize("button", [{}, {"save_draft": "1"}], ids=["posting", "saving"])
def test_where_the_drafts_own_key_is_lost_too_the_text_stays_on_the_page(
    reader, conversation, button, monkeypatch
):
    def lost(*args, **more):
        raise KeyLost("The key store lacks the key of epoch X.")

    for name in ("open_epoch", "open_held"):
        monkeypatch.setattr(keys, name, lost)
    answer = submit(reader, conversation, **button)
    assert answer.status_code == 503
    assert TYPED in answer.content.decode()
    assert stored() == []


@pytest.mark.spec("C8", "C12")
@pytest.mark.parametrize("verb", [close_conversation, delete_conversation])
def test_a_post_that_comes_too_late_says_why_once_and_asks_for_nothing(reader, conversation, alice, verb):
    verb(by=seat_of(alice, conversation))
    page = submit(reader, conversation, size=0)
    assert page.status_code == 409
    body = page.content.decode()
    assert TYPED in body
    assert body.count(escape(page.context["cannot_post_reason"])) == 1
    assert "Votre message n’a pas été affiché." in body
    assert "error-summary" not in body  # nothing can be corrected
    assert 'name="title"' not in body  # a deleted conversation has none, and gets none
    window = reader.get(page.context["conversation_url"])
    draft = page.context["action_url"].split("?")[0]
    assert draft in window.content.decode()  # what was typed is found again


@pytest.mark.spec("C10")
def test_whoever_may_only_read_stores_nothing_of_a_document_and_a_large_one_is_not_even_read(
    reader, conversation, alice, bob, monkeypatch
):
    change_reply(by=seat_of(alice, conversation), participation=seat_of(bob, conversation), may_reply=False)

    def written(*arguments):
        raise AssertionError("a part of a document was stored")

    monkeypatch.setattr(parts, "write_part", written)
    answer = submit(reader, conversation)
    assert answer.status_code == 409
    assert TYPED in answer.content.decode()
    monkeypatch.setattr(uploads.SealingUploadHandler, "handle_raw_input", written)
    assert submit(reader, conversation, size=5 * 1024**2).status_code == 403
    assert Message.unscoped.count() == 1


@pytest.mark.spec("D1")
def test_documents_above_the_limit_are_refused_with_413_and_the_text_is_kept(
    reader, conversation, organization
):
    organization.message_limit_bytes = 2048
    organization.save()
    answer = submit(reader, conversation, size=4096)
    assert answer.status_code == 413
    assert TYPED in answer.content.decode()
    assert stored() == []


def test_no_room_is_507_and_the_text_is_kept(reader, conversation, monkeypatch):
    def full(*arguments, **options):
        raise StorageFull

    monkeypatch.setattr(parts, "write_part", full)
    answer = submit(reader, conversation)
    assert answer.status_code == 507
    assert TYPED in answer.content.decode()


def test_nothing_typed_is_said_at_the_field(reader, conversation):
    answer = submit(reader, conversation, size=0, text=" ")
    assert answer.status_code == 422
    assert answer.context["form"].errors["text"]


def test_a_post_without_its_token_is_refused_and_leaves_no_part(bob, conversation):
    client = sign_in(Client(enforce_csrf_checks=True), bob)
    assert submit(client, conversation).status_code == 403
    assert Message.unscoped.count() == 1
    assert stored() == []


def stored() -> list[str]:
    """Documents of which some part is in storage."""
    storage = sealed_storage()
    folders, _files = storage.listdir("")
    return sorted(folder for folder in folders if storage.listdir(folder)[1])


@pytest.mark.spec("C8")
def test_whoever_was_removed_meanwhile_gets_the_text_back_a_large_document_or_not(
    reader, conversation, alice, bob
):
    remove(by=seat_of(alice, conversation), participation=seat_of(bob, conversation))
    answer = submit(reader, conversation, size=5 * 1024**2)
    assert answer.status_code == 404
    assert TYPED in answer.content.decode()
    assert not StoredParts.unscoped.exists()


def test_a_stranger_with_a_large_document_is_not_read_to_the_end(charlie, conversation):
    answer = submit(sign_in(Client(), charlie), conversation, size=5 * 1024**2)
    assert answer.status_code == 404
    assert TYPED not in answer.content.decode()


@pytest.mark.spec("C8")
def test_a_document_that_the_sweep_took_at_that_moment_costs_no_text(reader, conversation, monkeypatch):
    bind = messages.bind_documents

    def too_late(**arguments):
        StoredParts.unscoped.all().delete()
        bind(**arguments)

    monkeypatch.setattr(messages, "bind_documents", too_late)
    answer = submit(reader, conversation)
    assert answer.status_code == 409
    assert TYPED in answer.content.decode()
    assert str(UploadGone.sentence) in answer.content.decode()
