"""Refusing an organization's further invitations, and accepting them again (spec I7)."""

from django.db import transaction
from django.utils import timezone

from connexion_plugin.access import Invitations, Person
from connexion_plugin.models import Persona, Refusal


def refuse_invitations(*, user: Person, invitations: Invitations) -> None:
    """Conversations that stand go on. One transaction, under the lock of the persona, at which an invitation
    that is being written meets it. Idempotent."""
    with transaction.atomic():
        persona = Persona.unscoped.select_for_update(no_key=True).get(pk=invitations.persona.pk)
        if persona.user_id is None or persona.user_id != user.pk:
            return
        Refusal.unscoped.update_or_create(
            persona=persona,
            organization=invitations.organization,
            defaults={"holder_id": persona.user_id, "refused_at": timezone.now()},
        )


def accept_invitations(*, user: Person, invitations: Invitations) -> None:
    """The organization may invite this address again. Idempotent."""
    Refusal.unscoped.filter(
        persona=invitations.persona, organization=invitations.organization, holder=user.pk
    ).delete()
