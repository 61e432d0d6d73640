"""The title's key follows the latest expiry in its conversation (sealing.md): one place, called by every
verb that touches an expiry."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Max
from django.utils import timezone

from connexion_plugin.exceptions import TitleExpired
from connexion_plugin.models import Conversation, Message
from connexion_plugin.plain_text import plain_title
from connexion_plugin.sealing import keys, records, text

# What a verb saves after `follow_expiry` or `empty_title` changed it.
TITLE_FIELDS = ["title_sealed", "title_key", "title_epoch", "title_emptied_at"]


def seal_title(conversation: Conversation, *, title: str, epoch: keys.OpenEpoch) -> None:
    """Seals a title with a key of its own, wrapped by this epoch; the caller saves, in its transaction."""
    wrapped = epoch.wrap_new(context=_key_context(conversation))
    conversation.title_key = wrapped.wrapped
    conversation.title_epoch_id = wrapped.epoch_id
    conversation.title_emptied_at = None
    conversation.title_sealed = text.seal(
        key=wrapped.key, text=plain_title(title), context=_context(conversation)
    )


def preload_titles(conversations: Iterable[Conversation]) -> None:
    """Brings the epoch keys of many titles into the process; at most one statement."""
    keys.preload({conversation.title_epoch_id for conversation in conversations})


def read_title(conversation: Conversation) -> str | None:
    """The title, or None when it has expired with its last message (spec E3)."""
    if conversation.title_emptied_at is not None:
        return None
    try:
        key = keys.unwrap(
            epoch_id=conversation.title_epoch_id,
            wrapped=bytes(conversation.title_key),
            context=_key_context(conversation),
        )
    except keys.KeyGone:
        return None
    return text.unseal(key=key, sealed=bytes(conversation.title_sealed), context=_context(conversation))


def follow_expiry(
    conversation: Conversation, *, day: date, epoch: keys.OpenEpoch, title: str | None = None
) -> bool:
    """Re-wraps the title's key when `day` is later than its own. True when the row must be saved.

    Where the title has expired `title` takes its place; it is not looked at where one stands (two people may
    have been asked for it). Raises TitleExpired when there is neither.
    """
    if conversation.title_emptied_at is not None or (title and read_title(conversation) is None):
        return _begin_anew(conversation, title, epoch)
    if conversation.title_epoch_id == epoch.id or conversation.hold_id is not None:
        return False  # under a hold, `actions.holds` says by what it is wrapped
    if conversation.title_epoch.day is not None and conversation.title_epoch.day >= day:
        return False
    try:
        key = keys.unwrap(
            epoch_id=conversation.title_epoch_id,
            wrapped=bytes(conversation.title_key),
            context=_key_context(conversation),
        )
    except keys.KeyGone:  # its day is over, and the sweep was not there yet
        return _begin_anew(conversation, title, epoch)
    wrapped = epoch.wrap(key=key, context=_key_context(conversation))
    conversation.title_key = wrapped.wrapped
    conversation.title_epoch_id = wrapped.epoch_id
    return True


def follow_latest_expiry(conversation: Conversation) -> bool:
    """Re-wraps the title's key under the day of the latest expiry to come, later or earlier than its own.

    For verbs that move an expiry, after they saved it. True when the row must be saved. A title that has
    expired stays so.
    """
    latest = Message.unscoped.filter(conversation=conversation).aggregate(latest=Max("expires_at"))["latest"]
    if latest is None or conversation.title_emptied_at is not None or conversation.hold_id is not None:
        return False
    day = keys.day_of(latest)
    if conversation.title_epoch.day == day or day < keys.day_of(timezone.now()):
        return False  # with all its messages past their hour it goes with the next sweep
    return wrap_title(conversation, keys.open_epoch(organization_id=conversation.organization_id, day=day))


def wrap_title(conversation: Conversation, epoch: keys.OpenEpoch) -> bool:
    """Wraps the title's key by another epoch; False when it is gone. The caller saves, in its transaction."""
    context = _key_context(conversation)
    try:
        key = keys.unwrap(
            epoch_id=conversation.title_epoch_id, wrapped=bytes(conversation.title_key), context=context
        )
    except keys.KeyGone:
        return False
    wrapped = epoch.wrap(key=key, context=context)
    conversation.title_key = wrapped.wrapped
    conversation.title_epoch_id = wrapped.epoch_id
    return True


def empty_title(conversation: Conversation, *, now: datetime) -> None:
    """The title has expired with the last message (spec E3); the caller holds the conversation's lock."""
    conversation.title_sealed = conversation.title_key = b""
    conversation.title_emptied_at = now
    conversation.save(update_fields=TITLE_FIELDS)


def _begin_anew(conversation: Conversation, title: str | None, epoch: keys.OpenEpoch) -> bool:
    if not title:
        raise TitleExpired
    seal_title(conversation, title=title, epoch=epoch)
    return True


def _context(conversation: Conversation) -> bytes:
    return records.context("conversation", conversation.pk, field="title")


def _key_context(conversation: Conversation) -> bytes:
    return records.context("conversation", conversation.pk, field="title-key")
