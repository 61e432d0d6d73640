"""The line that every verb leaves: numbered, chained by hash, append-only (spec A1, A2)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils import translation

from connexion_plugin.actions import chain
from connexion_plugin.actions.chain_lines import A_BATCH, Lines, Read
from connexion_plugin.models import Activity, Conversation, Participation
from connexion_plugin.statements import change, insertion, together

# `last_sequence` is what posting moves: one statement for both.
MOVED_BY_A_LINE = ("last_line", "last_hash", "activity_at", "last_sequence")

if TYPE_CHECKING:
    from django.db.models import QuerySet


def append_line(
    *,
    conversation: Conversation,
    verb: Activity.Verb,
    at: datetime,
    actor: Participation | None = None,
    subject: Participation | None = None,
    message_id: UUID | None = None,
    attachment_id: UUID | None = None,
    count: int = 1,
) -> Activity:
    """Adds one line. The caller holds the conversation's lock, and saves `last_line` and `last_hash` here.

    Creation, posting and opening move the conversation's date; nothing else does.
    """
    line = next_line(
        conversation=conversation,
        verb=verb,
        at=at,
        actor=actor,
        subject=subject,
        message_id=message_id,
        attachment_id=attachment_id,
        count=count,
    )
    together(insertion(line), change(conversation, MOVED_BY_A_LINE))
    return line


def next_line(
    *,
    conversation: Conversation,
    verb: Activity.Verb,
    at: datetime,
    actor: Participation | None = None,
    subject: Participation | None = None,
    message_id: UUID | None = None,
    attachment_id: UUID | None = None,
    count: int = 1,
) -> Activity:
    """The same for a verb that writes the line, and `MOVED_BY_A_LINE` of the conversation, with what else it writes."""
    line = Activity(
        conversation=conversation,
        number=conversation.last_line + 1,
        verb=verb,
        at=at,
        actor=actor,
        subject=subject,
        message_id=message_id,
        attachment_id=attachment_id,
        count=count,
    )
    line.hash = digest(line, previous=bytes(conversation.last_hash))
    conversation.last_line = line.number
    conversation.last_hash = line.hash
    if verb in Activity.MOVING and at > conversation.activity_at:
        conversation.activity_at = at
    return line


def digest(line: Activity, *, previous: bytes, number: int | None = None) -> bytes:
    """SHA-256 over the previous line's hash and this line's opaque ids; names are not in it.

    `number` asks what the hash would be if the line stood elsewhere (`chain.diagnose`).
    """
    fields = {
        "conversation": str(line.conversation_id),
        "number": line.number if number is None else number,
        "verb": str(line.verb),
        "at": line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": str(line.actor_id),
        "subject": str(line.subject_id),
        "message": str(line.message_id),
        "attachment": str(line.attachment_id),
        "count": line.count,
    }
    return hashlib.sha256(previous + json.dumps(fields, sort_keys=True).encode()).digest()


@dataclass(frozen=True)
class Diagnosis:
    """What a look at a whole chain found: how many lines there are to be, and what is wrong with them."""

    lines: int
    faults: Sequence[chain.Fault]


def diagnosis(conversation: Conversation) -> Diagnosis:
    """Whether the history is as it was written; names every line that was changed, removed, inserted or moved.

    Reads in pieces, without a lock; where the chain seems not to hold, once more, up to the line that was the last one
    under the conversation's lock: what is being written meanwhile is no fault. The lock is given back before the
    lines are looked through, which takes as long as the faults want; no more than a few batches are in memory.
    """
    if _holds(conversation):
        return Diagnosis(conversation.last_line, ())
    with transaction.atomic():
        now = Conversation.unscoped.select_for_update().get(pk=conversation.pk)
        newest = _lines(now).last()
    lines = Lines(_read(_lines(now).filter(number__lte=newest.number if newest else 0)))
    faults = chain.diagnose(lines, digest=digest, last_line=now.last_line, last_hash=bytes(now.last_hash))
    return Diagnosis(now.last_line, faults)


def faults_in_chain(conversation: Conversation) -> list[str]:
    """The same in English sentences, for the operator's command."""
    with translation.override(None):
        return [fault.sentence for fault in diagnosis(conversation).faults]


def _lines(conversation: Conversation) -> "QuerySet[Activity]":
    return Activity.unscoped.filter(conversation=conversation).order_by("number")


def _read(lines: "QuerySet[Activity]") -> Read:
    def after(number: int) -> list[Activity]:
        following = lines.filter(number__gt=number)
        # Within two bounds, or PostgreSQL may sort all that follow for each batch; none are there only in a wide gap.
        return list(following.filter(number__lte=number + A_BATCH)) or list(following[:A_BATCH])

    return after


def _holds(conversation: Conversation) -> bool:
    previous, number = b"", 0
    for number, line in enumerate(_lines(conversation).iterator(), start=1):
        if line.number != number or bytes(line.hash) != digest(line, previous=previous):
            return False
        previous = bytes(line.hash)
    return number == conversation.last_line and previous == bytes(conversation.last_hash)
