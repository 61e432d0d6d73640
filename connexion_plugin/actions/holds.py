"""A legal hold suspends expiry, and is lifted again (spec E3). Set by an administrator, who reads nothing.

That a conversation is held is one column of its row, set in the act's own transaction: from then on the sweep,
withdrawals and deletions respect it. The keys follow by the worker, a short transaction a conversation: wrapped
by an epoch of the hold's own, which no day ends; and when it is lifted, by their days again
(`actions.following_holds`). What passed its hour meanwhile is read no more from the lifting on, and goes with the
next sweep; the hold's key is destroyed a watched day after nothing needs it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.utils import timezone
from django_q.tasks import async_task

from connexion_plugin import exceptions
from connexion_plugin.access import is_held
from connexion_plugin.actions.record import append_act
from connexion_plugin.actions.titles import has_expired, resume, suspended
from connexion_plugin.models import (
    AdministrativeAct,
    Collaborator,
    Conversation,
    LegalHold,
    Participation,
)
from connexion_plugin.sealing import destruction

FOLLOW = "connexion_plugin.tasks.follow_holds"
CHOICES_SHOWN = 50


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
        Choice(row.pk, row.people, row.created_at, row.activity_at, is_held(row))
        for row in found.select_related("hold").only("pk", "created_at", "activity_at", "hold")[
            :CHOICES_SHOWN
        ]
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
            # No key: a verb that holds a conversation, and writes its row twice, has PostgreSQL look at whose it is.
            Collaborator.unscoped.select_for_update(of=("self",), no_key=True).get(pk=collaborator.pk)
            hold = LegalHold.unscoped.create(
                collaborator=collaborator, conversation_key=conversation_id, set_at=timezone.now()
            )
            found = _to_hold(collaborator, conversation_id)
            # Also what a lifted hold still names, or it would be open to everybody until the worker has been there.
            lifted = LegalHold.unscoped.filter(lifted_at__isnull=False)
            free = found.filter(Q(hold=None) | Q(hold__in=lifted.values("pk")))
            # In the order of their ids, as whoever locks several does, or the two could wait for each other.
            list(free.select_for_update().order_by("pk").values_list("pk"))
            held = free.update(hold=hold, kept_since=hold.set_at, title_expires_at=suspended(hold.set_at))
            if conversation_id is not None and not held:
                raise exceptions.AlreadyHeld if found.exists() else exceptions.NothingToHold
            _record(hold, AdministrativeAct.Verb.HELD, by=by, at=hold.set_at, conversations=held)
            transaction.on_commit(wake, robust=True)
    except IntegrityError as error:
        raise exceptions.AlreadyHeld from error
    return hold


def lift_hold(*, hold: LegalHold, by: AbstractBaseUser | None) -> LegalHold:
    """Expiry goes on at once: what is past its hour is read no more, message or title. Lifting again changes nothing.

    What another hold, on all of their owner's, keeps as well passes under that one. One transaction, under the
    locks of the owners' enrolments, then the holds', then the conversations'.
    """
    with transaction.atomic():
        owners = Conversation.unscoped.filter(hold=hold.pk).values("collaborator")
        either = Q(pk=hold.collaborator_id) | Q(pk__in=owners)
        # As `set_hold`: of a hold that is being set on one of them, and this one, one comes first.
        rows = Collaborator.unscoped.select_for_update(of=("self",), no_key=True)
        list(rows.filter(either).order_by("pk"))
        row = LegalHold.unscoped.select_for_update(no_key=True).get(pk=hold.pk)
        if row.lifted_at is None:
            row.lifted_at, row.followed_at = timezone.now(), None
            row.save(update_fields=["lifted_at", "followed_at"])
            count = Conversation.unscoped.filter(hold=row).count()
            _let_expire(row)
            _record(row, AdministrativeAct.Verb.HOLD_LIFTED, by=by, at=row.lifted_at, conversations=count)
            transaction.on_commit(wake, robust=True)
    return row


def _let_expire(lifted: LegalHold) -> None:
    named = Conversation.unscoped.filter(hold=lifted)
    others = LegalHold.unscoped.filter(conversation_key=None, lifted_at=None)
    standing = others.filter(collaborator__in=named.values("collaborator")).order_by("pk")
    # All of them before the first conversation, as the worker: or the two could wait for each other.
    holds = list(standing.select_for_update(no_key=True))
    # A post that found it standing, or the worker, comes before or after: no flag is set behind it.
    list(named.select_for_update().order_by("pk").values_list("pk"))
    for other in holds:
        passed_on = named.filter(collaborator=other.collaborator_id, deleted_at=None)
        resume(passed_on, up_to=other.set_at)  # what had passed its hour by then it does not keep
        later = Case(When(kept_since__lt=other.set_at, then=Value(other.set_at)), default=F("kept_since"))
        passed_on.update(hold=other, kept_since=later)
        LegalHold.unscoped.filter(pk=other.pk).update(followed_at=None)
    resume(named)


def hold_for_new(collaborator_id: UUID) -> LegalHold | None:
    """The hold under which a conversation comes to this collaborator; lifting it waits for this transaction.

    To be called before the conversation is locked.
    """
    holds = LegalHold.unscoped.select_for_update(no_key=True).filter(
        collaborator=collaborator_id, conversation_key=None, lifted_at=None
    )
    return holds.first()


def come_under(conversation: Conversation, hold: LegalHold | None) -> None:
    """Its new owner's hold suspends its expiry too, unless one stands already; keys follow by the worker.

    What is past its hour stays so; where the clock is not trusted, nothing is said to be that the hold was set before.
    The caller holds the conversation's lock, and has the hold from `hold_for_new`.
    """
    if hold is None or is_held(conversation) or conversation.deleted_at is not None:
        return
    now = timezone.now()
    conversation.hold = hold
    conversation.kept_since = max(hold.set_at, destruction.certain_moment(now))
    if not has_expired(conversation, now):
        conversation.title_expires_at = None
    conversation.save(update_fields=["hold", "kept_since", "title_expires_at"])
    LegalHold.unscoped.filter(pk=hold.pk).update(followed_at=None)
    transaction.on_commit(wake, robust=True)


# For the worker, which follows: `actions.following_holds`


def wake() -> None:
    """Ask the queue for a run; no arguments, no result."""
    async_task(FOLLOW, save=False)


def is_due(*, since: timedelta = timedelta()) -> bool:
    """Whether a hold has waited so long to be followed; the worker looks by itself now and then."""
    moment = timezone.now() - since
    old = Q(lifted_at=None, set_at__lte=moment) | Q(lifted_at__lte=moment)
    return LegalHold.unscoped.filter(old, followed_at=None).exists()


def _to_hold(collaborator: Collaborator, conversation_id: UUID | None) -> QuerySet[Conversation]:
    found = Conversation.unscoped.filter(collaborator=collaborator, deleted_at=None)
    return found.filter(pk=conversation_id) if conversation_id is not None else found


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
