"""A forgotten password or user name: answered by mail, from confirmed addresses only (access.md)."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from connexion_plugin.models import Mail
from tests.accounts.walks import NEW_PASSWORD, enter, last_payload, mails_to, sign_up

pytestmark = [pytest.mark.spec("I1"), pytest.mark.django_db]


def reset(client, address, **fields):
    return client.post(reverse("account_reset_password"), {"email": address, **fields})


def path_of(link):
    return link.removeprefix("http://127.0.0.1:8000")


def choose_through(client, link, password=NEW_PASSWORD):
    form = client.get(path_of(link))
    return client.post(form.url, {"password1": password})


def test_a_link_by_mail_lets_one_choose_a_new_password(client, charlie):
    reset(client, "charlie@example.org")
    link = last_payload("charlie@example.org", Mail.Kind.RESET)["link"]
    response = choose_through(client, link)
    assert response.url == reverse("account_reset_password_from_key_done")
    assert enter(Client(), "charlie", NEW_PASSWORD).status_code == 302
    assert enter(Client(), "charlie").status_code == 200


def test_the_link_is_good_once(client, charlie):
    reset(client, "charlie@example.org")
    link = last_payload("charlie@example.org", Mail.Kind.RESET)["link"]
    choose_through(client, link)
    assert Client().get(path_of(link)).context["token_fail"]


def test_a_new_password_signs_nobody_in_and_keeps_the_destination(client, charlie):
    reset(client, "charlie@example.org", next="/fr/connexion/m/1/")
    link = last_payload("charlie@example.org", Mail.Kind.RESET)["link"]
    assert choose_through(client, link).url == "/fr/connexion/m/1/"
    assert "_auth_user_id" not in client.session


def test_an_address_that_was_never_confirmed_gets_no_link(client, charlie):
    EmailAddress.objects.create(user=charlie, email="unconfirmed@example.org", verified=False)
    reset(client, "unconfirmed@example.org")
    assert [mail.kind for mail in mails_to("unconfirmed@example.org")] == [Mail.Kind.ACCOUNT]


def test_the_address_that_an_administrator_writes_in_the_account_gets_no_link(client, charlie):
    charlie.email = "operator@example.org"
    charlie.save()
    reset(client, "operator@example.org")
    assert mails_to("operator@example.org", Mail.Kind.RESET) == []
    assert enter(Client(), "operator@example.org").status_code == 200


def test_a_closed_account_gets_no_link(client, charlie):
    charlie.is_active = False
    charlie.save()
    reset(client, "charlie@example.org")
    assert mails_to("charlie@example.org", Mail.Kind.RESET) == []


def test_the_user_name_is_mailed_to_a_confirmed_address(client, bob):
    client.post(reverse("connexion:forgotten_user_name"), {"email": "Bob@Example.org"})
    assert last_payload("bob@example.org", Mail.Kind.USER_NAME)["user_name"] == "bob"
    assert mails_to("bob@example.org")[0].language == "en"


def test_the_user_name_is_mailed_to_nobody_else(client, charlie):
    EmailAddress.objects.create(user=charlie, email="unconfirmed@example.org", verified=False)
    client.post(reverse("connexion:forgotten_user_name"), {"email": "unconfirmed@example.org"})
    assert mails_to("unconfirmed@example.org", Mail.Kind.USER_NAME) == []


@pytest.mark.spec("I6")
@pytest.mark.parametrize("page", ["account_reset_password", "connexion:forgotten_user_name"])
def test_one_address_can_be_asked_for_five_times_in_five_minutes(client, charlie, page):
    for _ in range(5):
        assert client.post(reverse(page), {"email": "charlie@example.org"}).status_code == 302
    response = client.post(reverse(page), {"email": "charlie@example.org"})
    assert response.status_code == 429
    assert len(mails_to("charlie@example.org")) == 5


@pytest.mark.spec("I6")
def test_sign_up_is_limited(client, db):
    for number in range(20):
        sign_up(Client(), f"person{number}@example.org")
    assert sign_up(Client(), "one-too-many@example.org").status_code == 429
