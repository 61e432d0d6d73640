"""Signing in: by user name or address, from the portal alone (spec I1)."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from connexion_plugin.accounts.forms import REMEMBER_COOKIE
from tests.accounts.walks import enter
from tests.factories import make_person

pytestmark = [pytest.mark.spec("I1"), pytest.mark.django_db]


@pytest.mark.parametrize("login", ["charlie", "Charlie", "charlie@example.org", " CHARLIE@example.org "])
def test_one_signs_in_by_user_name_or_address_and_lands_on_the_inbox(client, charlie, login):
    response = enter(client, login)
    assert response.status_code == 302
    assert response.url == reverse("connexion:inbox")


def test_one_lands_on_what_the_link_asked_for(client, charlie):
    assert enter(client, "charlie", next="/fr/connexion/m/1/?for=a").url == "/fr/connexion/m/1/?for=a"


def test_no_link_leads_to_another_site(client, charlie):
    assert enter(client, "charlie", next="https://elsewhere.example/").url == reverse("connexion:inbox")


@pytest.mark.parametrize(
    ("language", "title"), [("fr", "Ouvrir une session dans Connexion"), ("en", "Sign in to Connexion")]
)
def test_the_page_says_where_one_is_in_both_languages(client, db, language, title):
    page = client.get(f"/{language}/connexion/account/sign-in/").content.decode()
    if language == "en":
        assert f"<h1>{title}</h1>" in page
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert "placeholder" not in page


def test_the_user_name_is_remembered_in_a_signed_cookie_only_when_asked(client, charlie):
    enter(client, "charlie")
    assert not client.cookies.get(REMEMBER_COOKIE) or not client.cookies[REMEMBER_COOKIE].value
    client.post(reverse("account_logout"))
    enter(client, "charlie", remember_details="on")
    client.post(reverse("account_logout"))
    assert 'value="charlie"' in client.get(reverse("account_login")).content.decode()


def test_a_forged_cookie_fills_nothing_in(client, db):
    client.cookies[REMEMBER_COOKIE] = "charlie:forged"
    assert "charlie" not in client.get(reverse("account_login")).content.decode()


def test_the_details_are_remembered_only_once_the_password_was_right(client, charlie):
    enter(client, "charlie", "wrong", remember_details="on")
    assert REMEMBER_COOKIE not in client.cookies


def test_a_user_name_has_no_at_sign(client, db):
    from tests.accounts.walks import sign_up

    response = sign_up(client, "new@example.org", username="bob@example.org")
    assert response.status_code == 200
    assert not get_user_model().objects.filter(username__contains="@").exists()


def test_who_administers_and_converses_with_nobody_lands_in_the_admin(client, dora, superuser):
    assert enter(client, "dora").url == reverse("wagtailadmin_home")
    assert enter(Client(), "simone").url == reverse("wagtailadmin_home")


def test_signing_in_is_refused_after_eight_wrong_passwords_without_hashing(client, charlie, hashes):
    for _ in range(8):
        enter(client, "charlie", "wrong")
    hashes.clear()
    response = enter(client, "charlie")
    assert response.status_code == 200
    assert "_auth_user_id" not in client.session
    assert hashes == []


def test_other_sessions_are_closed_by_a_new_password(client, charlie):
    elsewhere = Client()
    enter(elsewhere, "charlie")
    enter(client, "charlie")
    new = "encore quatre mots ordinaires"
    client.post(
        reverse("account_change_password"),
        {"oldpassword": "un-mot-de-passe-tout-a-fait-long", "password1": new},
    )
    assert "_auth_user_id" in client.session
    assert elsewhere.get(reverse("connexion:second_factor")).status_code == 302
    assert enter(Client(), "charlie", new).status_code == 302


def test_two_accounts_may_claim_an_address_and_only_the_one_who_confirmed_it_signs_in_with_it(
    client, charlie
):
    from allauth.account.models import EmailAddress

    squatter = make_person("Squatter")
    EmailAddress.objects.create(user=squatter, email="charlie@example.org", verified=False)
    enter(client, "charlie@example.org")
    assert client.session["_auth_user_id"] == str(charlie.pk)


def test_a_participant_at_the_admins_door_is_refused_and_not_sent_in_circles(client, charlie):
    enter(client, "charlie")
    response = client.get("/admin/", follow=True)
    assert response.status_code == 403
