"""No page and no number of hashes or statements tells whether an address has an account (spec I6)."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connexion_plugin.models import Mail
from tests.accounts.walks import enter, last_payload, mails_to, normalised, sign_up

pytestmark = [pytest.mark.spec("I6"), pytest.mark.django_db]

KNOWN, UNKNOWN = "charlie@example.org", "nobody1@example.org"


def both(act):
    """What a fresh browser sees for the known and for the unknown address, the pages that follow included."""
    pages = []
    for address in (KNOWN, UNKNOWN):
        client = Client()
        response = act(client, address)
        trail = [response.status_code, response.headers.get("Location", ""), normalised(response)]
        if response.status_code == 302:
            following = client.get(response.url)
            trail += [following.status_code, normalised(following)]
        pages.append([str(part).replace(address, "ADDRESS") for part in trail])
    return pages


@pytest.mark.parametrize("login", [KNOWN, "charlie"])
def test_a_wrong_password_and_an_unknown_person_get_the_same_page_and_one_hash(charlie, hashes, login):
    known = enter(Client(), login, "wrong")
    assert len(hashes) == 1
    hashes.clear()
    unknown_login = UNKNOWN if "@" in login else "nobody1"
    unknown = enter(Client(), unknown_login, "wrong")
    assert len(hashes) == 1
    assert normalised(known).replace(login, "L") == normalised(unknown).replace(unknown_login, "L")


def test_a_right_password_takes_one_hash(charlie, hashes):
    for login in (KNOWN, "charlie"):
        enter(Client(), login)
    assert len(hashes) == 2


def test_an_address_claimed_by_several_takes_one_hash(charlie, hashes):
    for number in range(3):
        sign_up(Client(), "shared@example.org", username=f"claim{number}")
    hashes.clear()
    enter(Client(), "shared@example.org", "wrong")
    assert len(hashes) == 1


def test_sign_up_shows_the_same_pages_and_takes_one_hash(charlie, hashes):
    known, unknown = both(lambda client, address: sign_up(client, address, next="/fr/connexion/m/1/"))
    assert known == unknown
    assert len(hashes) == 2
    assert mails_to(KNOWN, Mail.Kind.CODE) == []
    assert last_payload(KNOWN, Mail.Kind.ACCOUNT)["link"].endswith(reverse("account_login"))
    assert len(mails_to(UNKNOWN, Mail.Kind.CODE)) == 1


def test_wrong_codes_get_the_same_pages(charlie):
    def act(client, address):
        sign_up(client, address)
        responses = [
            client.post(reverse("account_email_verification_sent"), {"action": "verify", "code": "ZZZZ-ZZZZ"})
            for _ in range(2)
        ]
        assert normalised(responses[0]) == normalised(responses[1])
        return client.post(
            reverse("account_email_verification_sent"), {"action": "verify", "code": "ZZZZ-ZZZZ"}
        )

    known, unknown = both(act)
    assert known == unknown


def test_asking_for_another_code_gets_the_same_pages(charlie):
    def act(client, address):
        sign_up(client, address)
        return client.post(reverse("account_email_verification_sent"), {"action": "resend"})

    known, unknown = both(act)
    assert known == unknown


def test_sign_up_writes_the_same_rows_and_differs_by_a_few_look_ups_by_key(charlie):
    sign_up(Client(), "warm@example.org")
    taken = []
    for address in (KNOWN, UNKNOWN):
        with CaptureQueriesContext(connection) as queries:
            sign_up(Client(), address)
        taken.append([query["sql"].split()[0] for query in queries])
    known, unknown = taken
    assert known.count("INSERT") == unknown.count("INSERT")
    assert abs(known.count("SELECT") - unknown.count("SELECT")) <= 4


@pytest.mark.parametrize("page", ["account_reset_password", "connexion:forgotten_user_name"])
def test_forgotten_pages_answer_the_same_with_the_same_statements(charlie, page, hashes):
    Client().post(reverse(page), {"email": "warm@example.org"})
    known, unknown = both(lambda client, address: client.post(reverse(page), {"email": address}))
    assert known == unknown
    assert hashes == []
    taken = []
    for address in (KNOWN, UNKNOWN):
        with CaptureQueriesContext(connection) as queries:
            Client().post(reverse(page), {"email": address})
        taken.append(len(queries))
    assert taken[0] == taken[1]
