"""The worker brings keys, flags and lines to what legal holds ask for (spec E3); a short transaction a conversation."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from connexion_plugin import exceptions
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.documents import wrap_documents
from connexion_plugin.actions.holds import come_under, hold_for_new
from connexion_plugin.actions.messages import locked_conversation, wrap_message
from connexion_plugin.actions.titles import TITLE_FIELDS, follow_latest_expiry, latest_expiry, wrap_title
from connexion_plugin.models import Activity, Conversation, LegalHold, Message
from connexion_plugin.sealing import keys

CONVERSATIONS_A_RUN = 500  # well inside a task's time limit; the rest wakes the worker again

logger = logging.getLogger(__name__)


def follow_holds(*, limit: int = CONVERSATIONS_A_RUN) -> bool:
    """Brings keys, flags and lines to what the holds ask for. Returns whether nothing is left.

    May run twice, at once, and be killed anywhere: what is still to do is read from the conversations.
    """
    for hold in LegalHold.unscoped.filter(followed_at=None).order_by("set_at"):
        waiting = list(_waiting(hold).values_list("pk", flat=True)[:limit])
        try:
            for conversation_id in waiting:
                _follow(conversation_id)
        except exceptions.KeyLost as fault:
            # Its own key is lost: its conversations stay held by their column, the other holds are followed.
            logger.error("legal hold %s cannot be followed: %s", hold.pk, fault)
            continue
        limit -= len(waiting)
        if limit <= 0:
            return False
        LegalHold.unscoped.filter(pk=hold.pk, lifted_at=hold.lifted_at).update(followed_at=timezone.now())
    return True


def _follow(conversation_id: UUID) -> None:
    while not _followed(conversation_id):
        pass  # it was handed over meanwhile


def _followed(conversation_id: UUID) -> bool:
    """One transaction: its owner's hold on all, then the conversation. False when it has another owner by then."""
    with transaction.atomic():
        owner_id = Conversation.unscoped.values_list("collaborator", flat=True).get(pk=conversation_id)
        standing = hold_for_new(owner_id)
        conversation = locked_conversation(conversation_id)
        if conversation.collaborator_id != owner_id:
            return False
        hold = conversation.hold
        if hold is not None and hold.is_active:
            _take_up(conversation, hold)
        elif hold is not None:
            _let_go(conversation, hold)
            come_under(conversation, standing)
    return True


def _take_up(conversation: Conversation, hold: LegalHold) -> None:
    """Under the hold's key; once, whatever was done of it before."""
    _freed(hold).filter(conversation=conversation).update(is_held=False)
    epoch = keys.open_epoch(organization_id=conversation.organization_id, day=None, hold=hold.pk)
    for message in _not_under(hold).filter(conversation=conversation):
        with _what_is_lost_passed_over(message.pk):
            _wrap(message, epoch, is_held=True)
    _take_up_title(conversation, hold, epoch)
    for earlier in _lifted_in_the_history_of(conversation):
        assert earlier.lifted_at is not None
        _append_once(conversation, Activity.Verb.HOLD_LIFTED, earlier.lifted_at)
    _append_once(conversation, Activity.Verb.HELD, hold.set_at)


def _take_up_title(conversation: Conversation, hold: LegalHold, epoch: keys.OpenEpoch) -> None:
    if conversation.title_emptied_at is not None or conversation.title_expires_at is not None:
        return  # it had expired when the hold was set
    assert conversation.kept_since is not None
    if (latest := latest_expiry(conversation)) <= conversation.kept_since:  # only an earlier hold kept it
        conversation.title_expires_at = latest
        conversation.save(update_fields=["title_expires_at"])
    elif conversation.title_epoch_id != epoch.id:
        with _what_is_lost_passed_over(conversation.pk):
            wrap_title(conversation, epoch)
            conversation.save(update_fields=TITLE_FIELDS)


def _let_go(conversation: Conversation, hold: LegalHold) -> None:
    """Under their days again. That they expire, the lifting has seen to (`titles.resume`)."""
    assert hold.lifted_at is not None
    now = timezone.now()
    # The sweep meets them from now on. No hold keeps them since the lifting (`models.suspension`).
    Message.unscoped.filter(conversation=conversation, is_held=True).update(is_held=False)
    under_a_holds = Message.unscoped.filter(epoch__hold__isnull=False)  # this one's, or one's before it
    for message in under_a_holds.filter(conversation=conversation, emptied_at=None):
        # What is past its hour the next sweep empties; its key is the hold's until then.
        if message.expires_at > now:
            with _what_is_lost_passed_over(message.pk):
                epoch = keys.open_epoch(
                    organization_id=conversation.organization_id, day=keys.day_of(message.expires_at)
                )
                _wrap(message, epoch, is_held=False)
    conversation.hold = conversation.kept_since = None
    with _what_is_lost_passed_over(conversation.pk):
        if follow_latest_expiry(conversation, now=now):
            conversation.save(update_fields=TITLE_FIELDS)
    conversation.save(update_fields=["hold", "kept_since", "title_expires_at"])
    _append_once(conversation, Activity.Verb.HOLD_LIFTED, hold.lifted_at)


@contextmanager
def _what_is_lost_passed_over(key: UUID) -> Iterator[None]:
    """What cannot be opened any more, by anybody, must not keep every other hold from being followed; nor what a
    day's lost key can no longer wrap: it stays under the hold's, which lives until that is emptied."""
    try:
        with transaction.atomic():
            yield
    except (exceptions.MessageGone, exceptions.Tampered, exceptions.KeyLost) as fault:
        logger.error("%s cannot be wrapped for a hold: %s", key, type(fault).__name__)


def _wrap(message: Message, epoch: keys.OpenEpoch, *, is_held: bool) -> None:
    wrap_message(message, epoch)
    wrap_documents(message, epoch)
    message.is_held = is_held
    message.save(update_fields=["key", "epoch", "is_held"])


def _append_once(conversation: Conversation, verb: Activity.Verb, at: datetime) -> None:
    # Dated at the act: the moment tells this hold's line from an earlier one's.
    if not Activity.unscoped.filter(conversation=conversation, verb=verb, at=at).exists():
        append_line(conversation=conversation, verb=verb, at=at)


def _waiting(hold: LegalHold) -> QuerySet[Conversation]:
    """Of an active hold those that are not under its key yet; of a lifted one all that still name it."""
    found = Conversation.unscoped.filter(hold=hold).order_by("pk")
    if not hold.is_active:
        return found
    messages = _not_under(hold).filter(conversation=OuterRef("pk"))
    other_key = Q(title_epoch__hold=None) | ~Q(title_epoch__hold=hold.pk)
    freed = _freed(hold).filter(conversation=OuterRef("pk"))
    return found.filter(
        Exists(messages) | Exists(freed) | Q(other_key, title_emptied_at=None, title_expires_at=None)
    )


def _not_under(hold: LegalHold) -> QuerySet[Message]:
    """What the hold keeps and its key does not wrap yet; what was past its hour when it was set it does not keep."""
    other_key = Q(epoch__hold=None) | ~Q(epoch__hold=hold.pk)
    return Message.unscoped.filter(other_key, emptied_at=None, expires_at__gt=F("conversation__kept_since"))


def _freed(hold: LegalHold) -> QuerySet[Message]:
    """What only an earlier hold kept, until it was lifted: its hour had passed when this one came to keep it."""
    kept_since = F("conversation__kept_since")
    return Message.unscoped.filter(
        is_held=True, emptied_at=None, conversation__hold=hold, expires_at__lte=kept_since
    )


def _lifted_in_the_history_of(conversation: Conversation) -> QuerySet[LegalHold]:
    """The holds that kept it, and passed it on when they were lifted."""
    held = Activity.unscoped.filter(conversation=conversation, verb=Activity.Verb.HELD)
    return LegalHold.unscoped.filter(
        collaborator__organization=conversation.organization_id,
        lifted_at__isnull=False,
        set_at__in=held.values("at"),
    ).order_by("lifted_at")
