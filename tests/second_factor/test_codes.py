"""The authenticator app and the recovery codes: each code once, secrets never in clear (spec I5)."""

import base64
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connexion_plugin.models import AuthenticatorDevice, RecoveryCode, RecoveryDevice
from connexion_plugin.second_factor import codes, enrolment
from tests.second_factor.walks import code_of, enter_code, set_up

pytestmark = [pytest.mark.spec("I5"), pytest.mark.django_db]


@pytest.fixture
def app(alice):
    """Alice's confirmed app, as its seed."""
    device = enrolment.pending_device(alice)
    seed = codes.unsealed_seed(device)
    device.confirmed = True
    device.save()
    return seed


def rfc_6238_device(alice):
    from connexion_plugin.sealing import secrets

    device = AuthenticatorDevice.objects.create(user=alice, name="app", confirmed=True, seed_sealed=b"")
    device.seed_sealed = secrets.seal_secret(b"12345678901234567890", context=codes.seed_context(device))
    device.save()


@pytest.mark.parametrize(
    ("moment", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_the_codes_are_those_of_rfc_6238(alice, moment, code):
    rfc_6238_device(alice)
    with time_machine.travel(moment, tick=False):
        assert codes.check(user=alice, code=code).device is not None


@pytest.mark.parametrize(
    ("steps_away", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_half_a_minute_wrong(alice, app, steps_away, is_good):
    checked = codes.check(user=alice, code=code_of(app, steps_away=steps_away))
    assert (checked.device is not None) is is_good


def test_a_code_is_good_once(alice, app):
    code = code_of(app)
    assert codes.check(user=alice, code=code).device is not None
    assert codes.check(user=alice, code=code).device is None


def test_an_earlier_code_is_no_longer_good_after_a_later_one(alice, app):
    earlier = code_of(app, steps_away=-1)
    assert codes.check(user=alice, code=code_of(app)).device is not None
    assert codes.check(user=alice, code=earlier).device is None


@pytest.mark.parametrize("typed", ["{0} {1}", " {0}{1} ", "{0}-{1}"])
def test_a_code_may_be_typed_as_it_is_shown(alice, app, typed):
    code = code_of(app)
    assert codes.check(user=alice, code=typed.format(code[:3], code[3:])).device is not None


def test_the_pauses_double_and_the_right_code_waits_too(alice, app):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(4):
            assert codes.check(user=alice, code="000000").device is None
            clock.shift(timedelta(hours=2))
        assert codes.check(user=alice, code="000000").device is None
        checked = codes.check(user=alice, code=code_of(app))
        assert checked.device is None
        assert checked.locked_until == timezone.now() + timedelta(seconds=16)
        clock.shift(timedelta(seconds=17))
        assert codes.check(user=alice, code=code_of(app)).device is not None


def test_nobody_is_shut_out_for_longer_than_69_minutes(alice, app):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(40):
            codes.check(user=alice, code="000000")
            clock.shift(timedelta(minutes=69))
        assert codes.check(user=alice, code=code_of(app)).device is not None


def test_the_seed_is_nowhere_in_clear(alice, app):
    row = bytes(AuthenticatorDevice.objects.get(user=alice).seed_sealed)
    assert app not in row
    assert base64.b32encode(app) not in row


def test_a_seed_opens_in_its_own_row_only(alice, bob, app):
    from connexion_plugin.exceptions import Tampered

    stolen = AuthenticatorDevice.objects.get(user=alice)
    other = AuthenticatorDevice.objects.create(
        user=bob, name="app", confirmed=True, seed_sealed=stolen.seed_sealed
    )
    with pytest.raises(Tampered):
        codes.unsealed_seed(other)


def test_ten_recovery_codes_are_good_once_each(alice):
    made = enrolment.make_recovery_codes(alice)
    assert len(set(made)) == 10
    for typed in (made[0], made[1].lower(), made[2].replace("-", " ")):
        assert codes.check(user=alice, code=typed).device is not None
    assert codes.check(user=alice, code=made[0]).device is None
    assert enrolment.recovery_codes_left(alice) == 7


def test_recovery_codes_are_kept_as_digests(alice):
    made = [code.replace("-", "").encode() for code in enrolment.make_recovery_codes(alice)]
    kept = b"".join(bytes(row.digest) for row in RecoveryCode.objects.all())
    assert not any(code in kept for code in made)


def test_new_recovery_codes_end_the_earlier_ones(alice):
    earlier = enrolment.make_recovery_codes(alice)
    enrolment.make_recovery_codes(alice)
    assert codes.check(user=alice, code=earlier[0]).device is None
    assert RecoveryDevice.objects.filter(user=alice).count() == 1


def test_recovery_codes_of_somebody_else_are_no_good(alice, bob):
    made = enrolment.make_recovery_codes(bob)
    enrolment.make_recovery_codes(alice)
    assert codes.check(user=alice, code=made[0]).device is None


def test_an_app_that_was_never_confirmed_opens_nothing(alice):
    seed = codes.unsealed_seed(enrolment.pending_device(alice))
    assert codes.check(user=alice, code=code_of(seed)).device is None


def test_a_recovery_code_opens_the_session_and_the_app_can_then_be_changed(client, alice):
    client.force_login(alice)
    _seed, made = set_up(client)
    later = Client()
    later.force_login(alice)
    assert enter_code(later, made[0]).url == reverse("connexion:inbox")
    assert later.get(reverse("connexion:second_factor")).status_code == 200
