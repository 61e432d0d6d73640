"""Wagtail's permission policies: who, which, this one? `access` answers; this is the adapter (access.md)."""

from collections.abc import Callable, Collection
from typing import Any, cast
from uuid import UUID

from django.db import models
from wagtail.permission_policies.base import BasePermissionPolicy

from connexion_plugin import access
from connexion_plugin.access import Person
from connexion_plugin.models import AdministrativeAct, Collaborator, Organization
from connexion_plugin.models.scope import Everything, Reach

OrganizationOf = Callable[[Any], UUID]


class AdministrationPolicy(BasePermissionPolicy):  # type: ignore[misc]
    """What administrators may do within their organizations, and the operator in all of them.

    A policy alone is not enough (Wagtail's views by id ask only about the model): the scoped manager beside
    it hides every other organization's rows. Nobody has anything before the second factor was shown.
    """

    # Asked several times a row of a list; remembered on the request's own user object.
    permission_cache_name = "_connexion_reach"

    def __init__(
        self,
        model: type[models.Model],
        *,
        administrator: Collection[str],
        operator: Collection[str],
        organization_of: OrganizationOf,
    ) -> None:
        super().__init__(model)
        self.administrator = frozenset(administrator)
        self.operator = frozenset(operator)
        self.organization_of = organization_of

    def get_all_permissions_for_user(self, user: Person) -> Reach:
        return access.reach_of(user)

    def user_has_permission(self, user: Person, action: str) -> bool:
        reach = self._reach(user)
        if reach is Everything.ORGANIZATIONS:
            return action in self.operator
        return bool(reach) and action in self.administrator

    def user_has_any_permission(self, user: Person, actions: Collection[str]) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def user_has_permission_for_instance(self, user: Person, action: str, instance: models.Model) -> bool:
        reach = self._reach(user)
        within = reach is Everything.ORGANIZATIONS or self.organization_of(instance) in cast(
            Collection[UUID], reach
        )
        return within and self.user_has_permission(user, action)

    def users_with_any_permission(self, actions: Collection[str]) -> models.QuerySet[Any]:
        return access.administrators()

    def users_with_any_permission_for_instance(
        self, actions: Collection[str], instance: models.Model
    ) -> models.QuerySet[Any]:
        return access.administrators(self.organization_of(instance))

    def _reach(self, user: Person) -> Reach:
        return cast(Reach, self.get_cached_permissions_for_user(user))


organization_policy = AdministrationPolicy(
    Organization,
    administrator={"change", "view"},
    operator={"add", "change", "view"},  # deleting one is not for a web page: its conversations hang on it
    organization_of=lambda organization: cast(UUID, organization.pk),
)
collaborator_policy = AdministrationPolicy(
    Collaborator,
    administrator={"add", "change", "delete", "view"},
    operator={"add", "change", "delete", "view"},
    organization_of=lambda collaborator: cast(UUID, collaborator.organization_id),
)
act_policy = AdministrationPolicy(
    AdministrativeAct,
    administrator={"view"},
    operator={"view"},  # nobody alters what was done, whoever they are (M6)
    organization_of=lambda act: cast(UUID, act.organization_id),
)
