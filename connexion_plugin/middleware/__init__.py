"""What a host adds to MIDDLEWARE: DeviceMiddleware in the place of django-otp's, the others after allauth's own."""

from connexion_plugin.middleware.devices import DeviceMiddleware
from connexion_plugin.middleware.scope import ScopeMiddleware
from connexion_plugin.middleware.second_factor import SecondFactorMiddleware

__all__ = ["DeviceMiddleware", "ScopeMiddleware", "SecondFactorMiddleware"]
