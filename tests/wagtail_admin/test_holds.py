"""The page on which an administrator sets and lifts legal holds, and reads nothing (spec E3, M3)."""

import pytest
from django.urls import reverse

from connexion_plugin.models import AdministrativeAct, Conversation, LegalHold
from tests.factories.conversations import start

pytestmark = pytest.mark.spec("E3")


def at(collaborator):
    return reverse("wagtailsnippets_connexion_plugin_collaborator:holds", args=[collaborator.pk])


@pytest.fixture
def browser(dora, sign_in):
    return sign_in(dora)


@pytest.fixture
def conversations(alice, bob, alice_enrolment):
    return [start(alice_enrolment, to=["bob@example.org"], title="Titre secret") for _ in range(2)]


def test_the_page_shows_references_and_numbers_and_nothing_of_the_content(
    browser, alice_enrolment, conversations
):
    page = browser.get(at(alice_enrolment)).content.decode()
    assert all(str(conversation.pk) in page for conversation in conversations)
    assert "Titre secret" not in page
    assert "bob@example.org" not in page
    assert not LegalHold.unscoped.exists()


def test_a_hold_is_set_on_all_and_lifted(browser, dora, alice_enrolment, conversations):
    assert browser.post(at(alice_enrolment), {"reference": ""}).status_code == 302
    hold = LegalHold.unscoped.get()
    assert Conversation.unscoped.filter(hold=hold).count() == 2
    assert "Conservation" in browser.get(at(alice_enrolment)).content.decode()
    again = browser.post(at(alice_enrolment), {"reference": ""})
    assert again.context["form"].errors["reference"]
    assert browser.post(at(alice_enrolment), {"lift": str(hold.pk)}).status_code == 302
    assert not LegalHold.unscoped.get().is_active
    assert [act.by_name for act in AdministrativeAct.unscoped.filter(verb__contains="h")] == [
        "Dora Lavoie"
    ] * 2


def test_one_conversation_is_named_by_its_reference_or_its_address(browser, alice_enrolment, conversations):
    address = f"https://portail.example/fr/connexion/conversations/{conversations[0].pk}/?from=x"
    assert browser.post(at(alice_enrolment), {"reference": address}).status_code == 302
    assert LegalHold.unscoped.get().conversation_key == conversations[0].pk
    for wrong in ("rien", "00000000-0000-4000-8000-000000000000"):
        answer = browser.post(at(alice_enrolment), {"reference": wrong})
        assert answer.context["form"].errors["reference"]
    assert LegalHold.unscoped.count() == 1


@pytest.mark.spec("M3")
def test_another_organizations_administrator_finds_nothing(sides, visit):
    mine, theirs = sides
    client = visit(mine.administrator)
    assert client.get(at(theirs.collaborator), follow=True).status_code == 404
    assert client.post(at(theirs.collaborator), {"reference": ""}, follow=True).status_code == 404
    reference = {"reference": str(theirs.conversation.pk)}
    assert client.post(at(mine.collaborator), reference).context["form"].errors["reference"]
    assert not LegalHold.unscoped.exists()
