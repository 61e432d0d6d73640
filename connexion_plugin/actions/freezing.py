"""The lines that a change of a collaborator's status leaves in each of their conversations (spec A2, M2).

That a conversation is frozen is derived from the status and holds at once; only its history follows, by the
worker. The rows that are not recorded yet are the truth: the task may run twice, late, or be lost.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from connexion_plugin.actions.activity import append_line
from connexion_plugin.models import Activity, Collaborator, Conversation, StatusChange

RECORD = "connexion_plugin.tasks.record_status_changes"
CONVERSATIONS_A_RUN = 5_000  # well inside a task's time limit; the rest wakes the worker again

Status = Collaborator.Status


def verb_of(change: StatusChange) -> Activity.Verb | None:
    """What the history says of this change; nothing where the conversations stay what they were."""
    was_active, is_active = change.before == Status.ACTIVE, change.after == Status.ACTIVE
    if was_active == is_active or not change.before:
        return None
    return Activity.Verb.THAWED if is_active else Activity.Verb.FROZEN


def wake() -> None:
    """Ask the queue for a run; no arguments, no result."""
    async_task(RECORD, save=False)


def is_due(*, since: timedelta = timedelta()) -> bool:
    """Whether a change has waited so long to be recorded; the worker looks by itself now and then."""
    return StatusChange.unscoped.filter(recorded_at=None, at__lte=timezone.now() - since).exists()


def record_status_changes(*, limit: int = CONVERSATIONS_A_RUN) -> bool:
    """Writes what is due, oldest change first, at most `limit` lines. Returns whether nothing is left.

    One short transaction a conversation, under its lock. Running twice, or at once, writes nothing twice.
    """
    for change in StatusChange.unscoped.filter(recorded_at=None).select_related("collaborator"):
        limit -= _record_change(change, limit=limit)
        if limit <= 0:
            return False
    return True


def _record_change(change: StatusChange, *, limit: int) -> int:
    """Returns how many conversations it went through; fewer than `limit` means that the change is done."""
    verb = verb_of(change)
    waiting = list(_without_line(change, verb)[:limit]) if verb else []
    for conversation_id in waiting:
        assert verb is not None
        with transaction.atomic():
            conversation = Conversation.unscoped.select_for_update().get(pk=conversation_id)
            if not _lines(change, verb).filter(conversation=conversation).exists():
                append_line(conversation=conversation, verb=verb, at=change.at)
    if len(waiting) < limit:
        StatusChange.unscoped.filter(pk=change.pk).update(recorded_at=timezone.now())
    return len(waiting)


def _lines(change: StatusChange, verb: Activity.Verb) -> QuerySet[Activity]:
    # Dated at the act: the moment tells this change's line from an earlier one's.
    return Activity.unscoped.filter(verb=verb, at=change.at)


def _without_line(change: StatusChange, verb: Activity.Verb) -> QuerySet[Conversation, UUID]:
    return (
        Conversation.unscoped.filter(collaborator=change.collaborator_id, created_at__lte=change.at)
        .exclude(Exists(_lines(change, verb).filter(conversation=OuterRef("pk"))))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
