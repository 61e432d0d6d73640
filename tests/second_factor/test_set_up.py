"""Setting up, changing and removing the second factor (spec I5)."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from connexion_plugin.models import AuthenticatorDevice, Mail
from connexion_plugin.second_factor import enrolment
from tests.accounts.walks import mails_to
from tests.factories.people import PASSWORD
from tests.second_factor.walks import code_of, enter_code, key_on, set_up

pytestmark = [pytest.mark.spec("I5"), pytest.mark.django_db]

SETUP, ENTRY, CODES, REMOVE = (
    "connexion:second_factor_setup",
    "connexion:second_factor",
    "connexion:recovery_codes",
    "connexion:second_factor_remove",
)


def show_password(client):
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def test_a_collaborator_sets_an_app_up_and_goes_on_to_where_the_link_led(client, alice):
    client.force_login(alice)
    _seed, made = set_up(client, next="/fr/connexion/start/")
    assert len(made) == 10
    assert client.session["otp_device_id"] == AuthenticatorDevice.objects.get(user=alice).persistent_id
    assert client.get(reverse(ENTRY)).status_code == 200
    assert mails_to("alice@etude-tremblay.example", Mail.Kind.ACCOUNT)


def test_the_page_after_the_set_up_leads_on(client, alice):
    client.force_login(alice)
    seed = key_on(client.get(reverse(SETUP)))
    page = client.post(reverse(SETUP), {"code": code_of(seed), "next": "/fr/connexion/start/"})
    assert 'href="/fr/connexion/start/"' in page.content.decode()
    assert page.headers["Cache-Control"] == "no-store, private"
    elsewhere = client.post(reverse(SETUP), {"code": "", "next": "https://elsewhere.example/"})
    assert "elsewhere.example" not in elsewhere.content.decode()


def test_the_drawing_asks_nothing_of_the_pages_policy(client, alice):
    client.force_login(alice)
    page = client.get(reverse(SETUP)).content.decode()
    drawing = re.search(r'<svg[^>]*class="qr".*?</svg>', page, re.DOTALL)
    assert drawing is not None
    assert "style=" not in page
    assert "data:" not in page


def test_a_reload_shows_the_same_key_until_it_is_confirmed(client, alice):
    client.force_login(alice)
    assert key_on(client.get(reverse(SETUP))) == key_on(client.get(reverse(SETUP)))


def test_a_wrong_code_confirms_nothing(client, alice):
    client.force_login(alice)
    client.get(reverse(SETUP))
    page = client.post(reverse(SETUP), {"code": "000000"})
    assert 'aria-invalid="true"' in page.content.decode()
    assert not AuthenticatorDevice.objects.filter(confirmed=True).exists()


def test_the_session_gets_a_new_key_when_the_code_is_right(client, alice):
    client.force_login(alice)
    seed, _made = set_up(client)
    later = Client()
    later.force_login(alice)
    before = later.session.session_key
    enter_code(later, code_of(seed, steps_away=1))
    assert later.session.session_key != before


def test_a_first_app_ends_the_other_sessions(client, alice):
    elsewhere = Client()
    elsewhere.force_login(alice)
    elsewhere.get(reverse(SETUP))
    client.force_login(alice)
    set_up(client)
    assert elsewhere.get(reverse(SETUP)).url.startswith(reverse("account_login"))
    assert client.get(reverse(ENTRY)).status_code == 200


def test_a_session_without_the_second_factor_cannot_set_up_another_one(client, alice):
    client.force_login(alice)
    set_up(client)
    thief = Client()
    thief.force_login(alice)
    assert thief.get(reverse(SETUP)).url.startswith(reverse(ENTRY))
    assert thief.post(reverse(SETUP), {"code": "000000"}).url.startswith(reverse(ENTRY))
    for page in (CODES, REMOVE):
        assert thief.get(reverse(page)).url.startswith(reverse(ENTRY))
        assert thief.post(reverse(page)).status_code == 403


def test_the_app_is_changed_with_the_password_and_ends_the_other_sessions(client, alice):
    client.force_login(alice)
    old_seed, _made = set_up(client)
    elsewhere = Client()
    elsewhere.force_login(alice)
    enter_code(elsewhere, code_of(old_seed, steps_away=1))
    assert elsewhere.get(reverse(ENTRY)).status_code == 200
    assert client.get(reverse(SETUP)).url.startswith(reverse("account_reauthenticate"))
    show_password(client)
    new_seed, _made = set_up(client)
    assert new_seed != old_seed
    assert AuthenticatorDevice.objects.get(user=alice).confirmed
    assert elsewhere.get(reverse(ENTRY)).url.startswith(reverse("account_login"))


def test_new_recovery_codes_need_the_password(client, alice):
    client.force_login(alice)
    set_up(client)
    assert client.get(reverse(CODES)).url.startswith(reverse("account_reauthenticate"))
    show_password(client)
    assert client.get(reverse(CODES)).status_code == 200
    page = client.post(reverse(CODES)).content.decode()
    assert len(re.findall(r"<li>[A-Z0-9]{5}-[A-Z0-9]{5}</li>", page)) == 10


def test_a_participant_is_offered_one_and_may_remove_it(client, bob):
    client.force_login(bob)
    assert reverse(SETUP) in client.get(reverse(ENTRY)).content.decode()
    show_password(client)
    set_up(client)
    show_password(client)
    assert client.post(reverse(REMOVE)).url == reverse(ENTRY)
    assert enrolment.confirmed_device(bob) is None
    assert enrolment.recovery_codes_left(bob) == 0


def test_a_participants_open_session_is_not_enough_to_set_one_up(client, bob):
    client.force_login(bob)
    assert client.get(reverse(SETUP)).url.startswith(reverse("account_reauthenticate"))


def test_a_collaborator_cannot_remove_it(client, alice):
    client.force_login(alice)
    set_up(client)
    show_password(client)
    client.post(reverse(REMOVE))
    assert enrolment.confirmed_device(alice) is not None


def test_entering_codes_is_limited(client, alice):
    client.force_login(alice)
    set_up(client)
    thief = Client()
    thief.force_login(alice)
    answers = [enter_code(thief, "000000").status_code for _ in range(12)]
    assert 429 in answers
