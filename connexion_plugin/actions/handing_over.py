"""The conversations of a departing collaborator go to a successor, whom an administrator names (spec C13).

The act is one row, dated; the worker carries it, a short transaction a conversation. What is still to be handed
over is read from the conversations, so that a run may be killed anywhere, come twice, or be lost.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from connexion_plugin import exceptions, personas
from connexion_plugin.actions import expiry, freezing, telling
from connexion_plugin.actions.holds import come_under, hold_for_new
from connexion_plugin.actions.record import append_act
from connexion_plugin.actions.succession import seat_successor
from connexion_plugin.models import (
    Activity,
    AdministrativeAct,
    Collaborator,
    Conversation,
    HandOver,
    Participation,
)

CARRY = "connexion_plugin.tasks.carry_hand_overs"
CONVERSATIONS_A_RUN = 1_000  # well inside a task's time limit; the rest wakes the worker again

Status = Collaborator.Status


@dataclass(frozen=True)
class HandOverPreview:
    """What a hand-over touches: numbers, and nothing of the content."""

    conversations: int
    participants: int  # people other than the owner, each counted once


def preview_hand_over(
    *, collaborator: Collaborator, successor: Collaborator | None = None
) -> HandOverPreview:
    """Counted before it happens; all that they own while nobody is named. Two statements."""
    conversations = _to_hand_over(collaborator, successor)
    participants = (
        Participation.unscoped.filter(conversation__in=conversations, seat__in=Participation.LIVING)
        .exclude(role=Participation.Role.OWNER)
        .values("persona")
        .distinct()
    )
    return HandOverPreview(conversations=conversations.count(), participants=participants.count())


def possible_successors(collaborator: Collaborator) -> QuerySet[Collaborator]:
    """The active enrolments of the same organization; whoever names one may not hold its address."""
    return Collaborator.unscoped.filter(
        organization=collaborator.organization_id, status=Status.ACTIVE
    ).order_by("address")


def hand_over(
    *, collaborator: Collaborator, successor: Collaborator, by: AbstractBaseUser | None
) -> HandOver:
    """Names the successor; the worker does the rest, and tells the participants.

    One transaction, under the locks of both enrolments. Naming the same successor again while the worker is at
    it changes nothing; naming another ends the first hand-over where it stands. A successor who is the
    collaborator receives what nobody holds any more (their address was given up, and confirmed again).
    Raises NotASuccessor, NotToOneself, NothingToHandOver.
    """
    with transaction.atomic():
        rows = {
            row.pk: row
            for row in Collaborator.unscoped.select_for_update(of=("self",))
            .filter(pk__in={collaborator.pk, successor.pk})
            .select_related("organization")
            .order_by("pk")
        }
        former, heir = rows[collaborator.pk], rows[successor.pk]
        _demand_successor(former, heir, by)
        pending = HandOver.unscoped.filter(collaborator=former, finished_at=None).first()
        if pending is not None and pending.successor_id == heir.pk:
            return pending
        preview = preview_hand_over(collaborator=former, successor=heir)
        if not preview.conversations:
            raise exceptions.NothingToHandOver
        if pending is not None:
            HandOver.unscoped.filter(pk=pending.pk).update(finished_at=timezone.now())
        act = HandOver(collaborator=former, successor=heir, at=timezone.now())
        act.by_id = by.pk if by else None
        act.save(force_insert=True)
        append_act(
            organization=former.organization,
            verb=AdministrativeAct.Verb.HANDED_OVER,
            by=by,
            at=act.at,
            collaborator=former,
            successor=heir,
            details={"conversations": preview.conversations, "participants": preview.participants},
        )
        transaction.on_commit(wake, robust=True)
        return act


def under_way(collaborator: Collaborator) -> HandOver | None:
    """The hand-over of this collaborator's conversations that the worker has not finished, if there is one."""
    return (
        HandOver.unscoped.filter(collaborator=collaborator, finished_at=None)
        .select_related("successor")
        .first()
    )


def wake() -> None:
    """Ask the queue for a run; no arguments, no result."""
    async_task(CARRY, save=False)


def is_due(*, since: timedelta = timedelta()) -> bool:
    """Whether one has waited so long; the worker looks by itself now and then. A deactivated successor waits."""
    return _due().filter(at__lte=timezone.now() - since).exists()


def carry_hand_overs(*, limit: int = CONVERSATIONS_A_RUN) -> bool:
    """Hands over what is due, oldest act first, at most `limit` conversations. Returns whether nothing is left.

    First the lines of earlier changes of status, which belong to whoever owned the conversations then.
    """
    if not freezing.record_status_changes(limit=limit):
        return False
    for act in _due().select_related("collaborator__organization", "successor"):
        if act.finished_at is None and act.successor.status == Status.DELETED:
            _finish(act)  # what is left stays with the collaborator, for whom another may be named
        if act.finished_at is None:
            limit -= _carry(act, limit=limit)
        if act.finished_at is not None:
            limit -= telling.tell_participants(act, limit=limit)
        if limit <= 0:
            return False
    return True


def _carry(act: HandOver, *, limit: int) -> int:
    """Returns how many conversations it went through; fewer than `limit` means that the act is finished."""
    waiting: list[UUID] = list(_waiting(act)[:limit])
    for conversation_id in waiting:
        if not _hand_over_one(act, conversation_id):
            return limit  # the successor was deactivated or deleted meanwhile: the next run sees which
    if len(waiting) < limit:
        _finish(act)
    return len(waiting)


def _finish(act: HandOver) -> None:
    act.finished_at = timezone.now()
    HandOver.unscoped.filter(pk=act.pk, finished_at=None).update(finished_at=act.finished_at)


def _hand_over_one(act: HandOver, conversation_id: UUID) -> bool:
    """One transaction: the successor's enrolment, their persona, their hold, then the conversation.

    False when there is nobody to receive it.
    """
    with transaction.atomic():
        successor = Collaborator.unscoped.select_for_update(no_key=True).get(pk=act.successor_id)
        if not successor.is_active:
            return False
        persona = personas.locked([successor.address], language=successor.language)[successor.address]
        hold = hold_for_new(successor.pk)
        conversation = Conversation.unscoped.select_for_update().filter(pk=conversation_id).first()
        if conversation is None or conversation.collaborator_id != act.collaborator_id:
            return True
        if not _lines(act).filter(conversation=conversation).exists():
            seat_successor(
                conversation=conversation,
                successor=successor,
                persona=persona,
                named_by=act.by_id,
                at=act.at,
            )
            if hold is not None:
                expiry.empty_what_is_past(conversation, now=timezone.now())
            come_under(conversation, hold)
    return True


def _demand_successor(former: Collaborator, heir: Collaborator, by: AbstractBaseUser | None) -> None:
    if heir.organization_id != former.organization_id or not heir.is_active:
        raise exceptions.NotASuccessor
    if by is not None and heir.address in {persona.address for persona in personas.of(by)}:
        raise exceptions.NotToOneself


def _due() -> QuerySet[HandOver]:
    """By the index `hand_over_due`. What goes to a deactivated successor waits for the administrator."""
    ready = Q(finished_at__isnull=False) | ~Q(successor__status=Status.DEACTIVATED)
    return HandOver.unscoped.filter(ready, told_at=None).order_by("at")


def _lines(act: HandOver) -> QuerySet[Activity]:
    # Dated at the act: the moment tells this hand-over's line from another's.
    return Activity.unscoped.filter(verb=Activity.Verb.HANDED_OVER, at=act.at)


def _waiting(act: HandOver) -> QuerySet[Conversation, UUID]:
    owned = _to_hand_over(act.collaborator, act.successor).filter(created_at__lte=act.at)
    return (
        owned.exclude(Exists(_lines(act).filter(conversation=OuterRef("pk"))))
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def _to_hand_over(collaborator: Collaborator, successor: Collaborator | None) -> QuerySet[Conversation]:
    """All that they own; when they are their own successor, what nobody holds any more."""
    owned = Conversation.unscoped.filter(collaborator=collaborator.pk)
    if successor is not None and collaborator.pk == successor.pk:
        return owned.filter(ownerless_since__isnull=False)
    return owned
