"""Who collaborates, who administers, and whose organizations a request may see."""

from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, Group, Permission
from django.db.models import Q, QuerySet
from guardian.shortcuts import assign_perm, remove_perm

from connexion_plugin.access.abilities import Person
from connexion_plugin.models import Collaborator, Organization, OrganizationPermission, Persona
from connexion_plugin.models.scope import Everything, Reach

ADMINISTER = "administer_organization"


ADMINISTRATORS = "Connexion administrators"  # the group


def active_enrolments(user: Person, *, persona_id: UUID | None = None) -> list[Collaborator]:
    """The organizations' enrolments that the person's verified addresses stand for.

    Those of `persona_id` (the tab one came from) come first.
    """
    if not user.is_authenticated:
        return []
    held = Persona.unscoped.filter(user=user.pk)
    found = list(
        Collaborator.unscoped.filter(address__in=held.values("address"), status=Collaborator.Status.ACTIVE)
        .select_related("organization")
        .order_by("organization__name", "address")
    )
    if persona_id is not None and len(found) > 1:
        asked = set(held.filter(pk=persona_id).values_list("address", flat=True))
        found.sort(key=lambda enrolment: enrolment.address not in asked)
    return found


def was_enrolled(user: Person) -> bool:
    """Whether an address of the person's is, or was, enrolled by an organization."""
    held = Persona.unscoped.filter(user=user.pk)
    return Collaborator.unscoped.filter(address__in=held.values("address")).exists()


def is_collaborator(user: Person) -> bool:
    return bool(active_enrolments(user))


def organizations_administered_by(user: Person) -> list[UUID]:
    """Ids of the organizations that the person administers by rows of their own; a superuser has none."""
    if not user.is_authenticated or not user.is_active:
        return []
    return list(
        OrganizationPermission.objects.filter(user=user.pk, permission__codename=ADMINISTER).values_list(
            "content_object_id", flat=True
        )
    )


def is_administrator(user: Person) -> bool:
    return bool(organizations_administered_by(user))


def may_administer(user: Person, organization: Organization) -> bool:
    return organization.pk in organizations_administered_by(user)


def is_operator(user: Person) -> bool:
    """A superuser: every organization and its collaborators, and no conversation."""
    return bool(user.is_authenticated and user.is_active and getattr(user, "is_superuser", False))


def reach_of(user: Person) -> Reach:
    """Whose organizations a request of this person may see; nobody's before the second factor was shown."""
    if not (user.is_authenticated and getattr(user, "is_verified", bool)()):
        return ()
    return Everything.ORGANIZATIONS if is_operator(user) else organizations_administered_by(user)


def administrators(organization_id: UUID | None = None) -> QuerySet[Any]:
    """The people who administer the organization, or any; the operators among them."""
    rows = OrganizationPermission.objects.filter(permission__codename=ADMINISTER)
    if organization_id is not None:
        rows = rows.filter(content_object=organization_id)
    return get_user_model()._default_manager.filter(
        Q(pk__in=rows.values("user")) | Q(is_superuser=True), is_active=True
    )


def make_administrator(*, user: AbstractBaseUser, organization: Organization) -> None:
    """The person administers the organization from now on; the portal's conversations stay shut to them."""
    assign_perm(ADMINISTER, user, organization)
    _administrators_group().user_set.add(user.pk)


def revoke_administrator(*, user: AbstractBaseUser, organization: Organization) -> None:
    remove_perm(ADMINISTER, user, organization)
    if not is_administrator(user):
        _administrators_group().user_set.remove(user.pk)


def _administrators_group() -> Group:
    """Opens Wagtail's admin, and nothing in it: what there is to see comes from the policies."""
    group, _ = Group.objects.get_or_create(name=ADMINISTRATORS)
    door = Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
    group.permissions.add(door)
    return group
