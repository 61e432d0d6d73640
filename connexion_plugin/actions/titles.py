"""The title and its key follow the latest expiry in their conversation (spec E3, sealing.md): one place, called by
every verb that touches an expiry."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db.models import Case, F, Max, OuterRef, Q, QuerySet, Subquery, When
from django.utils import timezone

from connexion_plugin.access import ListedConversation, is_held
from connexion_plugin.exceptions import TitleExpired
from connexion_plugin.models import Conversation, Message
from connexion_plugin.plain_text import plain_title
from connexion_plugin.sealing import keys, records, text

# Of a conversation's messages, one that was withdrawn included; by the index `message_expiry`.
_LAST_EXPIRY = Subquery(
    Message.unscoped.filter(conversation=OuterRef("pk")).order_by("-expires_at").values("expires_at")[:1]
)

# What a verb saves after it changed a title.
TITLE_FIELDS = ["title_sealed", "title_key", "title_epoch", "title_expires_at", "title_emptied_at"]


def seal_title(
    conversation: Conversation, *, title: str, epoch: keys.OpenEpoch, expires_at: datetime
) -> None:
    """Seals a title with a key of its own, wrapped by this epoch, which a message that expires then brings; the
    caller saves, in its transaction."""
    wrapped = epoch.wrap_new(context=_key_context(conversation))
    conversation.title_key = wrapped.wrapped
    conversation.title_epoch_id = wrapped.epoch_id
    conversation.title_expires_at = None if is_held(conversation) else expires_at
    conversation.title_emptied_at = None
    conversation.title_sealed = text.seal(
        key=wrapped.key, text=plain_title(title), context=_context(conversation)
    )


def preload_titles(conversations: Iterable[Conversation | ListedConversation]) -> None:
    """Brings the epoch keys of many titles into the process; at most one statement."""
    keys.preload({conversation.title_epoch_id for conversation in conversations})


def has_expired(conversation: Conversation | ListedConversation, now: datetime) -> bool:
    """Whether the title has, with the last message: at that hour, sweep or not (spec E3)."""
    if conversation.title_emptied_at is not None:
        return True
    return conversation.title_expires_at is not None and conversation.title_expires_at <= now


def read_title(conversation: Conversation | ListedConversation) -> str | None:
    """The title, or None when it has expired."""
    if has_expired(conversation, timezone.now()):
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
    conversation: Conversation, *, expires_at: datetime, epoch: keys.OpenEpoch, title: str | None = None
) -> Sequence[str]:
    """A message comes that expires then: the title lives as long, its key wrapped by that day's when it is later.

    Returns the fields that must be saved. Where the title has expired `title` takes its place; it is not looked at
    where one stands (two people may have been asked for it). Raises TitleExpired when there is neither.
    """
    if has_expired(conversation, timezone.now()) or (title and read_title(conversation) is None):
        return _begin_anew(conversation, title, epoch, expires_at)
    if is_held(conversation):
        return ()  # it has no hour, and its key is the hold's, or will be (`actions.following_holds`)
    assert conversation.title_expires_at is not None
    moved = ["title_expires_at"] if expires_at > conversation.title_expires_at else []
    conversation.title_expires_at = max(expires_at, conversation.title_expires_at)
    if conversation.title_epoch_id == epoch.id:
        return moved
    day = conversation.title_epoch.day
    if day is None or day >= keys.day_of(expires_at):  # none: a lifted hold's, until the worker comes
        return moved
    try:
        key = keys.unwrap(
            epoch_id=conversation.title_epoch_id,
            wrapped=bytes(conversation.title_key),
            context=_key_context(conversation),
        )
    except keys.KeyGone:  # its day is over, and the sweep was not there yet
        return _begin_anew(conversation, title, epoch, expires_at)
    wrapped = epoch.wrap(key=key, context=_key_context(conversation))
    conversation.title_key = wrapped.wrapped
    conversation.title_epoch_id = wrapped.epoch_id
    return TITLE_FIELDS


def follow_latest_expiry(conversation: Conversation, *, now: datetime) -> bool:
    """The title lives until the latest expiry, later or earlier than it was to; its key under that day's.

    For verbs that move an expiry, after they saved it; `now` is when they found the message living, or the hour that
    passes meanwhile would take the title from a message that stays. True when the row must be saved. A title that has
    expired stays so.
    """
    if is_held(conversation) or has_expired(conversation, now):
        return False
    latest = latest_expiry(conversation)
    conversation.title_expires_at = latest
    day = keys.day_of(latest)
    if conversation.title_epoch.day != day and day >= keys.day_of(now):
        # Past that day it goes with the next sweep.
        wrap_title(conversation, keys.open_epoch(organization_id=conversation.organization_id, day=day))
    return True


def latest_expiry(conversation: Conversation) -> datetime:
    """Of its messages, one that was withdrawn included: a better one could not be posted under the title else."""
    found = Message.unscoped.filter(conversation=conversation).aggregate(latest=Max("expires_at"))
    latest: datetime = found["latest"]
    return latest


def disagreements() -> Iterator[str]:
    """Titles that live longer or less long than their conversation's messages; for `connexion_verify`."""
    unheld = Q(hold=None) | Q(hold__lifted_at__isnull=False)
    living = Conversation.unscoped.filter(unheld, title_emptied_at=None)
    latest = living.annotate(latest=Max("messages__expires_at"))
    for conversation in latest.exclude(Q(latest=F("title_expires_at"))).iterator():
        yield f"conversation {conversation.pk}: its title does not expire with its last message"


def suspended(now: datetime) -> Case:
    """What becomes of `title_expires_at` under a legal hold: none; a title that has expired stays so."""
    return Case(When(title_expires_at__gt=now, then=None), default=F("title_expires_at"))


def resume(conversations: QuerySet[Conversation], *, up_to: datetime | None = None) -> None:
    """Under a hold that keeps them no more, titles expire with the last of their messages again; `up_to` names those
    alone whose hour was not later. One statement, whatever the number.

    In the caller's transaction, which holds the conversations' locks. Their keys follow by the worker.
    """
    titles = conversations.filter(title_expires_at=None, title_emptied_at=None)
    if up_to is not None:
        titles = titles.alias(last=_LAST_EXPIRY).filter(last__lte=up_to)
    titles.update(title_expires_at=_LAST_EXPIRY)


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


def _begin_anew(
    conversation: Conversation, title: str | None, epoch: keys.OpenEpoch, expires_at: datetime
) -> Sequence[str]:
    if not title:
        raise TitleExpired
    latest = max(expires_at, conversation.title_expires_at or expires_at)
    seal_title(conversation, title=title, epoch=epoch, expires_at=latest)
    return TITLE_FIELDS


def _context(conversation: Conversation | ListedConversation) -> bytes:
    return records.context("conversation", conversation.pk, field="title")


def _key_context(conversation: Conversation | ListedConversation) -> bytes:
    return records.context("conversation", conversation.pk, field="title-key")
