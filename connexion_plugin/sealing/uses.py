"""What still needs an epoch key: the last thing asked before one is destroyed (sealing.md).

Rows stay after their key is gone (the tombstones), so it is not enough that they name the epoch.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from connexion_plugin.models import Attachment, Conversation, Draft, Mail, Message


def living_uses(epoch_id: UUID, at: datetime) -> dict[str, int]:
    """How many living rows of each kind are wrapped by the epoch at the moment `at`; empty when none is.

    Every foreign key to EpochKey is answered for here (a test counts them).
    """
    # What was withdrawn, or deleted with its conversation, is emptied before its hour.
    # A hold suspends the hour, and its own key serves whatever is not emptied yet: no moment ends it.
    living = Q(expires_at__gt=at) | Q(is_held=True) | Q(epoch__hold__isnull=False)
    held = Q(conversation__hold__isnull=False, conversation__hold__lifted_at=None)
    living_messages = Message.unscoped.filter(
        living | held, withdrawn_at__isnull=True, emptied_at__isnull=True
    )
    uses = {
        "messages": living_messages.filter(epoch=epoch_id),
        "documents": Attachment.unscoped.filter(epoch=epoch_id, message__in=living_messages),
        # A title lives as long as any message of its conversation.
        "titles": Conversation.unscoped.filter(
            Exists(living_messages.filter(conversation=OuterRef("pk"))) | Q(title_epoch__hold__isnull=False),
            title_epoch=epoch_id,
            title_emptied_at=None,
        ),
        "drafts": Draft.unscoped.filter(epoch=epoch_id, lapses_at__gt=at),
        # No mail is lost (N3): one that waits is sent, or given up by the outbox, before its key goes.
        "mails": Mail.unscoped.filter(epoch=epoch_id, state=Mail.State.WAITING),
    }
    counts = {kind: rows.count() for kind, rows in uses.items()}
    return {kind: count for kind, count in counts.items() if count}
