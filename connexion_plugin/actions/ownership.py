"""Whether somebody holds the owner's seat: kept on the conversation, which every row of an inbox reads (spec B4)."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from connexion_plugin.models import Conversation, Participation


def follow_owner(conversation: Conversation, *, at: datetime) -> None:
    """Makes `ownerless_since` say what the owner's seat says; the only writer of it.

    The caller holds the conversation's lock, and has changed the owner's seat at `at`.
    """
    seated = _taken_by_owner().filter(conversation=conversation).exists()
    since = None if seated else conversation.ownerless_since or at
    if since != conversation.ownerless_since:
        conversation.ownerless_since = since
        conversation.save(update_fields=["ownerless_since"])


def disagreements() -> Iterator[str]:
    """Conversations that say of their owner's seat what it does not; for `connexion_verify`."""
    seated = Exists(_taken_by_owner().filter(conversation=OuterRef("pk")))
    wrong = Q(Q(ownerless_since=None) & ~seated) | Q(Q(ownerless_since__isnull=False) & seated)
    for conversation in Conversation.unscoped.filter(wrong).iterator():
        says = "nobody holds" if conversation.ownerless_since else "somebody holds"
        yield f"conversation {conversation.pk}: says that {says} its owner's seat, and that is not so"


def _taken_by_owner() -> QuerySet[Participation]:
    return Participation.unscoped.filter(role=Participation.Role.OWNER, seat=Participation.Seat.TAKEN)
