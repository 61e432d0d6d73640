"""Who takes part in conversations that were handed over is told once, whatever their number (spec C13)."""

from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from connexion_plugin.mail import outbox
from connexion_plugin.models import Activity, Conversation, HandOver, Mail, Participation

PEOPLE_AT_ONCE = 500


def tell_participants(act: HandOver, *, limit: int) -> int:
    """One mail a person, at most `limit`; returns how many personas it went through.

    A transaction for each few hundred, which notes how far it came: killed anywhere, nobody is told twice.
    """
    outbox.prepare_epochs()
    told = 0
    while told < limit and act.told_at is None:
        told += _tell_some(act, PEOPLE_AT_ONCE)
    return told


def _tell_some(act: HandOver, number: int) -> int:
    with transaction.atomic():
        current = HandOver.unscoped.select_for_update().get(pk=act.pk)
        act.told_up_to, act.told_at = current.told_up_to, current.told_at
        if act.told_at is not None:
            return 0
        seats = list(_personas_of(act)[:number])
        outbox.enqueue_each(
            kind=Mail.Kind.HAND_OVER,
            letters=[_letter(act, next(rows)) for _, rows in groupby(seats, lambda row: row["persona"])],
        )
        act.told_up_to = seats[-1]["persona"] if seats else act.told_up_to
        act.told_at = timezone.now() if len(seats) < number else None
        HandOver.unscoped.filter(pk=act.pk).update(told_up_to=act.told_up_to, told_at=act.told_at)
    return len(seats)


def _personas_of(act: HandOver) -> QuerySet[Participation, Any]:
    """Each persona once with how to write to it, in the order of ids, from where the last run stopped."""
    lines = Activity.unscoped.filter(conversation=OuterRef("pk"), verb=Activity.Verb.HANDED_OVER, at=act.at)
    handed_over = Conversation.unscoped.filter(Exists(lines), collaborator=act.successor_id)
    seats = Participation.unscoped.filter(conversation__in=handed_over, seat__in=Participation.LIVING)
    if act.told_up_to is not None:
        seats = seats.filter(persona__gt=act.told_up_to)
    return (
        seats.order_by("persona")
        .values(
            "persona",
            "holder",
            address=F("persona__address"),
            invited_in=F("persona__language"),
            preferred=F("holder__connexion_preferences__language"),
        )
        .distinct()
    )


def _letter(act: HandOver, row: dict[str, Any]) -> outbox.Letter:
    organization = act.collaborator.organization
    return outbox.Letter(
        # Of a person, not of a persona: whoever takes part through two addresses is told once.
        id=_letter_id(act.pk, row["holder"] or row["persona"]),
        to=row["address"],
        language=row["preferred"] or row["invited_in"],
        payload={
            "former": act.collaborator.address,
            "successor": act.successor.address,
            "is_successor": "yes" if row["address"] == act.successor.address else "",
            "organization": organization.name,
            "telephone": organization.telephone,
        },
    )


def _letter_id(act_id: UUID, person: object) -> UUID:
    return uuid5(act_id, str(person))
