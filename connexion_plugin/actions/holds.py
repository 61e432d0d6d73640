"""A legal hold suspends expiry, and is lifted again (spec E3). Set by an administrator, who reads nothing.

That a conversation is held is one column of its row, set in the act's own transaction: from then on the sweep,
withdrawals and deletions respect it. The keys follow by the worker, a short transaction a conversation: wrapped
by an epoch of the hold's own, which no day ends; and when it is lifted, by their days again. What passed its
hour meanwhile expires at the next sweep; the hold's key is destroyed a watched day after nothing needs it.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from connexion_plugin import exceptions
from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.documents import wrap_documents
from connexion_plugin.actions.messages import locked_conversation, wrap_message
from connexion_plugin.actions.record import append_act
from connexion_plugin.actions.titles import TITLE_FIELDS, follow_latest_expiry, wrap_title
from connexion_plugin.models import (
    Activity,
    AdministrativeAct,
    Collaborator,
    Conversation,
    LegalHold,
    Message,
    Participation,
)
from connexion_plugin.sealing import keys

FOLLOW = "connexion_plugin.tasks.follow_holds"
CHOICES_SHOWN = 50
CONVERSATIONS_A_RUN = 500  # well inside a task's time limit; the rest wakes the worker again

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class HoldPreview:
    """What a hold would touch: numbers, and nothing of the content."""

    conversations: int
    participants: int  # people other than the owner, each counted once


@dataclass(frozen=True)
class Choice:
    """A conversation as an administrator may know it: by its reference, its people's number and its dates."""

    reference: UUID
    participants: int
    created_at: datetime
    activity_at: datetime
    is_held: bool


def preview_hold(collaborator: Collaborator) -> HoldPreview:
    """Counted before it happens; two statements."""
    conversations = _to_hold(collaborator, None)
    people = Participation.unscoped.filter(
        conversation__in=conversations,
        seat__in=Participation.LIVING,
        role=Participation.Role.PARTICIPANT,
    )
    return HoldPreview(conversations.count(), people.values("persona").distinct().count())


def to_choose_from(collaborator: Collaborator) -> list[Choice]:
    """The collaborator's conversations, the last active first, by what may be told of them; at most so many."""
    people = Count(
        "participations",
        filter=Q(
            participations__seat__in=Participation.LIVING,
            participations__role=Participation.Role.PARTICIPANT,
        ),
    )
    found = _to_hold(collaborator, None).annotate(people=people).order_by("-activity_at", "pk")
    return [
        Choice(row.pk, row.people, row.created_at, row.activity_at, row.hold_id is not None)
        for row in found.only("pk", "created_at", "activity_at", "hold")[:CHOICES_SHOWN]
    ]


def set_hold(
    *, collaborator: Collaborator, conversation_id: UUID | None = None, by: AbstractBaseUser | None
) -> LegalHold:
    """Suspends the expiry of all the collaborator's conversations, also of those to come, or of one of them.

    What is past its hour already stays so. One transaction. Raises AlreadyHeld, NothingToHold.
    """
    try:
        with transaction.atomic():
            # As `start_conversation`: one that is being started is held, or begins under the hold.
            Collaborator.unscoped.select_for_update(of=("self",)).get(pk=collaborator.pk)
            hold = LegalHold.unscoped.create(
                collaborator=collaborator, conversation_key=conversation_id, set_at=timezone.now()
            )
            found = _to_hold(collaborator, conversation_id)
            # In the order of their ids, as whoever locks several does, or the two could wait for each other.
            list(found.filter(hold=None).select_for_update().order_by("pk").values_list("pk"))
            held = found.filter(hold=None).update(hold=hold)
            if conversation_id is not None and not held:
                raise exceptions.AlreadyHeld if found.exists() else exceptions.NothingToHold
            _record(hold, AdministrativeAct.Verb.HELD, by=by, at=hold.set_at, conversations=held)
            transaction.on_commit(wake, robust=True)
    except IntegrityError as error:
        raise exceptions.AlreadyHeld from error
    return hold


def lift_hold(*, hold: LegalHold, by: AbstractBaseUser | None) -> LegalHold:
    """Expiry goes on: what is past its hour goes with the next sweep. Lifting again changes nothing.

    One transaction.
    """
    with transaction.atomic():
        row = LegalHold.unscoped.select_for_update().get(pk=hold.pk)
        if row.lifted_at is None:
            row.lifted_at, row.followed_at = timezone.now(), None
            row.save(update_fields=["lifted_at", "followed_at"])
            count = Conversation.unscoped.filter(hold=row).count()
            _record(row, AdministrativeAct.Verb.HOLD_LIFTED, by=by, at=row.lifted_at, conversations=count)
            transaction.on_commit(wake, robust=True)
    return row


def hold_for_new(collaborator: Collaborator) -> LegalHold | None:
    """The hold under which a conversation of this collaborator begins; lifting it waits for this transaction."""
    holds = LegalHold.unscoped.select_for_update().filter(
        collaborator=collaborator, conversation_key=None, lifted_at=None
    )
    return holds.first()


# Following, by the worker


def wake() -> None:
    """Ask the queue for a run; no arguments, no result."""
    async_task(FOLLOW, save=False)


def is_due(*, since: timedelta = timedelta()) -> bool:
    """Whether a hold has waited so long to be followed; the worker looks by itself now and then."""
    moment = timezone.now() - since
    old = Q(lifted_at=None, set_at__lte=moment) | Q(lifted_at__lte=moment)
    return LegalHold.unscoped.filter(old, followed_at=None).exists()


def follow_holds(*, limit: int = CONVERSATIONS_A_RUN) -> bool:
    """Brings keys, flags and lines to what the holds ask for. Returns whether nothing is left.

    May run twice, at once, and be killed anywhere: what is still to do is read from the conversations.
    """
    for hold in LegalHold.unscoped.filter(followed_at=None).order_by("set_at"):
        waiting = list(_waiting(hold).values_list("pk", flat=True)[:limit])
        for conversation_id in waiting:
            _follow(conversation_id)
        limit -= len(waiting)
        if limit <= 0:
            return False
        LegalHold.unscoped.filter(pk=hold.pk, lifted_at=hold.lifted_at).update(followed_at=timezone.now())
    return True


def _follow(conversation_id: UUID) -> None:
    with transaction.atomic():
        conversation = locked_conversation(conversation_id)
        hold = conversation.hold
        if hold is None:
            return
        if hold.is_active:
            _take_up(conversation, hold)
        else:
            _let_go(conversation, hold)


def _take_up(conversation: Conversation, hold: LegalHold) -> None:
    """Under the hold's key; once, whatever was done of it before."""
    epoch = keys.open_epoch(organization_id=conversation.organization_id, day=None, hold=hold.pk)
    for message in _not_under(hold).filter(conversation=conversation):
        with _what_is_lost_passed_over(message.pk):
            _wrap(message, epoch, is_held=True)
    if conversation.title_emptied_at is None and conversation.title_epoch_id != epoch.id:
        with _what_is_lost_passed_over(conversation.pk):
            wrap_title(conversation, epoch)
            conversation.save(update_fields=TITLE_FIELDS)
    _append_once(conversation, Activity.Verb.HELD, hold.set_at)


def _let_go(conversation: Conversation, hold: LegalHold) -> None:
    """Under their days again; another hold that stands takes over, and the worker follows it."""
    assert hold.lifted_at is not None
    now = timezone.now()
    for message in Message.unscoped.filter(conversation=conversation, is_held=True, emptied_at=None):
        # What is past its hour the next sweep empties; its key is the hold's until then.
        message.is_held = False
        message.save(update_fields=["is_held"])
        if message.expires_at > now:
            epoch = keys.open_epoch(
                organization_id=conversation.organization_id, day=keys.day_of(message.expires_at)
            )
            with _what_is_lost_passed_over(message.pk):
                _wrap(message, epoch, is_held=False)
    conversation.hold = None
    with _what_is_lost_passed_over(conversation.pk):
        if follow_latest_expiry(conversation):
            conversation.save(update_fields=TITLE_FIELDS)
    standing = hold_for_new(conversation.collaborator)
    conversation.hold = standing
    conversation.save(update_fields=["hold"])
    if standing is not None:
        LegalHold.unscoped.filter(pk=standing.pk).update(followed_at=None)
    _append_once(conversation, Activity.Verb.HOLD_LIFTED, hold.lifted_at)


@contextmanager
def _what_is_lost_passed_over(key: UUID) -> Iterator[None]:
    """What cannot be opened any more, by anybody, must not keep every other hold from being followed."""
    try:
        with transaction.atomic():
            yield
    except (exceptions.MessageGone, exceptions.Tampered) as fault:
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


def _to_hold(collaborator: Collaborator, conversation_id: UUID | None) -> QuerySet[Conversation]:
    found = Conversation.unscoped.filter(collaborator=collaborator, deleted_at=None)
    return found.filter(pk=conversation_id) if conversation_id is not None else found


def _waiting(hold: LegalHold) -> QuerySet[Conversation]:
    """Of an active hold those that are not under its key yet; of a lifted one all that still name it."""
    found = Conversation.unscoped.filter(hold=hold).order_by("pk")
    if not hold.is_active:
        return found
    messages = _not_under(hold).filter(conversation=OuterRef("pk"))
    other_key = Q(title_epoch__hold=None) | ~Q(title_epoch__hold=hold.pk)
    return found.filter(Exists(messages) | Q(other_key, title_emptied_at=None))


def _not_under(hold: LegalHold) -> QuerySet[Message]:
    """What the hold keeps and its key does not wrap yet; what was past its hour when it was set it does not keep."""
    other_key = Q(epoch__hold=None) | ~Q(epoch__hold=hold.pk)
    return Message.unscoped.filter(other_key, emptied_at=None, expires_at__gt=hold.set_at)


def _record(
    hold: LegalHold,
    verb: AdministrativeAct.Verb,
    *,
    by: AbstractBaseUser | None,
    at: datetime,
    conversations: int,
) -> None:
    details = {"hold": str(hold.pk), "conversations": conversations}
    if hold.conversation_key is not None:
        details["conversation"] = str(hold.conversation_key)
    append_act(
        organization=hold.collaborator.organization,
        verb=verb,
        by=by,
        at=at,
        collaborator=hold.collaborator,
        details=details,
    )
