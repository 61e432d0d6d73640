"""Two browsers with the same code, or the same address, at the same moment (spec I3, I5)."""

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.urls import reverse

from connexion_plugin import personas
from connexion_plugin.second_factor import codes, enrolment
from tests.accounts.walks import code_sent_to, sign_up
from tests.actions.racing import at_once
from tests.second_factor.walks import code_of

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]


@pytest.mark.spec("I5")
def test_a_code_that_is_sent_by_several_at_once_is_good_once(alice):
    device = enrolment.pending_device(alice)
    device.confirmed = True
    device.save()
    code = code_of(codes.unsealed_seed(device))
    checked = at_once(*[lambda: codes.check(user=alice, code=code)] * 6)
    assert sum(one.device is not None for one in checked) == 1


@pytest.mark.spec("I5")
def test_a_recovery_code_that_is_sent_by_several_at_once_is_good_once(alice):
    code = enrolment.make_recovery_codes(alice)[0]
    checked = at_once(*[lambda: codes.check(user=alice, code=code)] * 6)
    assert sum(one.device is not None for one in checked) == 1


@pytest.mark.spec("I3")
def test_two_accounts_that_confirm_one_address_at_once_leave_one_holder(db):
    address = "shared@example.org"
    browsers = []
    for _ in range(3):
        browser = Client()
        sign_up(browser, address)
        browsers.append((browser, code_sent_to(address)))
    page = reverse("account_email_verification_sent")
    at_once(*(lambda b=b, c=c: b.post(page, {"action": "verify", "code": c}) for b, c in browsers))
    assert EmailAddress.objects.filter(email=address).count() == 1
    assert sum("_auth_user_id" in browser.session for browser, _code in browsers) == 1
    assert personas.disagreements() == []
