"""The outbox: what verbs call. A row is written with what causes it; the worker carries it (spec N3)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, ExpressionWrapper, Func, QuerySet, UUIDField, Value
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone
from django_q.tasks import async_task

from connexion_plugin.models import Mail, Message, Notice, Participation, SeatNotice
from connexion_plugin.prepared import Prepared
from connexion_plugin.sealing import keys, records, text
from connexion_plugin.statements import Statement, insertion_of, together

# How long a mail is tried; an SMTP server that is down for a day loses none. What is secret in it is sealed
# under the day on which trying ends.
GIVE_UP_AFTER = timedelta(days=5)
DELIVER = "connexion_plugin.tasks.deliver"


@dataclass(frozen=True)
class Letter:
    """One of many mails of a kind. Its id is its writer's choice: a letter that stands already is not doubled."""

    id: UUID
    to: str = field(repr=False)
    language: str
    payload: dict[str, str] = field(repr=False)


def enqueue(*, kind: Mail.Kind, to: str, language: str, payload: dict[str, str]) -> Mail:
    """Write one mail into the outbox; `payload` is what `rendering` needs for this kind, and is sealed.

    Part of the caller's transaction: rolled back with it, sent only after its commit.
    """
    now = timezone.now()
    with transaction.atomic():
        epoch = keys.open_epoch(organization_id=None, day=keys.day_of(now + GIVE_UP_AFTER))
        mail = _sealed(Letter(id=uuid4(), to=to, language=language, payload=payload), kind, epoch, now)
        Mail.unscoped.bulk_create([mail])
        wake_on_commit(now)
    return mail


def enqueue_each(*, kind: Mail.Kind, letters: Iterable[Letter]) -> None:
    """The same for many, in one statement; those whose id is in the outbox already are left as they are."""
    now = timezone.now()
    with transaction.atomic():
        epoch = keys.open_epoch(organization_id=None, day=keys.day_of(now + GIVE_UP_AFTER))
        mails = [_sealed(letter, kind, epoch, now) for letter in letters]
        if mails:
            Mail.unscoped.bulk_create(mails, ignore_conflicts=True)
            wake_on_commit(now)


def read_payload(mail: Mail) -> dict[str, str]:
    """What `enqueue` was given. Raises KeyGone when its day is over, Tampered when it was altered."""
    if mail.epoch_id is None:
        return {}
    key = keys.unwrap(epoch_id=mail.epoch_id, wrapped=mail.key, context=_context(mail, "key"))
    payload: dict[str, str] = json.loads(
        text.unseal(key=key, sealed=mail.payload_sealed, context=_context(mail, "payload"))
    )
    return payload


def queue_notices(*, message: Message, participations: Iterable[Participation]) -> None:
    """Write down that this message is due to these seats; the worker makes mails of it (`gathering`).

    Part of the caller's transaction; one statement, and no row brought here, whatever their number. A seat that
    already has its notice of this message (removed, then invited again) keeps it, and gets no second one.
    """
    now = timezone.now()
    seats = Participation.unscoped.filter(pk__in=[seat.pk for seat in participations])
    due = _due(seats, Value(message.pk, UUIDField()), Value(now, DateTimeField()))
    selection = due.query.sql_with_params()
    if together(insertion_of(selection, Notice, WRITTEN, unless_it_stands=True))[0]:
        wake_on_commit(now)


def notices_of(*, message: Message, now: datetime) -> Statement[int]:
    """The same for every living seat of the conversation but the sender's: a statement to be sent with others.

    The message is new, and no seat has its notice of it: PostgreSQL need not look twice for each of 5,000.
    Whoever sends it with `older_waiting` calls `wake_on_commit(now, older_waits=…)` when it has written any.
    """
    selection = _due_to_others.statement(
        conversation=message.conversation_id, sender=message.sender_id, message=message.pk, now=now
    )
    return insertion_of((selection.sql, selection.parameters), Notice, WRITTEN)


@Prepared
def _due_to_others(conversation: Any, sender: Any, message: Any, now: Any) -> QuerySet[Any, Any]:
    readers = Participation.unscoped.filter(conversation=conversation, seat__in=Participation.LIVING)
    typed = ExpressionWrapper(message, UUIDField()), ExpressionWrapper(now, DateTimeField())
    return _due(readers.exclude(pk=sender), *typed)


WRITTEN = ("id", "message", "participation", "created_at")


def _due(seats: QuerySet[Participation], message: Any, now: Any) -> QuerySet[Any, Any]:
    """What a notice's row holds (`WRITTEN`), for each of the seats."""
    return seats.order_by().values_list(NewId(), message, "pk", now)


_three = "SUBSTR(HEX(RANDOMBLOB(2)), 2)"


class NewId(Func):
    """A random UUID of version 4 that the database makes: one for each row of a selection."""

    function = "GEN_RANDOM_UUID"
    template = "%(function)s()"
    arity = 0
    output_field = UUIDField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        variant = "SUBSTR('89ab', 1 + (RANDOM() & 3), 1)"
        digits = f"HEX(RANDOMBLOB(6)) || '4' || {_three} || {variant} || {_three} || HEX(RANDOMBLOB(6))"
        return self.as_sql(compiler, connection, template=f"LOWER({digits})", **context)


def prepare_epochs() -> None:
    """Make the keys that today's and tomorrow's mails are sealed by, so that no request waits for one."""
    for days in (0, 1):
        keys.ensure_epoch(
            organization_id=None, day=keys.day_of(timezone.now() + GIVE_UP_AFTER + timedelta(days=days))
        )


def wake() -> None:
    """Ask the queue for a delivery. No arguments go with it, no result stays: the rows are the truth."""
    async_task(DELIVER, save=False)


def wake_on_commit(since: datetime, *, older_waits: bool | None = None) -> None:
    """One waiting wake is enough: whoever wrote the older row that still waits has woken the worker.

    `older_waits` is what a verb was told that asked in its transaction, to spare the way to the database and back.
    A worker that took the last older row in between, and has looked for more before the commit, is woken by its own
    next look, seconds later.
    """

    def wake_unless_waiting() -> None:
        waits = together(older_waiting(since))[0] if older_waits is None else older_waits
        if not waits:
            wake()

    # Robust: a queue that is down must not make an error of what is committed; the worker looks by itself.
    transaction.on_commit(wake_unless_waiting, robust=True)


# By the partial indexes of the three. Written out: whoever posts waits for the answer, and for its writing too.
NOTICE, MAIL, SEAT_NOTICE = (model._meta.db_table for model in (Notice, Mail, SeatNotice))
OLDER_IS_WAITING = f"""
SELECT EXISTS (SELECT 1 FROM {NOTICE} WHERE mail_id IS NULL AND settled_at IS NULL AND created_at < %s)
    OR EXISTS (SELECT 1 FROM {MAIL} WHERE state = 'waiting' AND lease IS NULL AND due_at < %s)
    OR EXISTS (SELECT 1 FROM {SEAT_NOTICE} WHERE mail_id IS NULL AND settled_at IS NULL AND created_at < %s)
"""


def older_waiting(since: datetime) -> Statement[bool]:
    """Whether something waits that was written before `since`."""
    moment = connection.ops.adapt_datetimefield_value(since)
    return Statement(OLDER_IS_WAITING, [moment] * 3, lambda cursor: bool(cursor.fetchone()[0]))


def _sealed(letter: Letter, kind: Mail.Kind, epoch: keys.OpenEpoch, now: datetime) -> Mail:
    mail = Mail(id=letter.id, kind=kind, to=letter.to, language=letter.language, due_at=now, created_at=now)
    wrapped = epoch.wrap_new(context=_context(mail, "key"))
    mail.payload_sealed = text.seal(
        key=wrapped.key, text=json.dumps(letter.payload), context=_context(mail, "payload")
    )
    mail.key, mail.epoch_id = wrapped.wrapped, wrapped.epoch_id
    return mail


def _context(mail: Mail, field: str) -> bytes:
    return records.context("mail", mail.pk, field=field)
