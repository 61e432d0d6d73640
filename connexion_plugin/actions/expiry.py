"""What is past its hour is emptied: text, title, documents and their keys; a tombstone stays (spec E3).

Every node may sweep at once and be killed at any moment. One short transaction a message, under the lock of
its conversation: rows, counts and the line of activity change together or not at all, and `emptied_at` is
looked at again under the lock. Rows come before parts: the key is gone first, and what a kill leaves in the
storage is noise that `stored_parts.sweep_parts` meets again. The other way round an expiry that is put off
while the sweep is under way would lose its documents.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from connexion_plugin.actions import contacts, warnings
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.documents import GIVEN_UP, give_up_documents, is_gone
from connexion_plugin.actions.drafts import discard_lapsed, lapsed
from connexion_plugin.actions.room import discard_ended_reservations
from connexion_plugin.actions.stored_parts import look_for_strays, sweep_parts, unclaimed_parts
from connexion_plugin.actions.titles import empty_title, has_expired
from connexion_plugin.actions.uploads import expired_uploads, sweep_uploads
from connexion_plugin.models import Activity, Conversation, Message, Opening, Participation
from connexion_plugin.sealing import destruction

EXPIRE = "connexion_plugin.tasks.expire"
ROWS_A_RUN = 1_000  # well inside a task's time limit; the rest wakes the worker again
UPLOAD_HOURS = 24  # an upload that began earlier will not end any more


@dataclass
class Sweep:
    """What one sweep emptied, or would empty; nothing expires where the clock is not trusted yet."""

    trusts_clock: bool = False
    messages: int = 0
    titles: int = 0
    warned: int = 0  # messages whose readers were looked at
    uploads: int = 0
    drafts: int = 0
    turn: destruction.Turn = field(default_factory=destruction.Turn)

    @property
    def is_done(self) -> bool:
        """Whether nothing was left for another run."""
        return max(self.messages, self.titles, self.warned) < ROWS_A_RUN


def wake() -> None:
    """Ask the queue for a sweep; no arguments, no result."""
    async_task(EXPIRE, save=False)


def sweep(*, always_turn: bool = False) -> Sweep:
    """Empties what is due, at most `ROWS_A_RUN` of each, and gives the key store its turn.

    Nothing is emptied or forgotten while the key store has not seen a day pass without a jump: a clock that
    runs ahead must not empty what is to live (goals.md, fault 6), and a laptop closed for a week merely waits.
    """
    now = timezone.now()
    done = Sweep()
    if always_turn or destruction.is_turn_due(now):
        done.turn = destruction.take_turn(now=now)
    done.trusts_clock = destruction.trusts_clock(now)
    if done.trusts_clock:
        done.messages = sum(empty_message(key, now=now) for key in list(_due(now)[:ROWS_A_RUN]))
        done.warned = warnings.warn_of_expiry(now=now, limit=ROWS_A_RUN)
        done.titles = sum(empty_title_of(key, now=now) for key in list(_due_titles(now)[:ROWS_A_RUN]))
        done.drafts = discard_lapsed(now=now)
        done.uploads = sweep_uploads(now=now)
        discard_ended_reservations(now=now)
        contacts.forget_deleted(now=now)
    # Last: a storage that does not answer holds up nothing else.
    done.uploads += sweep_parts(begun_before=_begun_before(now, trusts_clock=done.trusts_clock))
    if done.trusts_clock:
        look_for_strays()
    return done


def forecast() -> Sweep:
    """What `sweep` would empty and destroy now, in all; changes nothing."""
    now = timezone.now()
    trusts_clock = destruction.trusts_clock(now)
    begun_before = _begun_before(now, trusts_clock=trusts_clock)
    return Sweep(
        trusts_clock=trusts_clock,
        messages=_due(now).count(),
        titles=_due_titles(now).count(),
        warned=warnings.due_messages(now),
        uploads=unclaimed_parts(begun_before=begun_before).count() + expired_uploads(now=now).count(),
        drafts=lapsed(now=now).count(),
        turn=destruction.forecast(now=now),
    )


def empty_message(message_id: UUID, *, now: datetime) -> bool:
    """Makes a tombstone of a message past its hour; False when another sweep did, or its hour was put off."""
    with transaction.atomic():
        conversation = _locked(Message.unscoped.values_list("conversation", flat=True).get(pk=message_id))
        message = Message.unscoped.get(pk=message_id)
        message.conversation = conversation
        if message.emptied_at is not None or not is_gone(message, now):
            return False
        take_content_away(message, now=now)
        append_line(
            conversation=conversation,
            verb=Activity.Verb.EXPIRED,
            at=message.expires_at,
            message_id=message.pk,
        )
    return True


def empty_what_is_past(conversation: Conversation, *, now: datetime) -> int:
    """The same for all of one conversation, before it comes under a hold that was set earlier and would take them for
    its own; in the caller's transaction, which holds its lock. A clock that is not trusted empties nothing."""
    if not destruction.trusts_clock(now):
        return 0
    past = Message.unscoped.filter(conversation=conversation, expires_at__lte=now, emptied_at=None)
    return sum(empty_message(key, now=now) for key in list(past.values_list("pk", flat=True)))


def empty_title_of(conversation_id: UUID, *, now: datetime) -> bool:
    """Empties the title of a conversation in which nothing is left to expire; False when something is."""
    with transaction.atomic():
        conversation = _locked(conversation_id)
        if conversation.title_emptied_at is not None or not has_expired(conversation, now):
            return False
        # Nothing brings it back: so the messages are asked too.
        if Message.unscoped.filter(conversation=conversation, expires_at__gt=now).exists():
            return False
        empty_title(conversation, now=now)
    return True


def take_content_away(message: Message, *, now: datetime) -> None:
    """Text, key and documents; and whoever had not opened it has one less to open.

    In the caller's transaction, which holds the conversation's lock; for `empty_message` and withdrawing.
    """
    message.text_sealed = message.key = b""
    message.emptied_at = now
    message.is_held = False  # withdrawn between two holds: there is nothing left for one to keep
    message.save(update_fields=["text_sealed", "key", "emptied_at", "withdrawn_at", "is_held"])
    give_up_documents(message)
    opened = Opening.unscoped.filter(message=message, participation=OuterRef("pk"), tenure=OuterRef("tenure"))
    Participation.unscoped.filter(
        ~Exists(opened),
        conversation=message.conversation_id,
        seat__in=Participation.LIVING,
        sees_after__lt=message.sequence,
        unopened_count__gt=0,
    ).exclude(pk=message.sender_id, tenure=message.sender_tenure).update(
        unopened_count=F("unopened_count") - 1
    )


def _begun_before(now: datetime, *, trusts_clock: bool) -> datetime:
    """What began earlier does not end any more. By a clock that is not trusted, that is what was given up."""
    return now - timedelta(hours=UPLOAD_HOURS) if trusts_clock else GIVEN_UP + timedelta(days=1)


def _locked(conversation_id: UUID) -> Conversation:
    return Conversation.unscoped.select_for_update().get(pk=conversation_id)


def _due(now: datetime) -> "QuerySet[Message, UUID]":
    """By the index `message_not_emptied`."""
    due = Message.unscoped.filter(expires_at__lte=now, emptied_at=None, is_held=False)
    return due.order_by("expires_at").values_list("pk", flat=True)


def _due_titles(now: datetime) -> "QuerySet[Conversation, UUID]":
    """By the index `conversation_title_not_emptied`."""
    due = Conversation.unscoped.filter(title_expires_at__lte=now, title_emptied_at=None)
    return due.order_by("title_expires_at").values_list("pk", flat=True)
