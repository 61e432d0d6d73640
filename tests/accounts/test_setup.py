"""`connexion_setup`: the first accounts, before any e-mail can go out (access.md)."""

import io

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from connexion_plugin import access, personas
from connexion_plugin.models import Mail, Organization
from tests.accounts.walks import NEW_PASSWORD, enter, mails_to

pytestmark = [pytest.mark.spec("M1"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def password(monkeypatch):
    monkeypatch.setenv("CONNEXION_SETUP_PASSWORD", NEW_PASSWORD)


def run(**options):
    out = io.StringIO()
    call_command("connexion_setup", stdout=out, **options)
    return out.getvalue()


def test_an_organization_and_its_administrator_who_signs_in_and_sets_up_a_second_factor(client):
    run(organization="Étude Tremblay", administrator="dora@example.org")
    organization = Organization.unscoped.get()
    dora = access.administrators(organization.pk).get()
    assert personas.verified_addresses(dora) == ["dora@example.org"]
    assert personas.disagreements() == []
    landing = enter(client, "dora@example.org", NEW_PASSWORD, next="/admin/").url
    assert landing == "/admin/"
    assert client.get(landing).url.startswith(reverse("connexion:second_factor_setup"))


def test_it_may_be_run_again(client):
    for _ in range(2):
        run(organization="Étude Tremblay", administrator="dora@example.org", superuser="simone@example.org")
    assert Organization.unscoped.count() == 1
    assert get_user_model().objects.count() == 2


def test_a_superuser_made_by_django_gets_a_confirmed_address():
    user = get_user_model().objects.create_superuser("simone", "", "a password of the operator")
    assert enter(Client(), "simone", "a password of the operator").url != reverse("wagtailadmin_home")
    run(superuser="simone", address="Simone@Example.org")
    assert personas.verified_addresses(user) == ["simone@example.org"]
    assert enter(Client(), "simone", "a password of the operator").url == reverse("wagtailadmin_home")


def test_a_superuser_is_made_when_there_is_none():
    run(superuser="simone@example.org")
    assert enter(Client(), "simone@example.org", NEW_PASSWORD).status_code == 302
    assert get_user_model().objects.get().is_superuser


def test_without_a_password_the_account_chooses_one_by_mail(monkeypatch):
    monkeypatch.delenv("CONNEXION_SETUP_PASSWORD")
    assert "Forgotten password" in run(organization="Étude", administrator="dora@example.org", no_input=True)
    Client().post(reverse("account_reset_password"), {"email": "dora@example.org"})
    assert mails_to("dora@example.org", Mail.Kind.RESET)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"organization": "Étude"},
        {"administrator": "dora@example.org"},
        {"superuser": "nobody"},
        {"organization": "Étude", "administrator": "not an address"},
        {"superuser": "charlie"},
        {"superuser": "simone", "address": "charlie@example.org"},
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing_behind(charlie, options):
    before = get_user_model().objects.count()
    with pytest.raises(CommandError):
        run(**options)
    assert get_user_model().objects.count() == before
    assert not Organization.unscoped.exists()


def test_a_weak_password_is_refused(monkeypatch):
    monkeypatch.setenv("CONNEXION_SETUP_PASSWORD", "password")
    with pytest.raises(CommandError):
        run(superuser="simone@example.org")
