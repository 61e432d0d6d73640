"""One request at a time brings bytes to an upload: a lease in its row (spec D2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from connexion_plugin import exceptions
from connexion_plugin.clocks import BETWEEN_CLOCKS
from connexion_plugin.conf import settings
from connexion_plugin.models import Upload
from connexion_plugin.prepared import PlannedOnce, PreparedUpdate

RELEASED: dict[str, Any] = {"lease": None, "leased_until": None}


def claim(upload: Upload, offset: int) -> UUID:
    """The lease. Raises UploadBusy while somebody else's lives, OffsetMismatch, UploadGone."""
    lease, free = uuid4(), is_free(timezone.now())
    rows = Upload.unscoped.filter(pk=upload.pk, completed_at=None)
    with _without_waiting():
        is_mine = rows.filter(free, offset=offset).update(lease=lease, leased_until=lease_end())
    if is_mine:
        if upload.offset != offset:
            # Another request has brought it further since the view read the row; each state has its own offset.
            upload.refresh_from_db(
                fields=["offset", "state_sealed", "tail"], from_queryset=Upload.unscoped.all()
            )
        return lease
    if not rows.exists():
        if Upload.unscoped.filter(pk=upload.pk).exists():
            # Another client has just brought it to its end: whoever asks where it stands learns so.
            raise exceptions.OffsetMismatch
        raise exceptions.UploadGone
    if rows.exclude(free).exists():
        raise exceptions.UploadBusy
    raise exceptions.OffsetMismatch


def is_free(now: datetime) -> Q:
    """Nobody brings bytes to it. A lease that ends later than any could was taken by a clock that ran ahead."""
    return Q(lease=None) | Q(leased_until__lte=now) | Q(leased_until__gt=lease_end() + BETWEEN_CLOCKS)


def holds(upload: UUID, lease: UUID) -> bool:
    """Whether this upload is there still, and this lease its own."""
    return bool(_held(upload=upload, lease=lease))


def renew(upload: UUID, lease: UUID) -> bool:
    """The same, and it lasts from now on."""
    return bool(_renewed(upload=upload, lease=lease, until=lease_end()))


@PlannedOnce
def _held(upload: Any, lease: Any) -> QuerySet[Any, Any]:
    return Upload.unscoped.filter(pk=upload, lease=lease).values_list("pk")


@PreparedUpdate
def _renewed(upload: Any, lease: Any, until: Any) -> tuple[QuerySet[Any], dict[str, Any]]:
    return Upload.unscoped.filter(pk=upload, lease=lease), {"leased_until": until}


@contextmanager
def _without_waiting() -> Iterator[None]:
    """A transaction that no disk is awaited for: a lease that a crash of PostgreSQL undoes is found lost, as any."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit = off")
        yield


def lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.upload_lease_seconds)
