"""Which messages a legal hold keeps beyond their hour (spec E3): derived from the hold, so that it ends with it."""

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from connexion_plugin.models.holds import LegalHold

if TYPE_CHECKING:
    from connexion_plugin.models.messages import Message


def kept(prefix: str = "") -> Exists:
    """Of a message's row: the hold of its conversation stands, and has kept it since before its hour. `prefix` leads
    to the message from a row of something else (`message__`)."""
    return Exists(
        LegalHold.unscoped.filter(
            conversations=OuterRef(f"{prefix}conversation"),
            conversations__kept_since__lt=OuterRef(f"{prefix}expires_at"),
            lifted_at=None,
        )
    )


def is_kept(message: "Message") -> bool:
    """The same of an instance, by its conversation as it has it; what was emptied nothing keeps."""
    if message.emptied_at is not None:
        return False
    conversation = message.conversation
    if conversation.hold is None or conversation.kept_since is None or not conversation.hold.is_active:
        return False
    return message.expires_at > conversation.kept_since
