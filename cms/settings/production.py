"""For a real site: everything secret is demanded, nothing has a default that would be unsafe."""

import os

from django.core.exceptions import ImproperlyConfigured

from cms.settings.base import *  # noqa: F403
from cms.settings.base import CONNEXION, STORAGES, env_bool


def demanded(name: str, example: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(
            f"The environment variable {name} is missing. For example: {name}={example}"
        )
    return value


DEBUG = False
SECRET_KEY = demanded("SECRET_KEY", "$(python -c 'import secrets; print(secrets.token_urlsafe(50))')")
ALLOWED_HOSTS = demanded("ALLOWED_HOSTS", "connexion.example.ca").split(",")
CONNEXION = {
    **CONNEXION,
    "MASTER_KEY": demanded(
        "CONNEXION_MASTER_KEY",
        # These settings would demand it of the command that makes it.
        "$(DJANGO_SETTINGS_MODULE=cms.settings.dev python manage.py connexion_keys create-master)",
    ),
    "SITE_URL": demanded("SITE_URL", "https://connexion.example.ca"),
}
WAGTAILADMIN_BASE_URL = CONNEXION["SITE_URL"]
CSRF_TRUSTED_ORIGINS = [CONNEXION["SITE_URL"]]

SECURE_SSL_REDIRECT = env_bool("SECURE_SSL_REDIRECT", True)
BEHIND_PROXY = env_bool("BEHIND_PROXY", True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
# Whose requests the limits count: without it everybody has the proxy's address, and one stranger's thirty
# sign-ins a minute shut the door for all. Only the address that our own proxies have written is believed.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("PROXIES", "1")) if BEHIND_PROXY else 0
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-connexion"

STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "cms.static_files.StaticFiles"},
}
