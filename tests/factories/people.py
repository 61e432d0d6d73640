"""Accounts with verified addresses, as sign-up and confirmation leave them behind."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model

from connexion_plugin import personas
from connexion_plugin.actions.personas import take_up_address

PASSWORD = "un-mot-de-passe-tout-a-fait-long"


def make_person(name: str, *addresses: str, language: str = "fr", **fields: Any) -> Any:
    """An account called `name` ("Bob Gagnon"), its addresses verified, the first of them primary.

    Without addresses it gets one at example.org, so that everybody can sign in. `fields` are the user's.
    """
    first, _, last = name.partition(" ")
    user = get_user_model()._default_manager.create_user(
        username=first.lower(), password=PASSWORD, first_name=first, last_name=last, **fields
    )
    for address in addresses or (f"{first.lower()}@example.org",):
        verify_address(user, address)
    personas.remember_language(user, language)
    return user


def verify_address(user: Any, address: str) -> Any:
    """The person has typed the code that was sent to this address: it is a persona now."""
    primary = not EmailAddress.objects.filter(user=user).exists()
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=primary)
    return take_up_address(user=user, address=address)
