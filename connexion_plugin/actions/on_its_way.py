"""What is on its way into the storage of documents, and has yet to be written there (spec D2; goals.md, row 4).

All of it is to find room above the floor of free space. A form that is stopped there has come for nothing, so what it
has yet to write is kept free for it. An upload by pieces goes on later: it waits for the forms.
"""

from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import Storage
from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone

from connexion_plugin.clocks import BETWEEN_CLOCKS
from connexion_plugin.conf import settings
from connexion_plugin.documents.limits import has_disk
from connexion_plugin.models import Reservation, StorageMark, Upload

RESERVED = timedelta(minutes=10)  # renewed every minute in which bytes come (`form_room.RENEWED_SECONDS`)


def live_reservations(now: datetime) -> "QuerySet[Reservation]":
    """What ends later than any could was taken by a clock that ran ahead."""
    return Reservation.unscoped.filter(Q(ends_at__gt=now) & Q(ends_at__lte=now + RESERVED + BETWEEN_CLOCKS))


def promised_to_forms(storage: Storage) -> int:
    """How many bytes of its disk are kept free for the forms that are coming in."""
    if not has_disk(storage):
        return 0
    return total_bytes(live_reservations(timezone.now()), "unwritten")


def yet_to_come(storage: Storage) -> int:
    """The same, and what uploads by pieces have yet to bring whose bytes came lately. One that was left alone may be
    gone on with for days, and keeps nobody out."""
    if not has_disk(storage):
        return 0
    now = timezone.now()
    lately = now + timedelta(days=settings.upload_days) - RESERVED  # `uploads.expiry`
    going_on = Upload.unscoped.filter(Q(expires_at__gt=lately) | Q(leased_until__gt=now), completed_at=None)
    return total_bytes(live_reservations(now), "unwritten") + total_bytes(going_on, F("length") - F("offset"))


def lock_disk(storage: Storage) -> None:
    """Forms that begin at once are counted one after the other, whoever they are of. The last of the locks."""
    if has_disk(storage):
        StorageMark.objects.select_for_update(no_key=True).get_or_create(number=1)


def total_bytes(rows: "QuerySet[Reservation] | QuerySet[Upload]", what: Any = "length") -> int:
    return int(rows.aggregate(total=Sum(what))["total"] or 0)
