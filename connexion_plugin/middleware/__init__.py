"""What a host adds to MIDDLEWARE, after django-otp's and allauth's own."""

from connexion_plugin.middleware.scope import ScopeMiddleware

__all__ = ["ScopeMiddleware"]
