"""Managers that refuse: guarded rows are reached through `access`, or not at all (access.md).

A context variable says whose rows may be read. Nothing declared: a queryset that raises when it is
*evaluated*, not when it is built (or `manage.py check` and URL loading would break). Silence instead
would let `validate_unique` pass and `dumpdata` write an empty file.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from typing import Any, Generic, NoReturn, TypeVar
from uuid import UUID

from django.db import models

from connexion_plugin.exceptions import UnscopedRead


class Everything(Enum):
    """Whose rows, where a list of organizations does not say it."""

    SYSTEM = "system"
    # The operator's: every organization and its collaborators, and no conversation at all.
    ORGANIZATIONS = "organizations"


Reach = Collection[UUID] | Everything
AskForReach = Callable[[], Reach]

_scope: ContextVar[AskForReach | None] = ContextVar("connexion_scope", default=None)
Row = TypeVar("Row", bound=models.Model)


@contextmanager
def organizations_scope(reach: AskForReach) -> Iterator[None]:
    """The rows of some organizations, or of all. `reach` is called when a queryset is built, never for nothing."""
    token = _scope.set(reach)
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def system_scope() -> Iterator[None]:
    """Everything, for tasks and commands that have said so."""
    with organizations_scope(lambda: Everything.SYSTEM):
        yield


class RefusingQuerySet(models.QuerySet[Row]):
    """Can be built and filtered, cannot be evaluated."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise UnscopedRead(
            f"{self.model.__name__} was read with no scope declared: go through connexion_plugin.access."
        )

    _fetch_all = _refuse
    iterator = _refuse
    aiterator = _refuse
    count = _refuse
    exists = _refuse
    aggregate = _refuse
    update = _refuse
    delete = _refuse
    in_bulk = _refuse
    explain = _refuse


class GuardedManager(models.Manager[Row], Generic[Row]):
    """Conversation data: readable in the system scope only; `access` has its own way (`unscoped`)."""

    def get_queryset(self) -> models.QuerySet[Row]:
        scope = _scope.get()
        if scope is not None and scope() is Everything.SYSTEM:
            return super().get_queryset()
        return RefusingQuerySet(self.model, using=self._db)


class OrganizationScopedManager(models.Manager[Row], Generic[Row]):
    """What belongs to an organization: filtered by the scope of the current request.

    `path` leads from the model to the organization's key.
    """

    def __init__(self, path: str = "organization_id") -> None:
        super().__init__()
        self.path = path

    def get_queryset(self) -> models.QuerySet[Row]:
        scope = _scope.get()
        if scope is None:
            return RefusingQuerySet(self.model, using=self._db)
        reach = scope()
        if isinstance(reach, Everything):
            return super().get_queryset()
        if not reach:
            return super().get_queryset().none()
        return super().get_queryset().filter(**{f"{self.path}__in": list(reach)})


class UnscopedManager(models.Manager[Row], Generic[Row]):
    """Every row. For `access`, the services and the verbs; never for a door (a test reads their source)."""
