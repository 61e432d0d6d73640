"""Second factors with their secrets sealed or hashed; django-otp's own keep them in clear (access.md).

Rows only: `second_factor` seals, compares and throttles.
"""

from django.db import models
from django_otp.models import Device, ThrottlingMixin

# django-otp doubles the pause with each failure and never stops: whoever knows a password could shut its owner
# out for years. Twelve doublings are 68 minutes, and still leave three guesses in a million an hour.
LONGEST_PAUSE_AFTER = 13


class PausingMixin(ThrottlingMixin):  # type: ignore[misc]
    """1, 2, 4 … seconds between attempts, up to 68 minutes."""

    class Meta:
        abstract = True

    def get_throttle_factor(self) -> int:
        return 1

    def throttle_increment(self, commit: bool = True) -> None:
        super().throttle_increment(commit=False)
        count: int = self.throttling_failure_count  # type: ignore[has-type]  # django-otp has no types
        self.throttling_failure_count = min(count, LONGEST_PAUSE_AFTER)
        if commit:
            self.save()


class AuthenticatorDevice(PausingMixin, Device):  # type: ignore[misc]
    """An authenticator app (RFC 6238): its seed is sealed with the standing key."""

    wagtail_reference_index_ignore = True

    seed_sealed = models.BinaryField()
    last_step = models.BigIntegerField(default=-1)  # of RFC 6238; a code is accepted once
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Device.Meta):  # type: ignore[misc]
        abstract = False
        default_permissions = ()


class RecoveryDevice(PausingMixin, Device):  # type: ignore[misc]
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
