"""Taking a message back (spec C12). What is withdrawn stays readable in older backups (sealing.md)."""

from django.db import transaction
from django.utils import timezone

from connexion_plugin import exceptions
from connexion_plugin.access import State, state_of
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.documents import is_gone
from connexion_plugin.actions.expiry import take_content_away
from connexion_plugin.actions.messages import demand_not_held, locked_conversation, still_seated
from connexion_plugin.models import Activity, Message, Notice, Participation


def withdraw_message(*, by: Participation, message: Message) -> Message:
    """Text and documents are gone at once, a tombstone stays; withdrawing again changes nothing.

    One transaction, under the lock of the conversation; the parts follow on commit. Notices that have not
    become mails are settled; mails are looked at again before they go out. The title stays until the hour at
    which the message would have expired, or a better one could not be posted under it.
    Raises MessageGone, NoLongerThere, ConversationFrozen, UnderLegalHold.
    """
    with transaction.atomic():
        conversation = locked_conversation(message.conversation_id)
        fresh = Message.unscoped.select_related("sender__persona").get(pk=message.pk)
        if fresh.withdrawn_at is not None:
            return fresh
        now = timezone.now()
        if is_gone(fresh, now):
            raise exceptions.MessageGone
        seat = still_seated(by)
        if state_of(conversation) is State.FROZEN:
            raise exceptions.ConversationFrozen
        demand_not_held(conversation)
        fresh.withdrawn_at = now
        take_content_away(fresh, now=now)
        Notice.unscoped.filter(message=fresh, mail=None, settled_at=None).update(settled_at=now)
        append_line(
            conversation=conversation,
            verb=Activity.Verb.WITHDRAWN,
            at=now,
            actor=seat,
            message_id=fresh.pk,
        )
    return fresh
