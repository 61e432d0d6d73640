"""Notices that are due become mails (spec N1). A notice's mail has the notice's own id, whoever makes it."""

from datetime import datetime

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from connexion_plugin.models import Mail, Notice, Opening, Participation, kept
from connexion_plugin.sealing import destruction

NOTICES_AT_ONCE = 500


def gather(limit: int = NOTICES_AT_ONCE) -> int:
    """Turn the oldest notices that have no mail yet into mails; how many were looked at.

    One transaction. Workers side by side take different rows (`SKIP LOCKED`; SQLite has one writer at a
    time). What is no longer due is settled without a mail; of messages past their hour only where the clock
    is trusted, or a clock that runs a year ahead would cost everybody their notices (goals.md, fault 6).
    """
    now = timezone.now()
    certain = destruction.certain_moment(now)
    with transaction.atomic():
        notices = list(
            Notice.unscoped.filter(mail=None, settled_at=None)
            .order_by("created_at")
            .select_for_update(skip_locked=True, of=("self",))
            .annotate(
                still_due=still_due(certain),
                address=F("participation__persona__address"),
                language=F("participation__persona__language"),
                preferred=F("participation__holder__connexion_preferences__language"),
            )[:limit]
        )
        due = [notice for notice in notices if notice.still_due]
        Mail.unscoped.bulk_create([_mail_of(notice, now) for notice in due], ignore_conflicts=True)
        Notice.unscoped.filter(pk__in=[notice.pk for notice in due]).update(mail_id=F("pk"))
        dropped = [notice.pk for notice in notices if not notice.still_due]
        Notice.unscoped.filter(pk__in=dropped).update(settled_at=now)
    return len(notices)


def still_due(now: datetime) -> models.Case:
    """For an annotation: may this notice still go out? Not once its message is opened, withdrawn or over,
    or the seat ended."""
    opened = Opening.unscoped.filter(
        message=OuterRef("message"),
        participation=OuterRef("participation"),
        tenure=OuterRef("participation__tenure"),
    )
    due = Q(
        ~Exists(opened),
        Q(message__expires_at__gt=now) | kept("message__"),
        message__withdrawn_at=None,
        message__emptied_at=None,  # nor deleted with its conversation
        participation__seat__in=Participation.LIVING,
    )
    return models.Case(
        models.When(due, then=models.Value(True)),
        default=models.Value(False),
        output_field=models.BooleanField(),
    )


def _mail_of(notice: Notice, now: datetime) -> Mail:
    """In the reader's language, not the sender's (N2): the account's, or else the invitation's."""
    return Mail(
        id=notice.pk,
        kind=Mail.Kind.NOTICE,
        to=notice.address,  # type: ignore[attr-defined]  # annotated by `gather`
        language=notice.preferred or notice.language,  # type: ignore[attr-defined]
        due_at=now,
        created_at=notice.created_at,
    )
