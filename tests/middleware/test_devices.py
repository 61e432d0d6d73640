"""The second factor that a session has shown is found as django-otp finds it (spec I5)."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.middleware import OTPMiddleware

from connexion_plugin.middleware import DeviceMiddleware
from connexion_plugin.middleware.devices import LOOK_UPS
from connexion_plugin.models import AuthenticatorDevice, RecoveryDevice
from tests.test_prepared import alike

pytestmark = [pytest.mark.django_db, pytest.mark.spec("I5")]


@pytest.fixture
def devices(alice, bob):
    return [
        AuthenticatorDevice.objects.create(user=alice, name="telephone", confirmed=True),
        RecoveryDevice.objects.create(user=alice, name="codes", confirmed=True),
        AuthenticatorDevice.objects.create(user=alice, name="not yet", confirmed=False),
        AuthenticatorDevice.objects.create(user=bob, name="Bob’s", confirmed=True),
    ]


def shown_by(middleware, rf, person, persistent_id):
    request = rf.get("/")
    request.user, request.session = person, SessionStore()
    request.session[DEVICE_ID_SESSION_KEY] = persistent_id
    middleware(lambda request: None)(request)
    return request.user.otp_device, DEVICE_ID_SESSION_KEY in request.session


def test_a_session_shows_what_django_otp_would_find(rf, alice, devices):
    strange = ["connexion_plugin.authenticatordevice/0", "connexion_plugin.authenticatordevice/" + "9" * 30]
    strange += ["connexion_plugin.authenticatordevice/x", "no.such/1", "nothing"]
    ids = [device.persistent_id for device in devices] + strange
    found = [shown_by(DeviceMiddleware, rf, alice, each) for each in ids]
    assert found == [shown_by(OTPMiddleware, rf, alice, each) for each in ids]
    assert [device for device, _ in found] == [devices[0], devices[1], *[None] * (len(ids) - 2)]


def test_a_look_up_gives_what_its_queryset_does(devices):
    for device in devices:
        assert alike(LOOK_UPS[device.model_label()], key=device.pk) == 1
