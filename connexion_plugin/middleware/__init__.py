"""What a host adds to MIDDLEWARE, after django-otp's and allauth's own."""

from connexion_plugin.middleware.scope import ScopeMiddleware
from connexion_plugin.middleware.second_factor import SecondFactorMiddleware

__all__ = ["ScopeMiddleware", "SecondFactorMiddleware"]
