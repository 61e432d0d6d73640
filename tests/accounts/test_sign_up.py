"""Opening an account, confirming its address, and ending where the link led (spec I1, I3, I4)."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import translation

from connexion_plugin import personas
from connexion_plugin.models import Collaborator, Mail, Persona, Preferences
from tests.accounts.walks import NEW_PASSWORD, code_sent_to, confirm, enter, last_payload, mails_to, sign_up

pytestmark = [pytest.mark.spec("I4"), pytest.mark.django_db]

NEWCOMER = "newcomer@example.org"
LINK = "/{language}/connexion/m/7b1a6f0e-0000-4000-8000-000000000000/?for=signed"


@pytest.fixture(params=["fr", "en"])
def language(request):
    with translation.override(request.param):
        yield request.param


def test_the_destination_survives_sign_in_sign_up_and_code(client, language):
    wanted = LINK.format(language=language)
    page = client.get(reverse("account_login"), {"next": wanted})
    sign_up_url = page.context["signup_url"]
    form = client.get(sign_up_url)
    assert f'name="next" value="{wanted}"' in form.content.decode()
    response = sign_up(client, NEWCOMER, next=wanted)
    assert response.url == reverse("account_email_verification_sent")
    assert confirm(client, NEWCOMER).url == wanted
    assert client.session["_auth_user_id"]


def test_a_browser_that_was_closed_before_the_code_signs_in_and_gets_another(client, language):
    sign_up(client, NEWCOMER)
    later = Client()
    wanted = LINK.format(language=language)
    response = enter(later, NEWCOMER, NEW_PASSWORD, next=wanted)
    assert response.url == reverse("account_email_verification_sent")
    assert len(mails_to(NEWCOMER, Mail.Kind.CODE)) == 2
    assert confirm(later, NEWCOMER).url == wanted


def test_a_sign_up_that_is_begun_again_in_another_browser_opens_one_living_account(client, language):
    sign_up(client, NEWCOMER)
    later = Client()
    wanted = LINK.format(language=language)
    sign_up(later, NEWCOMER, next=wanted)
    assert confirm(later, NEWCOMER).url == wanted
    assert EmailAddress.objects.filter(email=NEWCOMER).count() == 1
    assert EmailAddress.objects.get(email=NEWCOMER).verified


def test_the_link_clicked_while_a_code_is_awaited_becomes_the_destination(client, language):
    sign_up(client, NEWCOMER)
    wanted = LINK.format(language=language)
    response = client.get(reverse("account_login"), {"next": wanted})
    assert response.url == reverse("account_email_verification_sent")
    assert confirm(client, NEWCOMER).url == wanted


def test_one_may_begin_again_with_another_address_and_keep_the_destination(client, language):
    wanted = LINK.format(language=language)
    sign_up(client, "mistyped@example.org", next=wanted)
    page = client.get(reverse("account_email_verification_sent")).content.decode()
    there = f"{reverse('account_signup')}?next={wanted.replace('?', '%3F').replace('=', '%3D')}"
    assert there in page
    assert client.post(reverse("account_logout"), {"next": there}).url == there
    assert client.get(there).status_code == 200


def test_without_a_link_one_lands_on_the_inbox(client, language):
    sign_up(client, NEWCOMER)
    assert confirm(client, NEWCOMER).url == reverse("connexion:inbox")


@pytest.mark.spec("I3")
def test_an_address_becomes_a_persona_only_once_confirmed(client, db):
    sign_up(client, NEWCOMER)
    user = EmailAddress.objects.get(email=NEWCOMER).user
    assert personas.of(user) == []
    confirm(client, NEWCOMER)
    assert [persona.address for persona in personas.of(user)] == [NEWCOMER]
    assert personas.disagreements() == []


@pytest.mark.spec("I3")
def test_nothing_is_confirmed_when_the_access_cannot_move(client, db, monkeypatch):
    def fail(**kwargs):
        raise RuntimeError("the lock was not to be had")

    sign_up(client, NEWCOMER)
    monkeypatch.setattr("connexion_plugin.accounts.adapter.take_up_address", fail)
    with pytest.raises(RuntimeError):
        confirm(client, NEWCOMER)
    assert not EmailAddress.objects.get(email=NEWCOMER).verified
    assert not Persona.unscoped.filter(address=NEWCOMER).exclude(user=None).exists()


@pytest.mark.spec("I3")
def test_only_the_first_of_two_who_know_a_code_gets_the_address(client, db):
    first, second = Client(), Client()
    sign_up(first, NEWCOMER)
    code = code_sent_to(NEWCOMER)
    sign_up(second, NEWCOMER)
    confirm(second, NEWCOMER)
    response = first.post(reverse("account_email_verification_sent"), {"action": "verify", "code": code})
    assert "_auth_user_id" not in first.session
    assert response.status_code == 200
    holder = EmailAddress.objects.get(email=NEWCOMER, verified=True).user
    assert second.session["_auth_user_id"] == str(holder.pk)
    assert personas.disagreements() == []


def test_the_account_remembers_the_language_of_its_first_page(client, language):
    sign_up(client, NEWCOMER)
    user = EmailAddress.objects.get(email=NEWCOMER).user
    assert Preferences.objects.get(user=user).language == language
    assert mails_to(NEWCOMER)[0].language == language


def test_a_user_name_is_made_when_none_is_given(client, db):
    sign_up(client, NEWCOMER)
    assert NEWCOMER.split("@")[0] not in get_user_model().objects.get().username
    sign_up(Client(), "second@example.org", username="marie")
    assert get_user_model().objects.filter(username="marie").exists()


def test_whoever_has_an_account_already_is_told_by_mail_only(client, charlie):
    response = sign_up(client, "Charlie@Example.org")
    assert response.url == reverse("account_email_verification_sent")
    assert get_user_model().objects.count() == 1
    assert [mail.kind for mail in mails_to("charlie@example.org")] == [Mail.Kind.ACCOUNT]
    assert last_payload("charlie@example.org", Mail.Kind.ACCOUNT)["text"]


def test_nobody_keeps_others_out_by_signing_up_with_their_address(client, db):
    squatter = Client()
    sign_up(squatter, NEWCOMER)
    sign_up(client, NEWCOMER)
    confirm(client, NEWCOMER)
    reset = Client()
    reset.post(reverse("account_reset_password"), {"email": NEWCOMER})
    assert len(mails_to(NEWCOMER, Mail.Kind.RESET)) == 1
    assert EmailAddress.objects.filter(email=NEWCOMER).count() == 1


def test_three_wrong_codes_end_the_attempt(client, db):
    sign_up(client, NEWCOMER)
    for _ in range(3):
        response = client.post(
            reverse("account_email_verification_sent"), {"action": "verify", "code": "ZZZZ-ZZZZ"}
        )
    assert response.url == reverse("account_login")
    assert client.post(
        reverse("account_email_verification_sent"), {"action": "verify", "code": code_sent_to(NEWCOMER)}
    ).url == reverse("account_login")
    assert not EmailAddress.objects.get(email=NEWCOMER).verified


def test_the_code_is_good_in_its_own_browser_only(client, db):
    sign_up(client, NEWCOMER)
    assert confirm(Client(), NEWCOMER).url == reverse("account_login")
    assert not EmailAddress.objects.get(email=NEWCOMER).verified


def test_a_collaborators_destination_survives_the_second_factor_as_well(client, organization, language):
    Collaborator.unscoped.create(organization=organization, address=NEWCOMER)
    wanted = reverse("connexion:start_conversation")
    sign_up(client, NEWCOMER, next=wanted)
    landing = confirm(client, NEWCOMER)
    assert landing.url == wanted
    turned_back = client.get(landing.url)
    assert turned_back.url.startswith(reverse("connexion:second_factor_setup"))
    assert client.get(turned_back.url).context["next"] == wanted


@pytest.mark.spec("I1")
@pytest.mark.parametrize("name", ["jean dupont", "jean@dupont"])
def test_no_sentence_about_a_user_name_allows_what_is_refused(client, name, language):
    answer = client.post(
        reverse("account_signup"), {"email": NEWCOMER, "username": name, "password1": NEW_PASSWORD}
    )

    (sentence,) = answer.context["form"].errors["username"]
    assert sentence.startswith({"fr": "Un nom d’utilisateur", "en": "A user name has"}[language])
