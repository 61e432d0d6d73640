"""Whoever edits accounts in Wagtail cannot take a person's seat (access.md)."""

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from connexion_plugin import access, personas
from connexion_plugin.models import Persona


@pytest.fixture
def form(bob):
    return {
        "username": bob.username,
        "first_name": "Bob",
        "last_name": "Gagnon",
        "email": "alice@etude-tremblay.example",
        "is_active": "on",
        "password1": "un-autre-mot-de-passe-long",
        "password2": "un-autre-mot-de-passe-long",
        "password": "un-autre-mot-de-passe-long",
    }


@pytest.mark.spec("I3", "M5")
def test_the_operator_can_set_no_password_and_verify_no_address(superuser, alice, bob, form, visit):
    before = bob.password
    answer = visit(superuser).post(reverse("wagtailusers_users:edit", args=[bob.pk]), form)
    assert answer.status_code == 302
    bob.refresh_from_db()
    assert bob.password == before
    assert personas.verified_addresses(bob) == ["bob.gagnon@work.example", "bob@example.org"]
    assert Persona.unscoped.get(address="alice@etude-tremblay.example").user == alice
    assert not access.is_collaborator(bob)
    assert EmailAddress.objects.get(email="alice@etude-tremblay.example").user == alice


@pytest.mark.spec("I3")
def test_the_form_of_an_account_has_no_password(superuser, bob, visit):
    page = visit(superuser).get(reverse("wagtailusers_users:edit", args=[bob.pk]))
    assert not [name for name in page.context["form"].fields if "password" in name]


@pytest.mark.spec("M3")
@pytest.mark.parametrize(
    "view", ["wagtailusers_users:index", "wagtailusers_groups:index", "wagtailimages:index"]
)
def test_administrators_have_neither_accounts_nor_pictures_to_administer(dora, visit, view):
    assert visit(dora).get(reverse(view)).status_code == 302
