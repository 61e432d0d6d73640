"""Adding and removing addresses: the access moves with them (spec I2, I3)."""

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from connexion_plugin import personas
from connexion_plugin.models import Mail
from tests.accounts.walks import code_sent_to, enter, mails_to
from tests.factories.people import PASSWORD

pytestmark = [pytest.mark.spec("I3"), pytest.mark.django_db]


@pytest.fixture
def bob_signed_in(client, bob):
    enter(client, "bob")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def change(client, **fields):
    return client.post(reverse("account_email"), fields)


def test_a_new_address_becomes_a_persona_with_its_code(bob_signed_in, bob):
    response = change(bob_signed_in, action_add="1", email="Third@example.org")
    assert response.url == reverse("account_email_verification_sent")
    assert "third@example.org" not in [persona.address for persona in personas.of(bob)]
    bob_signed_in.post(response.url, {"action": "verify", "code": code_sent_to("third@example.org")})
    assert "third@example.org" in [persona.address for persona in personas.of(bob)]
    assert personas.disagreements() == []


def test_an_address_that_is_removed_leaves_with_its_access(bob_signed_in, bob):
    change(bob_signed_in, action_remove="1", email="bob.gagnon@work.example")
    assert [persona.address for persona in personas.of(bob)] == ["bob@example.org"]
    assert personas.disagreements() == []
    assert mails_to("bob@example.org", Mail.Kind.ACCOUNT)


def test_an_address_stays_when_its_access_cannot_leave(bob_signed_in, bob, monkeypatch):
    def fail(**kwargs):
        raise RuntimeError("the lock was not to be had")

    monkeypatch.setattr("connexion_plugin.accounts.views.give_up_address", fail)
    with pytest.raises(RuntimeError):
        change(bob_signed_in, action_remove="1", email="bob.gagnon@work.example")
    assert EmailAddress.objects.filter(user=bob, email="bob.gagnon@work.example", verified=True).exists()
    assert personas.disagreements() == []


def test_the_last_confirmed_address_and_the_main_one_stay(bob_signed_in, bob):
    change(bob_signed_in, action_remove="1", email="bob@example.org")
    change(bob_signed_in, action_remove="1", email="bob.gagnon@work.example")
    change(bob_signed_in, action_remove="1", email="bob@example.org")
    assert personas.verified_addresses(bob) == ["bob@example.org"]


def test_another_address_becomes_the_main_one(bob_signed_in, bob):
    change(bob_signed_in, action_primary="1", email="bob.gagnon@work.example")
    assert EmailAddress.objects.get_primary_email(bob) == "bob.gagnon@work.example"


def test_an_address_of_somebody_else_cannot_be_removed_or_taken(bob_signed_in, bob, charlie):
    change(bob_signed_in, action_remove="1", email="charlie@example.org")
    response = change(bob_signed_in, action_add="1", email="charlie@example.org")
    assert response.url == reverse("account_email_verification_sent")
    answer = bob_signed_in.post(
        response.url, {"action": "verify", "code": code_sent_to("charlie@example.org")}
    )
    assert answer.status_code == 200
    assert personas.verified_addresses(charlie) == ["charlie@example.org"]
    assert "charlie@example.org" not in personas.verified_addresses(bob)


def test_an_open_session_is_not_enough_to_change_addresses(client, bob):
    client.force_login(bob)
    for action in ("action_add", "action_remove"):
        response = change(client, **{action: "1"}, email="bob.gagnon@work.example")
        if response.status_code == 302:
            assert response.url.startswith(reverse("account_reauthenticate"))
    assert len(personas.verified_addresses(bob)) == 2


def test_the_page_shows_each_address_with_its_state(bob_signed_in, bob):
    EmailAddress.objects.create(user=bob, email="unconfirmed@example.org", verified=False)
    page = bob_signed_in.get(reverse("account_email")).content.decode()
    assert page.count('class="panel"') == 3
    assert 'name="action_send"' in page
