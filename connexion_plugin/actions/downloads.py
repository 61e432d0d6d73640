"""What was taken away: a line of activity for each document (spec A2, D3)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.messages import still_seated
from connexion_plugin.models import Activity, Attachment, Conversation, Participation

ONE_DOWNLOAD = timedelta(hours=1)  # pieces that are fetched within it are of one


def record_download(
    *, participation: Participation, attachment: Attachment, is_in_pieces: bool = False
) -> None:
    """One line of activity a download; one transaction, under the lock of the conversation.

    A download in pieces, whichever comes first and however many at once, is one for an hour: its first line stands
    for all. What an earlier holder of the seat began is not resumed by the next (I3). Raises NoLongerThere when the
    seat was ended since the guard has seen it: nothing may be sent then.
    """
    with _seat_under_lock(participation) as (conversation, seat):
        if not (is_in_pieces and _was_recorded_lately(seat, attachment)):
            _append_lines(conversation, seat, [attachment])


def record_downloads(*, participation: Participation, attachments: Sequence[Attachment]) -> None:
    """The same for documents of one conversation that leave in one archive: a line each, in one transaction."""
    if attachments:
        with _seat_under_lock(participation) as (conversation, seat):
            _append_lines(conversation, seat, attachments)


@contextmanager
def _seat_under_lock(participation: Participation) -> Iterator[tuple[Conversation, Participation]]:
    with transaction.atomic():
        conversation = Conversation.unscoped.select_for_update().get(pk=participation.conversation_id)
        yield conversation, still_seated(participation)


def _was_recorded_lately(seat: Participation, attachment: Attachment) -> bool:
    return Activity.unscoped.filter(
        conversation=seat.conversation_id,
        verb=Activity.Verb.DOWNLOADED,
        actor=seat,
        attachment_id=attachment.pk,
        # A seat is joined anew whenever it comes to somebody, or back to them.
        at__gte=max(seat.joined_at or seat.invited_at, timezone.now() - ONE_DOWNLOAD),
    ).exists()


def _append_lines(conversation: Conversation, seat: Participation, attachments: Sequence[Attachment]) -> None:
    now = timezone.now()
    for attachment in attachments:
        append_line(
            conversation=conversation,
            verb=Activity.Verb.DOWNLOADED,
            at=now,
            actor=seat,
            message_id=attachment.message_id,
            attachment_id=attachment.pk,
        )
