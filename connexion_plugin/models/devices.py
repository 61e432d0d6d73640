"""Second factors with their secrets sealed or hashed; django-otp's own keep them in clear (access.md)."""

from django.db import models
from django_otp.models import Device, ThrottlingMixin


class AuthenticatorDevice(ThrottlingMixin, Device):  # type: ignore[misc]
    """An authenticator app (RFC 6238): its seed is sealed with the standing key."""

    wagtail_reference_index_ignore = True

    seed_sealed = models.BinaryField()
    last_step = models.BigIntegerField(default=-1)  # of RFC 6238; a code is accepted once
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Device.Meta):  # type: ignore[misc]
        abstract = False
        default_permissions = ()


class RecoveryDevice(ThrottlingMixin, Device):  # type: ignore[misc]
    """A set of recovery codes, each good once."""

    wagtail_reference_index_ignore = True

    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Device.Meta):  # type: ignore[misc]
        abstract = False
        default_permissions = ()


class RecoveryCode(models.Model):
    """One code, kept as a keyed digest and removed when used."""

    wagtail_reference_index_ignore = True

    device = models.ForeignKey(RecoveryDevice, on_delete=models.CASCADE, related_name="codes")
    digest = models.BinaryField()

    class Meta:
        default_permissions = ()
