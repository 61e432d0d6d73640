"""One hash whatever the answer: no timing tells whether an account exists (spec I6, access.md)."""

from threading import BoundedSemaphore
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.userkit import get_user_by_username
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest

from connexion_plugin import personas
from connexion_plugin.prepared import PlannedOnce

# Each hash takes 19 MiB; a burst of sign-ins must wait in line instead of filling the machine.
HASHES_AT_ONCE = 2
_line = BoundedSemaphore(HASHES_AT_ONCE)


class Argon2id(Argon2PasswordHasher):
    """19 MiB, 2 passes, 1 lane (24 ms); Django's default takes 100 MiB and 150 ms."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _line:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _line:
            return super().verify(password, encoded)


class OneHashBackend(AuthenticationBackend):  # type: ignore[misc]
    """User name or address, told apart by the `@` (user names refuse it); allauth tries both, and hashes twice."""

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> AbstractBaseUser | None:
        login = (credentials.get("email") or credentials.get("username") or "").strip()
        found = claimant(login) if "@" in login else get_user_by_username(login)
        # Nobody found: `authenticate` of the parent class hashes for nothing, once.
        user: AbstractBaseUser | None = self._check_password(found, credentials.get("password") or "")
        return user

    def get_user(self, user_id: Any) -> AbstractBaseUser | None:
        """Whose session it is, with the account's preferences: every page asks for its language and zone."""
        for user in _accounts(key=user_id):
            return user if self.user_can_authenticate(user) else None
        return None


@PlannedOnce
def _accounts(key: Any) -> QuerySet[AbstractBaseUser]:
    # Composed once a process: a manager that filters by who asks would filter by the first one for ever.
    return get_user_model()._base_manager.filter(pk=key).select_related("connexion_preferences")


def claimant(address: str) -> AbstractBaseUser | None:
    """Who may sign in with this address: its verified holder, else whoever last signed up with it."""
    claim = (
        EmailAddress.objects.filter(email=personas.normalise(address))
        .select_related("user")
        .order_by("-verified", "-pk")
        .first()
    )
    return claim.user if claim else None


def holder(address: str) -> AbstractBaseUser | None:
    """The active person who has verified this address; what is mailed goes to nobody else."""
    found = personas.holder_of(address)
    return found if found and found.is_active else None
