"""What was taken away: a line of activity for each document (spec A2, D3)."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.messages import still_seated
from connexion_plugin.models import Activity, Attachment, Conversation, Participation


def record_download(
    *, participation: Participation, attachment: Attachment, is_resumed: bool = False
) -> None:
    """One line of activity a download; one transaction, under the lock of the conversation.

    A download that resumes was recorded when it began, or else it is now: who asks for all but the first
    byte has the document too. What an earlier holder of the seat began is not resumed by the next (I3). Raises
    NoLongerThere when the seat was ended since the guard has seen it: nothing may be sent then.
    """
    begun = Activity.unscoped.filter(
        conversation=attachment.message.conversation_id,
        verb=Activity.Verb.DOWNLOADED,
        actor=participation,
        attachment_id=attachment.pk,
        at__gte=participation.joined_at,  # renewed whenever the seat comes to somebody, or back to them
    )
    if not (is_resumed and begun.exists()):
        record_downloads(participation=participation, attachments=[attachment])


def record_downloads(*, participation: Participation, attachments: Sequence[Attachment]) -> None:
    """The same for documents of one conversation that leave in one archive: a line each, in one transaction."""
    if not attachments:
        return
    with transaction.atomic():
        conversation = Conversation.unscoped.select_for_update().get(pk=participation.conversation_id)
        seat = still_seated(participation)
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
