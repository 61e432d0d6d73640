"""Which document a worker reads next, for its digest and for the scanner (spec D4, D5).

As with mails: a lease is a token on the row and moves `check_due_at` to the lease's end, so that what a
killed worker held is due again by itself. It is short, and renewed while the worker lives.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Count, F, Min, Q, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from connexion_plugin.clocks import BETWEEN_CLOCKS
from connexion_plugin.conf import settings
from connexion_plugin.models import Attachment

SCAN = "connexion_plugin.tasks.scan_documents"
LEASE = timedelta(seconds=60)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)
# While the scanner is down: a quarter of the time that it has been, within these.
OUTAGE_PAUSES = timedelta(seconds=15), timedelta(minutes=5)

Scan = Attachment.Scan
# Read before, and let through: what is due of these is read once more for its damage alone (`rereading`).
_READ_BEFORE = Q(scan__in=[Scan.CLEAN, Scan.NOT_SCANNED]) & ~Q(digest_sealed=b"")


class LeaseLost(Exception):
    """Another worker has the document, or it is gone."""


def wake() -> None:
    """Ask the queue for a run; no arguments, no result."""
    async_task(SCAN, save=False)


def wake_on_commit(since: datetime) -> None:
    """One waiting wake is enough: whoever posted the older document that still waits has woken the worker."""

    def wake_unless_waiting() -> None:
        older = Attachment.unscoped.filter(check_due_at__lt=since, check_lease=None)
        if not older.exists():
            wake()

    transaction.on_commit(wake_unless_waiting, robust=True)


def first_state() -> Scan:
    """Of a document that is posted now."""
    return Scan.WAITING if settings.scanner else Scan.NOT_SCANNED


def take_up() -> None:
    """Where scanning was turned on: what was posted before is withheld (`access.may_fetch`) and waits."""
    if settings.scanner:
        Attachment.unscoped.filter(scan=Scan.NOT_SCANNED).update(
            scan=Scan.WAITING, check_due_at=timezone.now(), check_lease=None
        )


def claim(*, only_again: bool = False) -> Attachment | None:
    """The document that is due longest, for this worker alone; None when nothing is, or enough are read.

    `only_again` leaves out what needs the scanner.

    One short transaction. How many are read at once is counted without a lock: two workers that ask in the
    same instant may be one too many, which costs some time of the queue and nothing else.
    """
    now, token = timezone.now(), uuid4()
    with transaction.atomic():
        if _held().count() >= settings.scans_at_once:
            return None
        key = _oldest(_due(now).select_for_update(skip_locked=True), only_again=only_again)
        if key is None or not _due(now).filter(pk=key).update(
            check_lease=token, check_due_at=now + LEASE, check_tries=F("check_tries") + 1
        ):
            return None
    return Attachment.unscoped.select_related("message").filter(check_lease=token).first()


def renew(attachment: Attachment) -> None:
    """The worker lives. Raises LeaseLost."""
    if not held(attachment).update(check_due_at=timezone.now() + LEASE):
        raise LeaseLost


def held(attachment: Attachment) -> QuerySet[Attachment]:
    """The row, if this worker's lease on it still holds."""
    return Attachment.unscoped.filter(pk=attachment.pk, check_lease=attachment.check_lease)


def postpone(attachment: Attachment) -> None:
    """Something about this document failed: after a pause that doubles with every try."""
    pause = min(FIRST_PAUSE * 2 ** min(attachment.check_tries - 1, 10), LONGEST_PAUSE)
    held(attachment).update(check_lease=None, check_due_at=timezone.now() + pause)


def put_back(attachment: Attachment) -> None:
    """The scanner or the storage failed, and not the document: this try does not count."""
    now = timezone.now()
    least, most = OUTAGE_PAUSES
    pause = min(max((now - attachment.message.posted_at) / 4, least), most)
    held(attachment).update(
        check_lease=None, check_due_at=now + pause, check_tries=max(attachment.check_tries - 1, 0)
    )


def again(states: Sequence[Scan]) -> int:
    """Documents of these states are read anew; returns how many."""
    return Attachment.unscoped.filter(scan__in=states).update(
        scan=first_state(), check_due_at=timezone.now(), check_lease=None, check_tries=0
    )


def read_again(conversation_id: UUID, *, apart_from: UUID) -> None:
    """What was read before of this conversation is due once more, for its damage; and the worker is woken."""
    read = Attachment.unscoped.filter(_READ_BEFORE, message__conversation=conversation_id, check_due_at=None)
    if read.exclude(pk=apart_from).update(check_due_at=timezone.now(), check_lease=None, check_tries=0):
        wake()


def is_read_again(attachment: Attachment) -> bool:
    """Whether a claimed document is due for its damage alone."""
    return attachment.scan in {Scan.CLEAN, Scan.NOT_SCANNED} and bool(attachment.digest_sealed)


def to_be_read_again(conversation_id: UUID) -> QuerySet[Attachment]:
    """What `read_again` asked for and nobody has read yet."""
    due = Attachment.unscoped.filter(_READ_BEFORE, message__conversation=conversation_id)
    return due.exclude(check_due_at=None)


def counts() -> dict[Scan, int]:
    """How many documents are in each state."""
    found = dict(Attachment.unscoped.order_by().values_list("scan").annotate(Count("pk")))
    return {state: found.get(state, 0) for state in Scan}


def waiting_since() -> datetime | None:
    """When the oldest document that is still to be read was posted."""
    waiting = Attachment.unscoped.filter(check_due_at__isnull=False).exclude(_READ_BEFORE)
    oldest: datetime | None = waiting.aggregate(oldest=Min("message__posted_at"))["oldest"]
    return oldest


def is_due() -> bool:
    """Whether a worker could begin with a document now; or has to take up what was never scanned."""
    return oldest_due() is not None or bool(
        settings.scanner and Attachment.unscoped.filter(scan=Scan.NOT_SCANNED).exists()
    )


def oldest_due() -> UUID | None:
    """What should have been begun longest ago; None while as many are read as may be."""
    if _held().count() >= settings.scans_at_once:
        return None
    return _oldest(_due(timezone.now()))


def _oldest(due: QuerySet[Attachment], *, only_again: bool = False) -> UUID | None:
    """First what nobody can fetch before it is read, then what is read again."""
    keys = due.order_by("check_due_at", "pk").values_list("pk", flat=True)
    first = None if only_again else keys.exclude(_READ_BEFORE).first()
    return first or keys.filter(_READ_BEFORE).first()


def _due(moment: datetime) -> QuerySet[Attachment]:
    # What is put off for longer than any pause was so by a clock that ran ahead.
    ahead = Q(check_due_at__gt=moment + LONGEST_PAUSE + BETWEEN_CLOCKS)
    return Attachment.unscoped.filter(Q(check_due_at__lte=moment) | ahead)


def _held() -> QuerySet[Attachment]:
    now = timezone.now()
    held = Attachment.unscoped.filter(check_due_at__gt=now, check_lease__isnull=False)
    return held.filter(check_due_at__lte=now + LEASE + BETWEEN_CLOCKS)
