"""What became of the notices: a state beside each participant, never a line of the history each (spec A2)."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import OuterRef, Subquery

from connexion_plugin.access.abilities import ConversationAccess
from connexion_plugin.models import Mail, Notice, Participation


def last_notices_of(entry: ConversationAccess, seats: Sequence[Participation]) -> dict[UUID, Notice]:
    """The last notice due to each of these seats, with its mail where there is one; the owner's to know.

    One statement for a page of seats.
    """
    if not entry.is_owner:
        return {}
    latest = Notice.unscoped.filter(participation=OuterRef("pk")).order_by("-created_at", "-pk").values("pk")
    others = Participation.unscoped.filter(
        pk__in=[seat.pk for seat in seats], role=Participation.Role.PARTICIPANT
    )
    wanted = others.annotate(latest=Subquery(latest[:1])).values("latest")
    found = Notice.unscoped.filter(pk__in=wanted).select_related("mail")
    return {notice.participation_id: notice for notice in found if not _was_not_due(notice)}


def _was_not_due(notice: Notice) -> bool:
    """Opened, withdrawn or over before it went out."""
    if notice.mail is None:
        return notice.settled_at is not None
    return notice.mail.state == Mail.State.DROPPED
