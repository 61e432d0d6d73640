"""What a seat is told once beside its messages: queued with what causes it, gathered into mails (spec N3)."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import (
    CharField,
    DateField,
    DateTimeField,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
)
from django.utils import timezone

from connexion_plugin.mail import outbox
from connexion_plugin.models import Mail, Message, Participation, SeatNotice
from connexion_plugin.statements import insertion_of, together

NOTICES_AT_ONCE = 500
Kind = SeatNotice.Kind
MAIL_KINDS = {
    Kind.DELETED: Mail.Kind.DELETED,
    Kind.EXPIRING: Mail.Kind.EXPIRING,
    Kind.ASKED: Mail.Kind.ASKED,
    Kind.GRANTED: Mail.Kind.ANSWERED,
    Kind.DECLINED: Mail.Kind.ANSWERED,
}


def queue(
    *,
    kind: SeatNotice.Kind,
    participations: Iterable[Participation],
    message: Message | None = None,
    expires_on: date | None = None,
    days_ahead: int | None = None,
) -> None:
    """Write down that these seats are to be told; in the caller's transaction, one statement whatever their number,
    and of a queryset no row is brought here.

    A seat that was told the same already is not told again.
    """
    now = timezone.now()
    seats = participations if isinstance(participations, QuerySet) else _those(participations)
    told: dict[str, Any] = {
        "id": outbox.NewId(),
        "kind": Value(kind.value, CharField()),
        "participation": F("pk"),
        "message": Value(message and message.pk, UUIDField()),
        "expires_on": Value(expires_on, DateField()),
        "days_ahead": Value(days_ahead, IntegerField()),
        "created_at": Value(now, DateTimeField()),
    }
    selection = seats.order_by().values_list(*told.values()).query.sql_with_params()
    if together(insertion_of(selection, SeatNotice, tuple(told), unless_it_stands=True))[0]:
        outbox.wake_on_commit(now)


def _those(seats: Iterable[Participation]) -> QuerySet[Participation]:
    return Participation.unscoped.filter(pk__in=[seat.pk for seat in seats])


def address_anew(seat: Participation, *, sent_too: bool) -> None:
    """The seat waits at another address: what was written to the former one is told there, once it is due.

    Of a warning that was repeated the last one; `sent_too`, when whoever read the former address is somebody else.
    The mails to it find nothing left to tell. In the caller's transaction.
    """
    # A worker that is turning them into mails comes to its end first, or they would be told at both.
    told = SeatNotice.unscoped.filter(participation=seat).select_for_update(of=("self",))
    rows = [row for row in told.select_related("mail") if sent_too or not _has_left(row)]
    SeatNotice.unscoped.filter(pk__in=[row.pk for row in rows]).delete()
    last = {
        (row.kind, row.message_id, row.expires_on): row
        for row in sorted(rows, key=lambda row: -(row.days_ahead or 0))
    }
    now = timezone.now()
    SeatNotice.unscoped.bulk_create(
        SeatNotice(
            kind=row.kind,
            participation=seat,
            message_id=row.message_id,
            expires_on=row.expires_on,
            days_ahead=row.days_ahead,
            created_at=now,
        )
        for row in last.values()
    )
    if last:
        outbox.wake_on_commit(now)


def pass_on(seat: Participation) -> None:
    """The seat comes to somebody else, at the same address: answers to who asked are not theirs, and what expires
    unopened is told to them afresh. In the caller's transaction."""
    SeatNotice.unscoped.filter(participation=seat).exclude(kind=Kind.EXPIRING).delete()
    address_anew(seat, sent_too=True)


def _has_left(row: SeatNotice) -> bool:
    return row.settled_at is not None or (row.mail is not None and row.mail.state != Mail.State.WAITING)


def gather(limit: int = NOTICES_AT_ONCE) -> int:
    """Turn the oldest that have no mail yet into mails; how many were looked at.

    One transaction. Workers side by side take different rows (`SKIP LOCKED`; SQLite has one writer at a time).
    What expires on one day is one mail a persona.
    """
    now = timezone.now()
    with transaction.atomic():
        rows = list(
            SeatNotice.unscoped.filter(mail=None, settled_at=None)
            .order_by("created_at")
            .select_for_update(skip_locked=True, of=("self",))
            .annotate(
                persona=F("participation__persona"),
                address=F("participation__persona__address"),
                language=F("participation__persona__language"),
                preferred=F("participation__holder__connexion_preferences__language"),
                still_seated=F("participation__seat"),
            )[:limit]
        )
        letters: dict[Any, list[Any]] = {}
        for row in rows:
            if row.still_seated in Participation.LIVING:
                letters.setdefault(_letter_of(row), []).append(row)
        Mail.unscoped.bulk_create([_mail_of(told[0]) for told in letters.values()], ignore_conflicts=True)
        for told in letters.values():
            for row in told:
                row.mail_id = told[0].pk
        SeatNotice.unscoped.bulk_update([row for told in letters.values() for row in told], ["mail"])
        dropped = [row.pk for row in rows if row.mail_id is None]
        SeatNotice.unscoped.filter(pk__in=dropped).update(settled_at=now)
    return len(rows)


def of_mails(mail_ids: Iterable[UUID]) -> dict[UUID, list[SeatNotice]]:
    """By mail: what it still tells seats that stand, the earliest expiry first, with what its letter names."""
    owner = Participation.unscoped.filter(
        conversation=OuterRef("participation__conversation"), role=Participation.Role.OWNER
    )
    rows = (
        SeatNotice.unscoped.filter(mail__in=list(mail_ids), participation__seat__in=Participation.LIVING)
        .annotate(owner_address=Subquery(owner.values("persona__address")[:1]))
        .select_related("participation__conversation__organization", "message")
        .order_by("message__expires_at")
    )
    found: dict[UUID, list[SeatNotice]] = {}
    for row in rows:
        assert row.mail_id is not None
        found.setdefault(row.mail_id, []).append(row)
    return found


def _letter_of(row: Any) -> tuple[Any, ...]:
    """What tells two rows apart that are to come in two letters."""
    if row.kind == Kind.EXPIRING:
        return (row.persona, row.expires_on, row.days_ahead)
    return (row.pk,)


def _mail_of(row: Any) -> Mail:
    """In the reader's language: the account's, or else the invitation's. The mail has the (first) notice's own id."""
    return Mail(
        id=row.pk,
        kind=MAIL_KINDS[Kind(row.kind)],
        to=row.address,
        language=row.preferred or row.language,
        due_at=timezone.now(),
        created_at=row.created_at,
    )
