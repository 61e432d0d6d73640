"""Whoever may edit users cannot become one of them (access.md)."""

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib import auth
from django.test import Client
from django.urls import resolve, reverse

from connexion_plugin import personas
from connexion_plugin.accounts import admin_doors
from connexion_plugin.models import Mail
from tests.accounts.walks import enter, mails_to
from tests.factories.people import PASSWORD

pytestmark = [pytest.mark.spec("I3"), pytest.mark.django_db]


@pytest.fixture
def operator(client, superuser, sign_in):
    return sign_in(superuser)


def edit(operator, user, **fields):
    data = {
        "username": user.username,
        "email": user.email or "robert@example.org",
        "first_name": "Robert",
        "last_name": user.last_name,
        "is_active": "on",
        **fields,
    }
    return operator.post(reverse("wagtailusers_users:edit", args=[user.pk]), data)


def test_a_superuser_sets_nobodys_password(operator, bob):
    for name in ("password1", "password"):
        edit(operator, bob, **{name: "chosen by the operator", "password2": "chosen by the operator"})
    bob.refresh_from_db()
    assert bob.first_name == "Robert"  # the edit itself went through
    assert bob.check_password(PASSWORD)


def test_another_address_in_the_account_opens_nothing(operator, bob):
    edit(operator, bob, email="simone@example.org")
    bob.refresh_from_db()
    assert personas.verified_addresses(bob) == ["bob.gagnon@work.example", "bob@example.org"]
    visitor = Client()
    visitor.post(reverse("account_reset_password"), {"email": bob.email or "simone@example.org"})
    for mail in mails_to("simone@example.org", Mail.Kind.RESET):
        from connexion_plugin.mail import outbox

        assert (
            f"/{auth.get_user_model().objects.get(username='bob').pk}-"
            not in outbox.read_payload(mail)["link"]
        )


def test_visiting_the_addresses_page_takes_no_address_from_the_account(client, bob):
    bob.email = "simone2@example.org"
    bob.save()
    client.force_login(bob)
    client.get(reverse("account_email"))
    assert not EmailAddress.objects.filter(email="simone2@example.org").exists()


def test_wagtails_own_pages_lead_to_the_portal(client, db):
    there = client.get(reverse("wagtailadmin_login"), {"next": "/admin/pages/"})
    assert there.url == f"{reverse('account_login')}?next=%2Fadmin%2Fpages%2F"
    assert client.post(reverse("wagtailadmin_login"), {"username": "a", "password": "b"}).status_code == 302
    for path in ("", "done/", "confirm/MQ/abc-def/", "complete/"):
        assert client.get(f"/admin/password_reset/{path}").url == reverse("account_reset_password")
    assert client.get("/admin/").status_code == 302


def test_wagtails_menu_signs_out(operator):
    assert operator.post(reverse("wagtailadmin_logout")).url == reverse("account_login")
    assert "_auth_user_id" not in operator.session


def test_the_account_page_of_the_admin_changes_neither_password_nor_address(operator, superuser):
    page = operator.get(reverse("wagtailadmin_account")).content.decode()
    for name in ("old_password", "new_password1", "name_email-email"):
        assert f'name="{name}"' not in page
        assert f'name="password-{name}"' not in page


def test_addresses_and_devices_are_in_no_admin(db):
    if apps.is_installed("django.contrib.admin"):
        pytest.fail("the site must not install Django's admin")
    from wagtail.snippets.models import get_snippet_models

    named = {model.__name__ for model in get_snippet_models()}
    assert not named & {"EmailAddress", "AuthenticatorDevice", "RecoveryDevice", "RecoveryCode", "Persona"}


def test_a_user_made_by_the_operator_cannot_sign_in_with_an_address_that_was_never_confirmed(
    operator, superuser
):
    user = auth.get_user_model().objects.create_user("made", "charlie2@example.org", PASSWORD)
    visitor = Client()
    enter(visitor, "charlie2@example.org")
    enter(visitor, "made")
    assert "_auth_user_id" not in visitor.session
    assert not EmailAddress.objects.filter(user=user, verified=True).exists()


@pytest.mark.parametrize(
    "path",
    [
        "account/emailaddress/",
        "account/emailaddress/1/change/",
        "account/emailaddress/add/",
        "account/emailconfirmation/add/",
        "auth/user/1/password/",
        "cms/user/1/password/",
        "django_q/schedule/add/",
        "django_q/",
    ],
)
def test_in_a_host_with_djangos_admin_its_pages_that_would_take_a_seat_are_not_there(path):
    """Mounted there by the same module (docs/install.md), before Django's own."""
    view = resolve(f"/admin/{path}").func
    assert view is admin_doors.closed_for_good


def test_a_password_is_changed_in_the_portal_only():
    assert resolve("/admin/password_change/").func is admin_doors.change_password
