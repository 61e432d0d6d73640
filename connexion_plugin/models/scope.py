"""Managers that refuse: guarded rows are reached through `access`, or not at all (access.md).

A context variable says whose rows may be read. Nothing declared: a queryset that raises when it is
*evaluated*, not when it is built (or `manage.py check` and URL loading would break). Silence instead
would let `validate_unique` pass and `dumpdata` write an empty file.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Generic, NoReturn, TypeVar
from uuid import UUID

from django.db import models

from connexion_plugin.exceptions import UnscopedRead

SYSTEM = "system"
OrganizationIds = Callable[[], Iterable[UUID]]

_scope: ContextVar[str | OrganizationIds | None] = ContextVar("connexion_scope", default=None)
Row = TypeVar("Row", bound=models.Model)


@contextmanager
def system_scope() -> Iterator[None]:
    """Everything, for tasks and commands that have said so."""
    token = _scope.set(SYSTEM)
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def organizations_scope(ids: OrganizationIds) -> Iterator[None]:
    """The rows of some organizations. `ids` is called when a queryset is built, never for nothing."""
    token = _scope.set(ids)
    try:
        yield
    finally:
        _scope.reset(token)


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
        if _scope.get() == SYSTEM:
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
        if scope == SYSTEM:
            return super().get_queryset()
        assert not isinstance(scope, str)
        ids = list(scope())
        if not ids:
            return super().get_queryset().none()
        return super().get_queryset().filter(**{f"{self.path}__in": ids})


class UnscopedManager(models.Manager[Row], Generic[Row]):
    """Every row. For `access`, the services and the verbs; never for a door (a test reads their source)."""
