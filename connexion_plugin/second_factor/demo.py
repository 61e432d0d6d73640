"""An authenticator app without a telephone, for the demo: development only."""

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone
from django_otp.oath import hotp

from connexion_plugin.models import AuthenticatorDevice
from connexion_plugin.second_factor import codes, enrolment


def give_app(user: AbstractBaseUser) -> None:
    """A confirmed app for an account of the demo that has none."""
    if enrolment.confirmed_device(user) is None:
        device = enrolment.pending_device(user)
        device.confirmed = True
        device.save(update_fields=["confirmed"])


def current_code(device: AuthenticatorDevice) -> str:
    """What the app would show now (RFC 6238)."""
    step = int(timezone.now().timestamp()) // codes.STEP_SECONDS
    return f"{hotp(codes.unsealed_seed(device), step, digits=codes.DIGITS):0{codes.DIGITS}d}"


def codes_now() -> list[tuple[str, str]]:
    """User name and present code of every account that has an app."""
    devices = (
        AuthenticatorDevice.objects.filter(confirmed=True).select_related("user").order_by("user__username")
    )
    return [(device.user.get_username(), current_code(device)) for device in devices]
