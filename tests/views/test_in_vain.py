"""What was typed comes back where its form is not there any more: to copy, and to nobody else (spec C8)."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from connexion_plugin.actions.participants import remove
from connexion_plugin.models import Collaborator, Conversation, Draft, Message, Participation
from tests.conftest import sign_in
from tests.factories import enrol, verify_address
from tests.factories.conversations import seat_of

pytestmark = [pytest.mark.django_db, pytest.mark.spec("C8")]
TEXT, TITLE = "Une phrase que je tapais, avec des accents", "Bail du 3, nouveau"
BEGUN = {
    "title": TITLE,
    "addresses": "bob@example.org",
    "language": "fr",
    "text": TEXT,
    "expires_in_days": 364,
}


def start_url():
    return reverse("connexion:start_conversation_draft", args=[uuid4()])


def reply_url(conversation):
    return reverse("connexion:post_message", args=[conversation.pk, uuid4()])


def words(answer):
    return {field["name"]: field["words"] for field in answer.context["typed"]}


def test_a_title_that_was_asked_for_comes_back_with_the_text(reader, conversation, alice, bob):
    remove(by=seat_of(alice, conversation), participation=seat_of(bob, conversation))
    answer = reader.post(reply_url(conversation), {"text": TEXT, "title": TITLE, "expires_in_days": 90})
    assert answer.status_code == 404
    assert words(answer) == {"title": TITLE, "text": TEXT}
    assert TITLE in answer.content.decode()


@pytest.mark.spec("C7")
def test_a_repeat_after_the_removal_does_not_deny_what_was_posted(reader, conversation, alice, bob):
    url, sent = reply_url(conversation), {"text": TEXT, "expires_in_days": 90}
    assert reader.post(url, sent).status_code == 302
    remove(by=seat_of(alice, conversation), participation=seat_of(bob, conversation))
    answer = reader.post(url, sent)
    assert answer.status_code == 404
    assert "Votre message était déjà affiché" in answer.content.decode()
    assert words(answer) == {"text": TEXT}


def end(enrolment):
    Collaborator.unscoped.filter(pk=enrolment.pk).update(status=Collaborator.Status.DEACTIVATED)


@pytest.mark.spec("B6", "M2")
@pytest.mark.parametrize("button", [{}, {"save_draft": "1"}], ids=["starting", "saving"])
def test_whoever_is_deactivated_meanwhile_gets_back_what_they_typed(alice, alice_enrolment, button):
    writer = sign_in(Client(), alice)
    end(alice_enrolment)
    answer = writer.post(start_url(), {**BEGUN, **button})
    body = answer.content.decode()
    assert answer.status_code == 404
    assert words(answer) == {"title": TITLE, "addresses": "bob@example.org", "text": TEXT}
    assert TEXT in body
    assert "Seul un collaborateur actif peut lancer une conversation." in body
    assert not Conversation.unscoped.exists()
    assert writer.get(start_url()).status_code == 404


def test_who_never_was_a_collaborator_reads_of_none(reader, conversation):
    answer = reader.post(start_url(), BEGUN)
    assert answer.status_code == 404
    assert "collaborateur actif" not in answer.content.decode()


@pytest.mark.spec("B6", "I2")
def test_what_was_begun_from_an_enrolment_that_has_ended_starts_from_no_other_in_silence(
    alice, bob, alice_enrolment, other_organization
):
    verify_address(alice, "alice@autre.example")
    other = enrol(other_organization, "alice@autre.example")
    writer, url = sign_in(Client(), alice), start_url()
    sent = {**BEGUN, "collaborator": alice_enrolment.pk}
    end(alice_enrolment)
    answer = writer.post(url, sent)
    assert answer.status_code == 422
    assert TEXT in answer.content.decode()
    assert "alice@autre.example" in answer.content.decode()
    assert "Aucune conversation ne peut plus être lancée depuis cette adresse." in answer.content.decode()
    assert not answer.context["form"]["collaborator"].is_hidden
    assert not writer.get(url).context["form"]["collaborator"].is_hidden
    revision = answer.context["draft"].revision
    again = writer.post(url, {**sent, "collaborator": other.pk, "draft_revision": revision})
    assert again.status_code == 302
    assert Conversation.unscoped.get().collaborator == other


# After the session


def strangers(url, fields, **more):
    """A browser whose session has ended, and that has our token still."""
    client = Client(enforce_csrf_checks=True)
    page = client.get(reverse("account_login"))
    return client.post(url, {**fields, "csrfmiddlewaretoken": page.context["csrf_token"]}, **more)


@pytest.mark.spec("I6")
def test_after_the_session_what_was_typed_comes_back_and_is_kept_nowhere(conversation):
    sent = {"text": TEXT, "title": TITLE, "expires_in_days": 90}
    for url in (reply_url(conversation), reply_url(type(conversation)(pk=uuid4()))):
        answer = strangers(url, sent, headers={"referer": f"http://testserver{url}"})
        assert answer.status_code == 403
        assert words(answer) == {"title": TITLE, "text": TEXT}
        assert answer.context["sign_in_url"].endswith(url)
        assert "no-store" in answer["Cache-Control"]
        assert "Votre session est terminée" in answer.content.decode()
        assert not answer.client.session.items()
    assert strangers(start_url(), BEGUN).status_code == 403
    assert not Draft.unscoped.exists()
    assert Message.unscoped.count() == 1


@pytest.mark.spec("C10", "I6")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_after_the_session_a_pasted_list_comes_back_too(conversation, language):
    pasted = "\n".join(f"p{number}@example.net" for number in range(200))
    with translation.override(language):
        url = reverse("connexion:invite", args=[conversation.pk])
    answer = strangers(url, {"addresses": pasted, "may_reply": "yes", "sees_past": "yes", "language": "fr"})
    assert answer.status_code == 403
    assert words(answer) == {"addresses": pasted}
    said = {"fr": "Personne n’a été invité", "en": "Nobody was invited"}[language]
    assert f"<title>{said}" in answer.content.decode()
    assert "Non publié" not in answer.content.decode()
    assert Participation.unscoped.count() == 2


def test_nobody_is_shown_words_that_no_page_of_ours_sent(conversation):
    client, url = Client(enforce_csrf_checks=True), reply_url(conversation)
    for token in ({}, {"csrfmiddlewaretoken": "x" * 64}):
        answer = client.post(url, {"text": TEXT, **token})
        assert answer.status_code == 302
        assert "/sign-in/" in answer["Location"]
    for nothing in ({"text": " "}, {"text": TEXT, "more": "x" * 5 * 1024**2}):
        answer = strangers(url, nothing)
        assert answer.status_code == 302
        assert "/sign-in/" in answer["Location"]
