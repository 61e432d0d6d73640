"""Organizations come into being by the site operator's hand; their administrators set their policies (spec M6)."""

from collections.abc import Collection

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from connexion_plugin.actions.record import append_act
from connexion_plugin.models import AdministrativeAct, Organization

Verb = AdministrativeAct.Verb


def found_organization(*, name: str, language: str) -> tuple[Organization, bool]:
    """The organization of this name, and whether it was made just now. One transaction."""
    with transaction.atomic():
        organization, is_new = Organization.unscoped.get_or_create(name=name, defaults={"language": language})
        if is_new:
            append_act(organization=organization, verb=Verb.FOUNDED, by=None)
    return organization, is_new


def add_organization(*, organization: Organization, by: AbstractBaseUser | None) -> Organization:
    """Saves a new one as the operator has filled it in. One transaction."""
    with transaction.atomic():
        organization.save(force_insert=True)
        append_act(organization=organization, verb=Verb.FOUNDED, by=by)
    return organization


def set_policies(
    *, organization: Organization, fields: Collection[str], by: AbstractBaseUser | None
) -> dict[str, list[str]]:
    """Writes these fields of the organization, and no other. Returns those that differ: old value and new.

    One transaction, under the lock of the organization, so that the old value is the one that was replaced.
    """
    with transaction.atomic():
        before = Organization.unscoped.select_for_update(no_key=True).get(pk=organization.pk)
        changes = {
            field: [str(getattr(before, field)), str(getattr(organization, field))]
            for field in fields
            if getattr(before, field) != getattr(organization, field)
        }
        if changes:
            organization.save(update_fields=list(changes))
            append_act(organization=organization, verb=Verb.POLICIES_SET, by=by, details={"changes": changes})
    return changes
