"""Rows leave one's own inbox, and come back (spec B6)."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from connexion_plugin.access import Person
from connexion_plugin.models import Participation, Persona


def delete_from_inbox(*, user: Person, persona: Persona, ids: Sequence[UUID]) -> list[UUID]:
    """Takes these seats out of the persona's inbox; returns those that were in it. One transaction."""
    with transaction.atomic():
        rows = Participation.unscoped.select_for_update().filter(
            pk__in=ids, persona=persona, holder=user.pk, seat=Participation.Seat.TAKEN, in_inbox=True
        )
        found = [row.pk for row in rows.order_by("id")]
        Participation.unscoped.filter(pk__in=found).update(in_inbox=False)
    return found


def restore_to_inbox(*, user: Person, persona: Persona, ids: Sequence[UUID]) -> int:
    """Brings seats back that are still the person's; returns how many."""
    return Participation.unscoped.filter(
        pk__in=ids, persona=persona, holder=user.pk, seat=Participation.Seat.TAKEN, in_inbox=False
    ).update(in_inbox=True)
