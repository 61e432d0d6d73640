"""Verified addresses: allauth's are the truth, personas are the rows that the product hangs on them (spec I2, I3)."""

from collections.abc import Iterable, Mapping

import idna
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from connexion_plugin.models import Persona, Preferences

LONGEST_ADDRESS = 254
Person = AbstractBaseUser | AnonymousUser


def normalise(address: str) -> str:
    """The form in which an address is stored and compared: no surrounding space, lower case, and the domain as
    the mail servers know it (`xn--…`, IDNA 2008; the older rules take « straße » for « strasse »)."""
    address = address.strip().lower()
    local, at, domain = address.rpartition("@")
    if not at or domain.isascii():
        return address
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        return address


def is_address(text: str) -> bool:
    """Whether this can be an e-mail address, and is stored as one: by the mail servers' form of its domain, which may
    be longer than what was typed, or not exist."""
    stored = normalise(text)
    try:
        validate_email(stored)
    except ValidationError:
        return False
    is_known_to_servers = stored.rpartition("@")[2].isascii()
    return is_known_to_servers and max(len(text), len(stored)) <= LONGEST_ADDRESS


def of(user: Person) -> list[Persona]:
    """The person's personas, in the order of the tabs."""
    return list(Persona.unscoped.filter(user=user.pk).order_by("address"))


def addresses_of(user: Person) -> list[str]:
    """Of the person's personas."""
    return [persona.address for persona in of(user)]


def verified_addresses(user: Person) -> list[str]:
    """What allauth has verified for this person, normalised."""
    return sorted(
        normalise(address)
        for address in EmailAddress.objects.filter(user=user.pk, verified=True).values_list(
            "email", flat=True
        )
    )


def holder_of(address: str) -> AbstractBaseUser | None:
    """The account that has verified this address."""
    row = EmailAddress.objects.filter(email=normalise(address), verified=True).select_related("user").first()
    return row.user if row else None


def mark_verified(user: AbstractBaseUser, address: str) -> None:
    """What typing the code does to allauth's rows: whoever else merely claims the address loses the claim.

    In the caller's transaction, under the lock of the persona, and nobody else has verified it.
    """
    address = normalise(address)
    is_first = not EmailAddress.objects.filter(user_id=user.pk, primary=True).exists()
    EmailAddress.objects.update_or_create(
        user_id=user.pk,
        email=address,
        defaults={"verified": True},
        create_defaults={"verified": True, "primary": is_first},
    )
    EmailAddress.objects.filter(email=address, verified=False).delete()


def locked(
    addresses: Iterable[str], *, language: str = "fr", languages: Mapping[str, str] | None = None
) -> dict[str, Persona]:
    """The rows of these addresses, locked, those nobody has seen before made in `language`, or their own.

    In the caller's transaction, and before any conversation is locked: verifying an address and inviting
    it must meet at this row, or an invitation could miss the verification that is being committed (I3).
    """
    wanted = sorted({normalise(address) for address in addresses})
    Persona.unscoped.bulk_create(
        [Persona(address=row, language=(languages or {}).get(row, language)) for row in wanted],
        ignore_conflicts=True,
    )
    # What only names one in a foreign key waits for nobody: it may hold a conversation that the other waits for.
    rows = Persona.unscoped.select_for_update(no_key=True).filter(address__in=wanted).order_by("id")
    return {row.address: row for row in rows}


def language_of(persona: Persona) -> str:
    """In which language its reader is written to: the account's, else the one chosen at the invitation."""
    if persona.user_id is None:
        return persona.language
    chosen = Preferences.objects.filter(user_id=persona.user_id).values_list("language", flat=True).first()
    return chosen or persona.language


def disagreements() -> list[str]:
    """Where personas and allauth's verified addresses differ; `connexion_verify` reports them."""
    verified = {
        (normalise(email), user_id)
        for email, user_id in EmailAddress.objects.filter(verified=True).values_list("email", "user_id")
    }
    held = set(Persona.unscoped.exclude(user=None).values_list("address", "user_id"))
    return [
        *(
            f"{address}: verified by account {user}, and not its persona"
            for address, user in sorted(verified - held)
        ),
        *(
            f"{address}: persona of account {user}, and not verified"
            for address, user in sorted(held - verified)
        ),
    ]


@transaction.atomic
def remember_language(user: AbstractBaseUser, language: str) -> None:
    """Each account remembers its language."""
    Preferences.objects.update_or_create(user_id=user.pk, defaults={"language": language})


def remember_rows(user: Person, rows: int) -> None:
    """How many conversations the inbox shows on a page (spec B5)."""
    if user.is_authenticated:
        Preferences.objects.update_or_create(user_id=str(user.pk), defaults={"rows_a_page": rows})
