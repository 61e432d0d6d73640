"""Closing a conversation, and opening it again (spec C12). A closed one is read, and nothing is added to it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from connexion_plugin import exceptions
from connexion_plugin.access import State, state_of
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.messages import locked_conversation, still_owner
from connexion_plugin.models import Activity, Conversation, Participation


def close_conversation(*, by: Participation) -> Conversation:
    """Nobody posts, and nobody is invited, until it is opened again. Idempotent.

    One transaction, under the lock of the conversation. Raises ConversationFrozen, NoLongerThere.
    """
    with transaction.atomic():
        conversation = _not_frozen(by)
        if conversation.closed_at is None:
            now = timezone.now()
            _save(conversation, closed_at=now)
            append_line(conversation=conversation, verb=Activity.Verb.CLOSED, at=now, actor=by)
    return conversation


def reopen_conversation(*, by: Participation) -> Conversation:
    """All is as before it was closed. Idempotent; the same lock, the same refusal."""
    with transaction.atomic():
        conversation = _not_frozen(by)
        if conversation.closed_at is not None:
            _save(conversation, closed_at=None)
            append_line(conversation=conversation, verb=Activity.Verb.REOPENED, at=timezone.now(), actor=by)
    return conversation


def _not_frozen(by: Participation) -> Conversation:
    conversation = locked_conversation(by.conversation_id)
    still_owner(by)
    state = state_of(conversation)
    if state is State.DELETED:
        raise exceptions.ConversationDeleted
    if state is State.FROZEN:
        raise exceptions.ConversationFrozen
    return conversation


def _save(conversation: Conversation, *, closed_at: datetime | None) -> None:
    conversation.closed_at = closed_at
    conversation.save(update_fields=["closed_at"])
