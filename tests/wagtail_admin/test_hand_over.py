"""The pages on which an administrator names a successor, and on which deleting takes a typed address (C13, M2)."""

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from connexion_plugin.actions import handing_over
from connexion_plugin.models import AdministrativeAct, Collaborator, Conversation, HandOver
from tests.factories import enrol, make_person
from tests.factories.conversations import start

NAMESPACE = "wagtailsnippets_connexion_plugin_collaborator"
EMMA = "emma@etude-tremblay.example"


def at(view, *args):
    return reverse(f"{NAMESPACE}:{view}", args=args)


@pytest.fixture
def browser(dora, sign_in):
    return sign_in(dora)


@pytest.fixture
def conversation(alice, bob, alice_enrolment):
    return start(alice_enrolment, to=["bob@example.org", "newcomer@example.net"], title="Titre secret")


@pytest.fixture
def emma(organization):
    make_person("Emma Cyr", EMMA)
    return enrol(organization, EMMA, name="Emma Cyr")


def errors_of(answer, field):
    return " ".join(answer.context["form"].errors.get(field, []))


@pytest.mark.spec("C13")
def test_the_page_shows_numbers_and_nothing_of_the_content(browser, alice_enrolment, conversation, emma):
    answer = browser.get(at("hand_over", alice_enrolment.pk))
    assert (answer.context["preview"].conversations, answer.context["preview"].participants) == (1, 2)
    page = answer.content.decode()
    assert "Titre secret" not in page
    assert "bob@example.org" not in page
    assert EMMA in page  # suggested
    assert not HandOver.unscoped.exists()


@pytest.mark.spec("C13", "M6")
def test_posting_a_successor_calls_the_verb(browser, dora, alice_enrolment, conversation, emma):
    answer = browser.post(at("hand_over", alice_enrolment.pk), {"successor": " Emma@Etude-Tremblay.example "})
    assert answer.status_code == 302
    act = HandOver.unscoped.get()
    assert (act.successor, act.by) == (emma, dora)
    assert ModelLogEntry.objects.get(action="connexion.hand_over").user == dora
    assert AdministrativeAct.unscoped.get(verb="handed_over").by_name == "Dora Lavoie"
    assert handing_over.carry_hand_overs()
    assert Conversation.unscoped.get().collaborator == emma


@pytest.mark.spec("C13")
def test_the_page_says_what_is_under_way(browser, alice_enrolment, conversation, emma):
    browser.post(at("hand_over", alice_enrolment.pk), {"successor": EMMA})
    assert browser.get(at("hand_over", alice_enrolment.pk)).context["under_way"].successor == emma


@pytest.mark.spec("C13", "M3")
@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody@example.net",
        "oliver@harbour.example",
        "gone@etude-tremblay.example",
        "dora@etude-tremblay.example",
    ],
)
def test_who_cannot_be_a_successor_is_said_at_the_field(
    browser, organization, other_organization, alice_enrolment, conversation, address
):
    enrol(other_organization, "oliver@harbour.example")
    enrol(organization, "dora@etude-tremblay.example")
    gone = enrol(organization, "gone@etude-tremblay.example")
    Collaborator.unscoped.filter(pk=gone.pk).update(status="deactivated")
    answer = browser.post(at("hand_over", alice_enrolment.pk), {"successor": address})
    assert answer.status_code == 200
    assert errors_of(answer, "successor")
    assert not HandOver.unscoped.exists()


@pytest.mark.spec("M3")
def test_another_organizations_collaborator_is_not_there(browser, other_organization):
    stranger = enrol(other_organization, "oliver@harbour.example")
    assert browser.get(at("hand_over", stranger.pk), follow=True).status_code == 404


@pytest.mark.spec("C13")
def test_thousands_of_collaborators_are_not_suggested(browser, organization, alice_enrolment, conversation):
    Collaborator.unscoped.bulk_create(
        Collaborator(organization=organization, address=f"c{number}@example.org") for number in range(201)
    )
    assert "<datalist" not in browser.get(at("hand_over", alice_enrolment.pk)).content.decode()


@pytest.mark.spec("M2")
@pytest.mark.parametrize("typed", ["", "alice", "bob@example.org"])
def test_deleting_takes_the_address_typed(browser, alice_enrolment, conversation, typed):
    answer = browser.post(at("delete", alice_enrolment.pk), {"address": typed})
    assert errors_of(answer, "address")
    alice_enrolment.refresh_from_db()
    assert alice_enrolment.is_active


@pytest.mark.spec("M2", "C13")
def test_deleting_with_a_successor_hands_over(browser, alice_enrolment, conversation, emma):
    form = {"address": alice_enrolment.address, "successor": EMMA}
    assert browser.post(at("delete", alice_enrolment.pk), form).status_code == 302
    alice_enrolment.refresh_from_db()
    assert alice_enrolment.status == "deleted"
    assert HandOver.unscoped.get().successor == emma


@pytest.mark.spec("M2", "C13")
def test_a_refused_successor_is_said_and_nobody_is_deleted(
    browser, organization, alice_enrolment, conversation
):
    enrol(organization, "dora@etude-tremblay.example")
    form = {"address": alice_enrolment.address, "successor": "dora@etude-tremblay.example"}
    answer = browser.post(at("delete", alice_enrolment.pk), form)
    assert errors_of(answer, "successor")
    alice_enrolment.refresh_from_db()
    assert alice_enrolment.is_active


@pytest.mark.spec("M1", "M2")
@pytest.mark.parametrize("typed", ["", "1", "deux"])
def test_deleting_several_takes_their_number_typed(browser, alice_enrolment, conversation, emma, typed):
    path = reverse("wagtail_bulk_action", args=["connexion_plugin", "collaborator", "delete"])
    answer = browser.post(f"{path}?id={alice_enrolment.pk}&id={emma.pk}", {"number": typed})
    assert errors_of(answer, "number")
    assert Collaborator.unscoped.filter(status="active").count() == 2
