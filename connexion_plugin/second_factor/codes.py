"""Checking a code of the app (RFC 6238) or a recovery code: once each, and never faster than the pauses allow."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django_otp.models import Device
from django_otp.oath import hotp

from connexion_plugin.models import AuthenticatorDevice, RecoveryCode, RecoveryDevice
from connexion_plugin.sealing import secrets
from connexion_plugin.sealing.records import context

STEP_SECONDS = 30
DIGITS = 6
STEPS_AROUND = 1  # a telephone's clock may be half a minute wrong


@dataclass(frozen=True)
class Checked:
    """`device` when the code was good; else until when no code is looked at, if the pauses have begun."""

    device: Device | None
    locked_until: datetime | None = None


def check(*, user: AbstractBaseUser, code: str) -> Checked:
    """Looks at a code of either kind and uses it up.

    One transaction, under the lock of the devices: a code sent twice at once is good once. A wrong code is
    counted, so the caller must not roll back.
    """
    typed = "".join(character for character in code if character.isalnum()).upper()
    is_of_app = len(typed) == DIGITS and typed.isascii() and typed.isdecimal()
    model = AuthenticatorDevice if is_of_app else RecoveryDevice
    with transaction.atomic():
        devices = list(_locked(model).filter(user=user, confirmed=True).order_by("pk"))
        return _first_good([(device, typed) for device in devices])


def confirm(*, device: AuthenticatorDevice, code: str) -> bool:
    """The first code of a new app: the device is confirmed with it."""
    with transaction.atomic():
        locked = _locked(AuthenticatorDevice).get(pk=device.pk)
        typed = "".join(code.split())
        good = _first_good([(locked, typed)]).device is not None
        if good:
            locked.confirmed = True
            locked.save(update_fields=["confirmed"])
    return good


def _locked(model: type[Device]) -> Any:
    # PostgreSQL locks no row of an outer join: the preferences stay out of this statement.
    return model.objects.select_related(None).select_for_update()


def _first_good(attempts: list[tuple[Device, str]]) -> Checked:
    locked_until = None
    for device, typed in attempts:
        allowed, why = device.verify_is_allowed()
        if not allowed:
            locked_until = why["locked_until"]
        elif _is_good(device, typed):
            device.throttle_reset()
            return Checked(device)
        else:
            device.throttle_increment()
    return Checked(None, locked_until)


def _is_good(device: Device, typed: str) -> bool:
    if isinstance(device, AuthenticatorDevice):
        return _is_good_of_app(device, typed)
    return _is_good_recovery_code(device, typed)


def _is_good_of_app(device: AuthenticatorDevice, typed: str) -> bool:
    seed = unsealed_seed(device)
    now = int(timezone.now().timestamp()) // STEP_SECONDS
    for step in range(now - STEPS_AROUND, now + STEPS_AROUND + 1):
        expected = str(hotp(seed, step, digits=DIGITS)).zfill(DIGITS)
        if step > device.last_step and hmac.compare_digest(expected.encode(), typed.encode()):
            device.last_step = step
            return True
    return False


def _is_good_recovery_code(device: RecoveryDevice, typed: str) -> bool:
    used, _by_model = RecoveryCode.objects.filter(device=device, digest=digest_of(device, typed)).delete()
    return bool(used)


# How the secrets are kept


def seed_context(device: AuthenticatorDevice) -> bytes:
    return context("authenticator", UUID(int=device.pk), field="seed")


def unsealed_seed(device: AuthenticatorDevice) -> bytes:
    return secrets.unseal_secret(bytes(device.seed_sealed), context=seed_context(device))


def digest_of(device: RecoveryDevice, code: str) -> bytes:
    return secrets.keyed_digest(str(device.pk).encode(), code.encode(), purpose="recovery code")
