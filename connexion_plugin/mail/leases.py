"""Who carries which mail. A lease is a token on the row, and moves `due_at` to the lease's end: what a
killed worker held is due again by itself, and the sweep for it is the same query as for everything due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from connexion_plugin.clocks import BETWEEN_CLOCKS
from connexion_plugin.mail import bounces
from connexion_plugin.mail.outbox import GIVE_UP_AFTER
from connexion_plugin.models import Mail, Notice, SeatNotice
from connexion_plugin.prepared import PreparedUpdate
from connexion_plugin.sealing import destruction

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
MARGIN_SECONDS = 10  # a task's own time (delivery.TASK_SECONDS), twice
SMTP_STEPS = 5  # MAIL, RCPT, DATA, the text, RSET: each may take the whole time-out


@dataclass(frozen=True)
class Oldest:
    """The row that has waited longest; `id` tells whether it is the one seen before."""

    id: UUID
    due_at: datetime


def lease_duration() -> timedelta:
    """Longer than a worker can spend on a batch: its time for a task, and one mail that hangs."""
    return timedelta(seconds=MARGIN_SECONDS + SMTP_STEPS * (settings.EMAIL_TIMEOUT or 20))


def claim(limit: int) -> list[Mail]:
    """Take the oldest mails that are due, for this worker alone until the lease ends.

    One short transaction; by then nothing else may be open, since SMTP follows. `SKIP LOCKED` where the
    database has it; the update is conditional all the same.
    """
    now, token = timezone.now(), uuid4()
    due = Mail.unscoped.filter(state=Mail.State.WAITING, due_at__lte=now)
    with transaction.atomic():
        ids = list(
            due.order_by("due_at").select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit]
        )
        if not ids:
            return []
        due.filter(pk__in=ids).update(lease=token, due_at=now + lease_duration())
        return list(Mail.unscoped.filter(lease=token))


def settle(mail: Mail, state: Mail.State, *, fault: str = "") -> bool:
    """It is sent, refused for good or no longer due; its secrets go. False when the lease was lost meanwhile.

    Whoever lost it has told the truth all the same: a sent mail stays sent, whatever the other one thinks.
    """
    is_sent = state == Mail.State.SENT
    if is_sent and mail.epoch_id is None:
        return bool(_note_sent(mail=mail.pk, at=timezone.now()))
    settled = Mail.unscoped.filter(pk=mail.pk, state=Mail.State.WAITING) if is_sent else _held(mail)
    changes: dict[str, Any] = {"state": state, "fault": fault, "lease": None, "tries": F("tries") + 1}
    if is_sent:
        changes["sent_at"] = timezone.now()
    if mail.epoch_id is not None:
        changes |= {"payload_sealed": b"", "key": b"", "epoch": None}
    is_settled = bool(settled.update(**changes))
    if is_settled and state == Mail.State.REFUSED:
        bounces.note(mail, code=fault, at=timezone.now())
    return is_settled


@PreparedUpdate
def _note_sent(mail: Any, at: Any) -> tuple[QuerySet[Mail], dict[str, Any]]:
    """A mail without secrets, which nearly all are: one of thousands, each settled by itself."""
    changes = {"state": Mail.State.SENT, "fault": "", "lease": None, "tries": F("tries") + 1, "sent_at": at}
    return Mail.unscoped.filter(pk=mail, state=Mail.State.WAITING), changes


def postpone(mail: Mail, *, fault: str) -> bool:
    """Try again after a pause that doubles up to an hour; refused once it has been tried for days, by a clock
    that is trusted."""
    now = timezone.now()
    if mail.created_at + GIVE_UP_AFTER <= destruction.certain_moment(now):
        return settle(mail, Mail.State.REFUSED, fault=fault)
    pause = min(FIRST_PAUSE * 2 ** min(mail.tries, 10), LONGEST_PAUSE)
    return bool(_held(mail).update(lease=None, due_at=now + pause, tries=F("tries") + 1, fault=fault))


def bring_back() -> int:
    """What a clock that ran ahead has put off for longer than any pause or lease is due now; returns how many."""
    now = timezone.now()
    longest = max(LONGEST_PAUSE, lease_duration()) + BETWEEN_CLOCKS
    ahead = Mail.unscoped.filter(state=Mail.State.WAITING, due_at__gt=now + longest)
    return ahead.update(lease=None, due_at=now)


def release(mails: Sequence[Mail]) -> None:
    """Hand back what was not tried, at the age that it had."""
    if mails:
        ids, lease = [mail.pk for mail in mails], mails[0].lease
        Mail.unscoped.filter(pk__in=ids, lease=lease).update(lease=None, due_at=F("created_at"))


def oldest_due() -> Oldest | None:
    """What should have moved longest ago: a mail that is due, or a notice without a mail. For the worker."""
    now = timezone.now()
    mail = Mail.unscoped.filter(state=Mail.State.WAITING, due_at__lte=now).order_by("due_at").first()
    notice = Notice.unscoped.filter(mail=None, settled_at=None).order_by("created_at").first()
    told = SeatNotice.unscoped.filter(mail=None, settled_at=None).order_by("created_at").first()
    candidates = [Oldest(mail.pk, mail.due_at)] if mail else []
    candidates += [Oldest(told.pk, told.created_at)] if told else []
    candidates += [Oldest(notice.pk, notice.created_at)] if notice else []
    return min(candidates, key=lambda oldest: oldest.due_at, default=None)


def _held(mail: Mail) -> QuerySet[Mail]:
    return Mail.unscoped.filter(pk=mail.pk, lease=mail.lease, state=Mail.State.WAITING)
