"""Addresses whose domain has accents compare in the form of the mail servers, and are shown in letters (spec I3)."""

from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from connexion_plugin import personas, plain_text
from connexion_plugin.models import Participation, Persona
from tests.accounts.walks import NEW_PASSWORD, confirm, enter, sign_up
from tests.conftest import sign_in
from tests.factories import make_person
from tests.factories.conversations import start

TYPED, STORED = "Élodie@Municipalité.example", "élodie@xn--municipalit-lbb.example"
PLAIN_TYPED, PLAIN_STORED = "elodie@Municipalité.example", "elodie@xn--municipalit-lbb.example"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (TYPED, STORED),
        (PLAIN_STORED.upper(), PLAIN_STORED),
        ("a@straße.example", "a@xn--strae-oqa.example"),
        ("a@-é.example", "a@-é.example"),
        ("no address", "no address"),
    ],
)
def test_one_form_whatever_was_typed(typed, stored):
    assert personas.normalise(typed) == stored
    assert personas.normalise(stored) == stored


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (PLAIN_STORED, "elodie@municipalité.example"),
        ("a@xn--e1awd7f.example", "a@xn--e1awd7f.example"),  # Cyrillic letters that look like ours
        ("a@xn--99999999.example", "a@xn--99999999.example"),
        ("a@b.example", "a@b.example"),
    ],
)
def test_it_is_shown_in_letters_where_they_are_latin(stored, shown):
    assert plain_text.in_own_letters(stored) == shown


@pytest.mark.django_db
@pytest.mark.spec("I3")
def test_an_invitation_and_a_verified_address_meet_in_either_form(alice, alice_enrolment):
    conversation = start(alice_enrolment, to=[PLAIN_TYPED])
    assert Persona.unscoped.filter(address=PLAIN_STORED).exists()
    elodie = make_person("Elodie Roy", PLAIN_STORED)
    assert Participation.unscoped.get(conversation=conversation, holder=elodie).seat == "taken"
    client = sign_in(Client(), alice)
    page = client.get(reverse("connexion:readers", args=[conversation.pk])).content.decode()
    assert "elodie@municipalité.example" in page


@pytest.mark.django_db
@pytest.mark.spec("I1")
def test_one_signs_up_and_in_with_the_address_as_one_types_it(client):
    sign_up(client, PLAIN_TYPED)
    confirm(client, PLAIN_STORED)
    holder = personas.holder_of(PLAIN_TYPED)
    assert Persona.unscoped.get(user=holder).address == PLAIN_STORED
    assert enter(Client(), PLAIN_TYPED, NEW_PASSWORD).status_code == 302


@pytest.mark.django_db
def test_what_was_stored_before_is_brought_to_that_form():
    migration = import_module("connexion_plugin.migrations.0003_domains_as_mail_servers_know_them")
    Persona.unscoped.create(address="elodie@municipalité.example")
    Persona.unscoped.create(address="b@b.example")
    migration.normalise(apps, None)
    assert set(Persona.unscoped.values_list("address", flat=True)) == {PLAIN_STORED, "b@b.example"}
