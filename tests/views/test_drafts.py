"""Drafts through the pages: kept by script and by a button, restored, said in words, done away with (spec C8)."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from connexion_plugin.actions.closing import close_conversation
from connexion_plugin.actions.participants import remove
from connexion_plugin.models import Draft, Message
from tests.conftest import sign_in
from tests.factories.conversations import seat_of
from tests.test_doors import without_reference

pytestmark = pytest.mark.spec("C8")
TYPED = "Une phrase que je tapais, avec des accents"


@pytest.fixture
def owner(alice):
    return sign_in(Client(), alice)


def form(conversation, key):
    return reverse("connexion:post_message", args=[conversation.pk, key])


def script(conversation, key):
    return reverse("connexion:reply_draft", args=[conversation.pk, key])


def save(client, conversation, key, *, text=TYPED, revision=""):
    return client.post(script(conversation, key), {"text": text, "draft_revision": revision})


def test_the_script_saves_and_is_told_when(reader, conversation):
    key = uuid4()
    answer = save(reader, conversation, key)
    said = answer.json()
    assert said["revision"] == 1
    assert said["sentence"].startswith("Brouillon enregistré à ")
    assert save(reader, conversation, key, revision=1).json()["revision"] == 2
    assert reader.get(script(conversation, key)).json()["revision"] == 2


def test_the_sentence_is_written_as_the_reader_reads_it(owner, conversation):
    sentence = save(owner, conversation, uuid4()).json()["sentence"]
    assert sentence.startswith("Brouillon enregistré à ")
    assert "\u00a0h\u00a0" in sentence


@pytest.mark.parametrize("address", ["the draft's", "another"])
def test_the_form_comes_back_with_what_was_typed_whatever_address_leads_there(reader, conversation, address):
    key = uuid4()
    save(reader, conversation, key)
    page = reader.get(form(conversation, key if address == "the draft's" else uuid4()), follow=True)
    assert page.request["PATH_INFO"] == form(conversation, key)
    assert TYPED in page.content.decode()
    assert 'name="draft_revision" value="1"' in page.content.decode()


def test_another_session_and_a_second_factor_later_it_is_still_there(bob, reader, conversation):
    key = uuid4()
    save(reader, conversation, key)
    reader.logout()
    assert save(reader, conversation, key).status_code == 302
    elsewhere = sign_in(Client(), bob)
    window = elsewhere.get(reverse("connexion:conversation", args=[conversation.pk]))
    assert f"/post/{key}/" in window.context["compose_url"]
    assert TYPED in elsewhere.get(window.context["compose_url"]).content.decode()


def test_a_button_saves_where_no_script_runs(reader, conversation):
    key = uuid4()
    fields = {"text": TYPED, "expires_in_days": 90, "save_draft": "1", "draft_revision": ""}
    answer = reader.post(form(conversation, key), fields, follow=True)
    assert "Brouillon enregistré à" in answer.content.decode()
    assert TYPED in answer.content.decode()
    assert Message.unscoped.count() == 1
    again = reader.post(form(conversation, key), {**fields, "text": "", "draft_revision": 1}, follow=True)
    assert "rien à conserver" in again.content.decode()
    assert not Draft.unscoped.exists()


def test_a_button_pressed_on_a_page_that_is_behind_keeps_what_is_on_it(reader, conversation):
    key = uuid4()
    save(reader, conversation, key, text="Plus récent")
    answer = reader.post(form(conversation, key), {"text": TYPED, "save_draft": "1", "draft_revision": ""})
    assert answer.status_code == 409
    assert TYPED in answer.content.decode()
    assert save(reader, conversation, key, revision=5).status_code == 409


def test_posting_ends_the_draft_and_its_form_does_not_come_back(reader, conversation):
    key = uuid4()
    save(reader, conversation, key)
    assert reader.post(form(conversation, key), {"text": TYPED, "expires_in_days": 90}).status_code == 302
    assert not Draft.unscoped.exists()
    assert save(reader, conversation, key, revision=1).status_code == 409
    afresh = reader.get(form(conversation, key), follow=True)
    assert afresh.request["PATH_INFO"] != form(conversation, key)
    assert TYPED not in afresh.content.decode()


def test_a_form_that_was_submitted_and_then_changed_posts_no_second_time_in_silence(reader, conversation):
    key = uuid4()
    for text in (TYPED, TYPED):
        assert reader.post(form(conversation, key), {"text": text, "expires_in_days": 90}).status_code == 302
    answer = reader.post(form(conversation, key), {"text": "Autre chose", "expires_in_days": 90})
    assert answer.status_code == 409
    assert "Autre chose" in answer.content.decode()
    assert str(key) not in answer.context["action_url"]
    again = reader.post(answer.context["action_url"], {"text": "Autre chose", "expires_in_days": 90})
    assert again.status_code == 302
    assert Message.unscoped.count() == 3


def test_what_could_not_be_sent_is_kept(reader, conversation):
    key = uuid4()
    answer = reader.post(form(conversation, key), {"text": TYPED, "expires_in_days": "never"})
    assert answer.status_code == 422
    assert Draft.unscoped.get().pk == key


@pytest.mark.spec("B4")
@pytest.mark.parametrize("state", ["frozen", "closed"])
def test_a_post_that_comes_too_late_is_kept_and_can_be_read_and_deleted(
    alice, reader, conversation, alice_enrolment, state
):
    key = uuid4()
    if state == "frozen":
        alice_enrolment.status = "deactivated"
        alice_enrolment.save()
    else:
        close_conversation(by=seat_of(alice, conversation))
    answer = reader.post(form(conversation, key), {"text": TYPED, "expires_in_days": 90})
    assert answer.status_code == 409
    assert TYPED in answer.content.decode()
    window = reader.get(reverse("connexion:conversation", args=[conversation.pk])).content.decode()
    assert "Un brouillon vous attend ici." in window
    page = reader.get(form(conversation, key))
    assert TYPED in page.content.decode()
    assert 'class="button primary"' not in page.content.decode()
    reader.post(reverse("connexion:discard_draft", args=[key]))
    assert reader.get(form(conversation, key)).status_code == 302


def test_whoever_was_removed_meanwhile_gets_back_what_they_typed(alice, bob, reader, conversation):
    key = uuid4()
    remove(by=seat_of(alice, conversation), participation=seat_of(bob, conversation))
    answer = reader.post(form(conversation, key), {"text": TYPED, "expires_in_days": 90})
    assert answer.status_code == 404
    assert TYPED in answer.content.decode()
    assert "Vous ne participez plus à cette conversation." in answer.content.decode()
    assert save(reader, conversation, key).status_code == 404
    assert not Draft.unscoped.exists()


def test_a_stranger_learns_nothing_from_what_they_type(charlie, conversation):
    stranger = sign_in(Client(), charlie)
    real, unreal = (
        stranger.post(reverse("connexion:post_message", args=[where, uuid4()]), {"text": TYPED})
        for where in (conversation.pk, uuid4())
    )
    assert real.status_code == unreal.status_code == 404
    assert without_reference(real) == without_reference(unreal)
    assert "participez plus" not in real.content.decode()


def test_deleting_asks_first_and_is_said(reader, conversation):
    key = uuid4()
    save(reader, conversation, key)
    asked = reader.get(reverse("connexion:discard_draft", args=[key]))
    assert "On ne pourra pas le récupérer" in asked.content.decode()
    assert TYPED not in asked.content.decode()
    assert Draft.unscoped.exists()
    answer = reader.post(reverse("connexion:discard_draft", args=[key]), follow=True)
    assert "Le brouillon est supprimé." in answer.content.decode()
    assert not Draft.unscoped.exists()


def test_the_inbox_says_where_a_draft_waits(bob, reader, conversation):
    inbox = reverse("connexion:inbox", args=[seat_of(bob, conversation).persona_id])
    assert "brouillon en attente" not in reader.get(inbox).content.decode()
    save(reader, conversation, uuid4())
    assert "brouillon en attente" in reader.get(inbox).content.decode()


def test_nobody_else_sees_that_one_is_writing(owner, reader, conversation):
    save(reader, conversation, uuid4())
    assert "rouillon" not in owner.get(reverse("connexion:inbox")).content.decode()
    window = owner.get(reverse("connexion:conversation", args=[conversation.pk]))
    assert window.context["draft_url"] is None


# A conversation that is being started


def begin(client, key, **typed):
    return client.post(reverse("connexion:start_draft", args=[key]), {"text": TYPED, **typed})


def test_a_conversation_begun_waits_behind_its_button(owner, alice_enrolment):
    key = uuid4()
    assert begin(owner, key, title="Acte de vente", addresses="bob@").json()["revision"] == 1
    inbox = owner.get(reverse("connexion:inbox"))
    assert "Un brouillon vous y attend" in inbox.content.decode()
    page = owner.get(inbox.context["start_url"], follow=True)
    assert page.request["PATH_INFO"] == reverse("connexion:start_conversation_draft", args=[key])
    for typed in (TYPED, "Acte de vente", "bob@"):
        assert typed in page.content.decode()
    assert owner.get(reverse("connexion:start_draft", args=[key])).json()["revision"] == 1


def test_a_conversation_begun_is_started_once_and_its_form_does_not_come_back(owner, alice_enrolment):
    key = uuid4()
    begin(owner, key)
    address = reverse("connexion:start_conversation_draft", args=[key])
    typed = {"title": "Acte", "addresses": "bob@example.org", "language": "fr", "text": TYPED}
    assert owner.post(address, {**typed, "expires_in_days": 364}).status_code == 302
    assert not Draft.unscoped.exists()
    assert owner.get(address, follow=True).request["PATH_INFO"] != address
    assert begin(owner, key).status_code == 409


def test_a_tick_is_kept_too(owner, alice_enrolment):
    key = uuid4()
    begin(owner, key, hides_participants="on")
    page = owner.get(reverse("connexion:start_conversation_draft", args=[key]))
    assert page.context["form"]["hides_participants"].value() == "on"
    assert "checked" in str(page.context["form"]["hides_participants"])


def test_the_button_saves_what_could_not_be_sent(owner, alice_enrolment):
    key = uuid4()
    address = reverse("connexion:start_conversation_draft", args=[key])
    answer = owner.post(
        address, {"title": "Acte", "addresses": "pas une adresse", "save_draft": "1"}, follow=True
    )
    assert "Brouillon enregistré" in answer.content.decode()
    assert "pas une adresse" in answer.content.decode()


def test_deleting_what_was_begun_ends_in_the_inbox(owner, alice_enrolment):
    key = uuid4()
    begin(owner, key)
    answer = owner.post(reverse("connexion:discard_draft", args=[key]))
    assert answer["Location"] == reverse("connexion:inbox")
    assert not Draft.unscoped.exists()


def test_only_collaborators_begin_conversations(reader, conversation):
    assert begin(reader, uuid4()).status_code == 404
    assert reader.get(reverse("connexion:start_draft", args=[uuid4()])).status_code == 404


def test_a_save_without_its_token_is_refused(bob, conversation):
    client = sign_in(Client(enforce_csrf_checks=True), bob)
    assert save(client, conversation, uuid4()).status_code == 403
    token = client.get(script(conversation, uuid4())).json()["token"]
    answer = client.post(script(conversation, uuid4()), {"text": TYPED}, headers={"X-CSRFToken": token})
    assert answer.status_code == 200
