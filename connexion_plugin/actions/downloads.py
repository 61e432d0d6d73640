"""What was taken away: a line of activity for each document (spec A2, D3)."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.messages import still_seated
from connexion_plugin.models import Activity, Attachment, Conversation, Participation

logger = logging.getLogger(__name__)

ONE_DOWNLOAD = timedelta(
    hours=1
)  # a piece that is asked for within it of the last belongs to the same download
LONGEST_DOWNLOAD = timedelta(
    days=1
)  # 1 GiB at 100 kbit/s; whoever fetches pieces for ever leaves a line a day
# When the last piece came is no line's to know, for lines are never altered: the shared cache knows it, in steps. If it
# forgets, a download has one line more.
REMEMBERED_EVERY = timedelta(minutes=5)


def record_download(
    *, participation: Participation, attachment: Attachment, is_in_pieces: bool = False
) -> None:
    """One line of activity a download; one transaction, under the lock of the conversation.

    A download in pieces, whichever comes first and however many at once, is one until an hour has passed without
    any: its first line stands for all. What an earlier holder of the seat began is not resumed by the next (I3).
    Raises NoLongerThere when the seat was ended since the guard has seen it: nothing may be sent then.
    """
    with _seat_under_lock(participation) as (conversation, seat):
        if not (is_in_pieces and _goes_on(seat, attachment)):
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


def remembered_while_sent(
    pieces: Iterable[bytes], *, participation: Participation, attachment: Attachment
) -> Iterator[bytes]:
    """The pieces, as they are; a slow line may take longer over one request than an hour."""
    remembered = timezone.now()
    for piece in pieces:
        yield piece
        if timezone.now() - remembered >= REMEMBERED_EVERY:
            _remember(participation, attachment)
            remembered = timezone.now()


def _goes_on(seat: Participation, attachment: Attachment) -> bool:
    """Whether a piece belongs to a download that has its line; then it is remembered, if none was for minutes."""
    now = timezone.now()
    lines = Activity.unscoped.filter(
        conversation=seat.conversation_id,
        verb=Activity.Verb.DOWNLOADED,
        actor=seat,
        attachment_id=attachment.pk,
        # A seat is joined anew whenever it comes to somebody, or back to them.
        at__gte=max(seat.joined_at or seat.invited_at, now - LONGEST_DOWNLOAD),
    )
    began = lines.order_by("-at").values_list("at", flat=True).first()
    if began is None:
        return False
    last = max(began, _remembered(seat, attachment) or began)
    if now - last > ONE_DOWNLOAD + (REMEMBERED_EVERY if last > began else timedelta()):
        return False
    if now - last >= REMEMBERED_EVERY:
        _remember(seat, attachment)
    return True


def _remembered(seat: Participation, attachment: Attachment) -> datetime | None:
    """When the last piece came, to some minutes; a cache that fails holds up no download."""
    try:
        at: datetime | None = cache.get(_last_piece(seat, attachment))
    except Exception as error:
        logger.warning("document %s: its last piece is not known: %s", attachment.pk, type(error).__name__)
        return None
    return at


def _remember(seat: Participation, attachment: Attachment) -> None:
    """While bytes are sent, too: nor does it cut them."""
    seconds = (ONE_DOWNLOAD + 2 * REMEMBERED_EVERY).total_seconds()
    try:
        cache.set(_last_piece(seat, attachment), timezone.now(), int(seconds))
    except Exception as error:
        logger.warning("a piece of document %s is not remembered: %s", attachment.pk, type(error).__name__)


def _last_piece(seat: Participation, attachment: Attachment) -> str:
    return f"connexion-last-piece-{seat.pk}-{attachment.pk}"


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
