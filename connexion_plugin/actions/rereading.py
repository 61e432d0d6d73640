"""A document was found damaged while an archive was sent, which cut it: the others are read before the next (D6).

What is damaged inside shows only when it is read. Without this, three damaged documents of a conversation would cut
three archives, one after the other. The worker reads them, once more and for their damage alone; what is little is read
by whoever asks for the next archive, which then waits for nobody.
"""

import logging
from collections.abc import Callable
from uuid import UUID

from connexion_plugin.actions import scan_leases
from connexion_plugin.actions.documents import open_document
from connexion_plugin.documents import damage
from connexion_plugin.exceptions import KeyLost, MessageGone, Tampered
from connexion_plugin.models import Attachment
from connexion_plugin.sealing.segments import DocumentDamaged

READ_AT_ONCE_BYTES = 256 * 1024**2  # less than a second

logger = logging.getLogger(__name__)


def read_others(conversation_id: UUID, found: UUID) -> None:
    """Asks for all documents of the conversation to be read again but the one `found` damaged; once an hour at most.

    For whoever is about to be told of that damage, which matters more than that this fails.
    """
    try:
        if damage.seek_in(conversation_id):
            scan_leases.read_again(conversation_id, apart_from=found)
    except Exception as error:
        logger.warning("conversation %s: the others are not read: %s", conversation_id, type(error).__name__)


def are_others_being_read(conversation_id: UUID) -> bool:
    """Whether an archive would better wait for the worker. What is little is read now. Raises StorageUnreachable.

    No longer than an hour, so that a worker that stands still keeps nobody from an archive.
    """
    if not damage.is_sought_in(conversation_id):
        return False
    waiting = list(scan_leases.to_be_read_again(conversation_id).select_related("message"))
    if sum(attachment.size for attachment in waiting) > READ_AT_ONCE_BYTES:
        return True
    for attachment in waiting:
        look_through(attachment)
        scan_leases.to_be_read_again(conversation_id).filter(pk=attachment.pk).update(
            check_due_at=None, check_lease=None
        )
    return False


def look_through(attachment: Attachment, alive: Callable[[], None] = lambda: None) -> None:
    """Reads it to its end, or to its damage, which is remembered (`documents.damage`); `alive` is called on the way.

    Raises StorageUnreachable, and what `alive` does.
    """
    try:
        for _piece in open_document(attachment).read():
            alive()
        damage.forget(attachment.pk)
    except (MessageGone, KeyLost):
        return  # nobody can fetch it; `connexion_keys status` tells of keys
    except (DocumentDamaged, Tampered) as fault:
        logger.error("document %s was read again, and is damaged: %s", attachment.pk, type(fault).__name__)
