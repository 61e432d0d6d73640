"""The site's own user model; the plugin works with any."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person with an account. Its addresses are allauth's; `email` here opens nothing (access.md)."""
