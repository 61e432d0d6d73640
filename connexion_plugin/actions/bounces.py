"""What came back becomes a line of the conversation's activity (spec N4, A2)."""

from collections import defaultdict
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from connexion_plugin.actions.activity import append_line
from connexion_plugin.actions.messages import locked_conversation
from connexion_plugin.models import Activity, Bounce, Participation

BOUNCES_AT_ONCE = 1_000


def record_bounces() -> int:
    """One line a conversation, with the number of what came back; how many were recorded. For the worker.

    One transaction a conversation, under its lock. May run twice, or be killed: what has its line is not due.
    """
    due: dict[UUID, list[UUID]] = defaultdict(list)
    rows = Bounce.unscoped.filter(recorded_at=None).order_by("at")[:BOUNCES_AT_ONCE]
    for key, conversation_id in rows.values_list("pk", "participation__conversation"):
        due[conversation_id].append(key)
    return sum(_record(conversation_id, keys) for conversation_id, keys in due.items())


def _record(conversation_id: UUID, keys: list[UUID]) -> int:
    with transaction.atomic():
        conversation = locked_conversation(conversation_id)
        waiting = Bounce.unscoped.filter(pk__in=keys, recorded_at=None)
        bounces = list(waiting.select_related("participation__persona"))
        if not bounces:
            return 0
        now = timezone.now()
        append_line(
            conversation=conversation,
            verb=Activity.Verb.BOUNCED,
            at=now,
            subject=_seat_of(bounces),
            count=len(bounces),
        )
        Bounce.unscoped.filter(pk__in=[bounce.pk for bounce in bounces]).update(recorded_at=now)
    return len(bounces)


def _seat_of(bounces: list[Bounce]) -> Participation | None:
    """Of one alone, and while the seat still waits there: the address that was corrected meanwhile is named by no line,
    and nothing came back from the right one."""
    seat = bounces[0].participation
    return seat if len(bounces) == 1 and seat.persona.address == bounces[0].address else None
