"""Which second factor the session has shown: asked for by every page of a person, so compiled once."""

from typing import Any

from django.db.models import QuerySet
from django_otp.middleware import OTPMiddleware
from django_otp.models import Device

from connexion_plugin.models import AuthenticatorDevice, RecoveryDevice
from connexion_plugin.prepared import PlannedOnce, Prepared


class DeviceMiddleware(OTPMiddleware):  # type: ignore[misc]
    """django-otp's own, in its place; it goes on to hold the device to the person, and to be confirmed."""

    def _device_from_persistent_id(self, persistent_id: str) -> Device | None:
        """The device of this id: an authenticator app's or a set of recovery codes', or another app's."""
        label, _, key = self._normalize_persistent_id(persistent_id).rpartition("/")
        ask = LOOK_UPS.get(label)
        if ask is None or not key.isdecimal() or len(key) > 18:  # what no row has is answered there
            return super()._device_from_persistent_id(persistent_id)
        return next(iter(ask(key=int(key))), None)


def _by_key(model: type[Any]) -> Prepared[Any]:
    def devices(key: Any) -> QuerySet[Any]:
        rows: QuerySet[Any] = model.objects.filter(pk=key)
        return rows

    return PlannedOnce(devices)


LOOK_UPS: dict[str, Prepared[Any]] = {
    model.model_label(): _by_key(model) for model in (AuthenticatorDevice, RecoveryDevice)
}
