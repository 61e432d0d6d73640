"""The title's key follows the latest expiry in its conversation (sealing.md): one place, called by every
verb that touches an expiry."""

from collections.abc import Iterable
from datetime import date

from connexion_plugin.models import Conversation
from connexion_plugin.plain_text import plain_title
from connexion_plugin.sealing import keys, records, text


def seal_title(conversation: Conversation, *, title: str, epoch: keys.OpenEpoch) -> None:
    """Seals a title with a key of its own, wrapped by this epoch; the caller saves, in its transaction."""
    wrapped = epoch.wrap_new(context=_key_context(conversation))
    conversation.title_key = wrapped.wrapped
    conversation.title_epoch_id = wrapped.epoch_id
    conversation.title_sealed = text.seal(
        key=wrapped.key, text=plain_title(title), context=_context(conversation)
    )


def preload_titles(conversations: Iterable[Conversation]) -> None:
    """Brings the epoch keys of many titles into the process; at most one statement."""
    keys.preload({conversation.title_epoch_id for conversation in conversations})


def read_title(conversation: Conversation) -> str | None:
    """The title, or None when it has expired with its last message (spec E3)."""
    try:
        key = keys.unwrap(
            epoch_id=conversation.title_epoch_id,
            wrapped=bytes(conversation.title_key),
            context=_key_context(conversation),
        )
    except keys.KeyGone:
        return None
    return text.unseal(key=key, sealed=bytes(conversation.title_sealed), context=_context(conversation))


def follow_expiry(conversation: Conversation, *, day: date, epoch: keys.OpenEpoch) -> bool:
    """Re-wraps the title's key when `day` is later than its own. True when the row must be saved."""
    if conversation.title_epoch_id == epoch.id:
        return False
    if conversation.title_epoch.day is not None and conversation.title_epoch.day >= day:
        return False
    key = keys.unwrap(
        epoch_id=conversation.title_epoch_id,
        wrapped=bytes(conversation.title_key),
        context=_key_context(conversation),
    )
    wrapped = epoch.wrap(key=key, context=_key_context(conversation))
    conversation.title_key = wrapped.wrapped
    conversation.title_epoch_id = wrapped.epoch_id
    return True


def _context(conversation: Conversation) -> bytes:
    return records.context("conversation", conversation.pk, field="title")


def _key_context(conversation: Conversation) -> bytes:
    return records.context("conversation", conversation.pk, field="title-key")
