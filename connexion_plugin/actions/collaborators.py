"""Enrolling collaborators, and changing what they are to their organization (spec M1, M2, M5)."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from connexion_plugin import exceptions, personas
from connexion_plugin.actions import freezing
from connexion_plugin.actions.handing_over import hand_over
from connexion_plugin.actions.record import append_act
from connexion_plugin.actions.sessions import sign_out_everywhere
from connexion_plugin.mail import outbox
from connexion_plugin.models import (
    AdministrativeAct,
    Collaborator,
    Conversation,
    Mail,
    Organization,
    Participation,
    Persona,
    StatusChange,
)

Status = Collaborator.Status
Verb = AdministrativeAct.Verb
VERBS = {Status.ACTIVE: Verb.REACTIVATED, Status.DEACTIVATED: Verb.DEACTIVATED, Status.DELETED: Verb.DELETED}


@dataclass(frozen=True)
class DeactivationPreview:
    """What a deactivation, a deletion or a reactivation touches: numbers, and nothing of the content."""

    conversations: int
    participants: int  # people other than the collaborator, each counted once


def enrol_collaborator(
    *, organization: Organization, address: str, name: str, language: str, by: AbstractBaseUser | None
) -> Collaborator:
    """Enrols an address and invites its reader, in `language`.

    One transaction. An address whose enrolment was deleted gets a new one: deleting is for good, and what it
    left behind stays frozen (M2). Raises AlreadyEnrolled.
    """
    outbox.prepare_epochs()
    try:
        with transaction.atomic():
            collaborator = Collaborator(
                organization=organization, address=personas.normalise(address), name=name, language=language
            )
            collaborator.save(force_insert=True)
            _record_change(collaborator, before="", by=by)
            outbox.enqueue(
                kind=Mail.Kind.INVITATION,
                to=collaborator.address,
                language=language,
                payload={"organization": organization.name, "name": name},
            )
            _record(Verb.ENROLLED, collaborator, by=by, at=collaborator.enrolled_at)
            return collaborator
    except IntegrityError as error:
        # The constraint `collaborator_once_an_organization`: two administrators may enrol one address.
        raise exceptions.AlreadyEnrolled from error


def amend_collaborator(
    *, collaborator: Collaborator, name: str, language: str, by: AbstractBaseUser | None
) -> Collaborator:
    """Corrects the name, or the language of what is sent to them. Never writes the status it was read with.

    One transaction; the record says which of the two changed, and not to what.
    """
    with transaction.atomic():
        before = Collaborator.unscoped.select_for_update().get(pk=collaborator.pk)
        wanted = {"name": name, "language": language}
        changed = [field for field, value in wanted.items() if getattr(before, field) != value]
        collaborator.name, collaborator.language = name, language
        if changed:
            collaborator.save(update_fields=changed)
            _record(Verb.CHANGED, collaborator, by=by, details={"changed": changed})
    return collaborator


def preview_deactivation(collaborator: Collaborator) -> DeactivationPreview:
    """Counted before it happens (M2)."""
    return preview_deactivations([collaborator])


def preview_deactivations(collaborators: Collection[Collaborator]) -> DeactivationPreview:
    """The same for several at once, a participant of two of them counted once."""
    conversations = Conversation.unscoped.filter(collaborator__in=[row.pk for row in collaborators])
    participants = (
        Participation.unscoped.filter(conversation__in=conversations, seat__in=Participation.LIVING)
        .exclude(role=Participation.Role.OWNER)
        .values("persona")
        .distinct()
    )
    return DeactivationPreview(conversations=conversations.count(), participants=participants.count())


def deactivate_collaborator(*, collaborator: Collaborator, by: AbstractBaseUser | None) -> Collaborator:
    """Their conversations turn read-only from this moment; they are signed out everywhere.

    One transaction, under the lock of the enrolment; the lines of activity follow by the worker. Doing it
    twice changes nothing. Raises EnrolmentDeleted.
    """
    return _change_status(collaborator.pk, after=Status.DEACTIVATED, by=by)


def reactivate_collaborator(*, collaborator: Collaborator, by: AbstractBaseUser | None) -> Collaborator:
    """Undoes a deactivation. The same transaction and lock. Raises EnrolmentDeleted."""
    return _change_status(collaborator.pk, after=Status.ACTIVE, by=by)


def delete_collaborator(
    *, collaborator: Collaborator, by: AbstractBaseUser | None, successor: Collaborator | None = None
) -> Collaborator:
    """Ends the enrolment for good; the row stays, for the conversations that hang on it.

    The same transaction and lock. Doing it twice changes nothing. With a successor their conversations are
    handed over in the same act (C13); raises what `hand_over` raises, and nobody is deleted then. To have no
    conversation is no reason to refuse.
    """
    with transaction.atomic():
        if successor is not None:
            # Both first, in the order of `hand_over`: two deletions that name each other would wait for each other.
            pair = Collaborator.unscoped.filter(pk__in={collaborator.pk, successor.pk})
            list(pair.select_for_update().order_by("pk").values_list("pk"))
        deleted = _change_status(collaborator.pk, after=Status.DELETED, by=by)
        if successor is not None:
            with suppress(exceptions.NothingToHandOver):
                hand_over(collaborator=deleted, successor=successor, by=by)
        return deleted


def _change_status(
    collaborator_id: UUID, *, after: Collaborator.Status, by: AbstractBaseUser | None
) -> Collaborator:
    with transaction.atomic():
        collaborator = Collaborator.unscoped.select_for_update().get(pk=collaborator_id)
        before = collaborator.status
        if before == after:
            return collaborator
        if before == Status.DELETED:
            raise exceptions.EnrolmentDeleted
        collaborator.status, collaborator.status_changed_at = after, timezone.now()
        collaborator.save(update_fields=["status", "status_changed_at"])
        _record_change(collaborator, before=before, by=by)
        if after != Status.ACTIVE:
            # The account is never touched: they stay a participant elsewhere, and may sign in again (M5).
            for user_id in _holders(collaborator):
                sign_out_everywhere(user_id=user_id)
        _record(VERBS[after], collaborator, by=by, at=collaborator.status_changed_at)
        return collaborator


def _holders(collaborator: Collaborator) -> list[int]:
    rows = Persona.unscoped.filter(address=collaborator.address, user__isnull=False)
    return [user_id for user_id in rows.values_list("user_id", flat=True) if user_id is not None]


def _record_change(collaborator: Collaborator, *, before: str, by: AbstractBaseUser | None) -> None:
    at = collaborator.status_changed_at or collaborator.enrolled_at
    change = StatusChange(collaborator=collaborator, before=before, after=collaborator.status, at=at)
    change.by_id = by.pk if by else None
    if freezing.verb_of(change) is None:
        change.recorded_at = at  # no conversation has to be told
    change.save(force_insert=True)
    if change.recorded_at is None:
        transaction.on_commit(freezing.wake, robust=True)


def _record(verb: AdministrativeAct.Verb, collaborator: Collaborator, **more: Any) -> None:
    append_act(organization=collaborator.organization, verb=verb, collaborator=collaborator, **more)
