"""Accounts that the site's operator vouches for: the first ones, before any mail can go out (access.md)."""

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from connexion_plugin import exceptions, personas
from connexion_plugin.actions.personas import take_up_address

# Letters and digits that nobody confuses when a user name is read over the telephone.
UNAMBIGUOUS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_user_name() -> str:
    """Out of nothing: one made of the address could be guessed from it."""
    return "c-" + "".join(secrets.choice(UNAMBIGUOUS) for _ in range(8))


@transaction.atomic
def open_account(
    *, address: str, password: str | None, language: str, user_name: str = "", is_superuser: bool = False
) -> Any:
    """An account that may sign in at once. Without a password it chooses one by *Forgotten password*.

    Raises AddressTaken when another account has confirmed the address.
    """
    user: Any = get_user_model()()
    setattr(user, user.USERNAME_FIELD, user_name or new_user_name())
    if is_superuser:
        user.is_superuser = user.is_staff = True
    user.set_password(password)  # None makes it unusable
    user.save()
    personas.remember_language(user, language)
    vouch_for_address(user=user, address=address)
    return user


@transaction.atomic
def vouch_for_address(*, user: AbstractBaseUser, address: str) -> None:
    """The address counts as confirmed, and what waited for it is there. Idempotent. Raises AddressTaken."""
    personas.locked([address])
    holder = personas.holder_of(address)
    if holder is not None and holder.pk != user.pk:
        raise exceptions.AddressTaken
    personas.mark_verified(user, address)
    take_up_address(user=user, address=address)


def account_of(login: str) -> AbstractBaseUser | None:
    """By user name, or by confirmed address."""
    if "@" in login:
        return personas.holder_of(login)
    users = get_user_model()
    return users._default_manager.filter(**{users.USERNAME_FIELD: login}).first()
