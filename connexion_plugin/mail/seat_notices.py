"""What a seat is told once beside its messages: queued with what causes it, gathered into mails (spec N3)."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from connexion_plugin.conf import settings
from connexion_plugin.mail import links, outbox
from connexion_plugin.models import Mail, Participation, SeatNotice

NOTICES_AT_ONCE = 500
Kind = SeatNotice.Kind
MAIL_KINDS = {Kind.DELETED: Mail.Kind.DELETED}


def queue(*, kind: SeatNotice.Kind, participations: Iterable[Participation]) -> None:
    """Write down that these seats are to be told. In the caller's transaction, one statement whatever their number."""
    now = timezone.now()
    rows = [SeatNotice(kind=kind, participation=seat, created_at=now) for seat in participations]
    if rows:
        SeatNotice.unscoped.bulk_create(rows, ignore_conflicts=True)
        outbox.wake_on_commit(now)


def gather(limit: int = NOTICES_AT_ONCE) -> int:
    """Turn the oldest that have no mail yet into mails; how many were looked at.

    One transaction. Workers side by side take different rows (`SKIP LOCKED`; SQLite has one writer at a time).
    """
    now = timezone.now()
    with transaction.atomic():
        rows = list(
            SeatNotice.unscoped.filter(mail=None, settled_at=None)
            .order_by("created_at")
            .select_for_update(skip_locked=True, of=("self",))
            .annotate(
                address=F("participation__persona__address"),
                language=F("participation__persona__language"),
                preferred=F("participation__holder__connexion_preferences__language"),
                still_seated=F("participation__seat"),
            )[:limit]
        )
        due = [row for row in rows if row.still_seated in Participation.LIVING]
        Mail.unscoped.bulk_create([_mail_of(row) for row in due], ignore_conflicts=True)
        SeatNotice.unscoped.filter(pk__in=[row.pk for row in due]).update(mail_id=F("pk"))
        dropped = [row.pk for row in rows if row.still_seated not in Participation.LIVING]
        SeatNotice.unscoped.filter(pk__in=dropped).update(settled_at=now)
    return len(rows)


def of_mails(mail_ids: Iterable[UUID]) -> dict[UUID, SeatNotice]:
    """By mail: whose notice it is, with what its letter names."""
    owner = Participation.unscoped.filter(
        conversation=OuterRef("participation__conversation"), role=Participation.Role.OWNER
    )
    rows = (
        SeatNotice.unscoped.filter(mail__in=list(mail_ids))
        .annotate(owner_address=Subquery(owner.values("persona__address")[:1]))
        .select_related("participation__conversation__organization")
    )
    return {row.mail_id: row for row in rows if row.mail_id}


def deleted_contents(notice: SeatNotice, mail: Mail) -> tuple[str, dict[str, Any]]:
    """The conversation was deleted for everyone. Who did it, and nothing of what was in it."""
    organization = notice.participation.conversation.organization
    has_account = notice.participation.holder_id is not None
    return _("A conversation was deleted in Connexion"), {
        "owner": notice.owner_address,  # type: ignore[attr-defined]  # annotated above
        "organization": organization.name,
        "telephone": organization.telephone or settings.support_telephone,
        "link": links.absolute_url("connexion:inbox", language=mail.language) if has_account else "",
    }


def _mail_of(row: Any) -> Mail:
    """In the reader's language: the account's, or else the invitation's. The mail has the notice's own id."""
    return Mail(
        id=row.pk,
        kind=MAIL_KINDS[Kind(row.kind)],
        to=row.address,
        language=row.preferred or row.language,
        due_at=timezone.now(),
        created_at=row.created_at,
    )
