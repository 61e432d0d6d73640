"""Setting up an authenticator app and recovery codes, replacing and removing them (spec I5)."""

import base64
import secrets as random
from urllib.parse import quote, urlencode

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from connexion_plugin.models import AuthenticatorDevice, RecoveryCode, RecoveryDevice
from connexion_plugin.sealing import secrets
from connexion_plugin.second_factor import codes

SEED_BYTES = 20  # RFC 4226 recommends 160 bits
RECOVERY_CODES = 10
# 31 letters and digits that nobody confuses: ten of them are 49 bits.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 10
ISSUER = "Connexion"


@transaction.atomic
def pending_device(user: AbstractBaseUser) -> AuthenticatorDevice:
    """The app that is being set up: the same one until a code confirms it, so that a reload changes nothing."""
    waiting: AuthenticatorDevice | None = (
        AuthenticatorDevice.objects.filter(user=user, confirmed=False).order_by("pk").first()
    )
    if waiting is not None:
        return waiting
    device: AuthenticatorDevice = AuthenticatorDevice.objects.create(
        user=user, name="app", confirmed=False, seed_sealed=b""
    )
    device.seed_sealed = secrets.seal_secret(
        random.token_bytes(SEED_BYTES), context=codes.seed_context(device)
    )
    device.save(update_fields=["seed_sealed"])
    return device


def key_of(device: AuthenticatorDevice) -> str:
    """What a person types into the app, in groups of four."""
    key = base64.b32encode(codes.unsealed_seed(device)).decode()
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))


def provisioning_uri(device: AuthenticatorDevice, *, account: str) -> str:
    """What the QR code says: the key URI format that authenticator apps read."""
    label = quote(f"{ISSUER}:{account}")
    query = urlencode({"secret": key_of(device).replace(" ", ""), "issuer": ISSUER})
    return f"otpauth://totp/{label}?{query}"


@transaction.atomic
def confirm_device(*, device: AuthenticatorDevice, code: str) -> bool:
    """With a code of the new app: it takes the place of any earlier one."""
    if not codes.confirm(device=device, code=code):
        return False
    AuthenticatorDevice.objects.filter(user_id=device.user_id).exclude(pk=device.pk).delete()
    return True


@transaction.atomic
def make_recovery_codes(user: AbstractBaseUser) -> list[str]:
    """Ten new codes, in clear for the only time; the earlier ones no longer work."""
    device, _ = RecoveryDevice.objects.get_or_create(user=user, defaults={"name": "recovery"})
    made = ["".join(random.choice(ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(device=device).delete()
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(device=device, digest=codes.digest_of(device, code)) for code in made]
    )
    return [f"{code[:5]}-{code[5:]}" for code in made]


@transaction.atomic
def remove_all(user: AbstractBaseUser) -> None:
    """No second factor any more: app and recovery codes."""
    AuthenticatorDevice.objects.filter(user=user).delete()
    RecoveryDevice.objects.filter(user=user).delete()


def confirmed_device(user: AbstractBaseUser) -> AuthenticatorDevice | None:
    device: AuthenticatorDevice | None = (
        AuthenticatorDevice.objects.filter(user=user, confirmed=True).order_by("pk").first()
    )
    return device


def recovery_codes_left(user: AbstractBaseUser) -> int:
    return RecoveryCode.objects.filter(device__user=user.pk).count()
