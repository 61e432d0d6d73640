"""The line that every verb leaves: numbered, chained by hash, append-only (spec A1, A2)."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from connexion_plugin.models import Activity, Conversation, Participation

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
    line.save(force_insert=True)
    conversation.last_line = line.number
    conversation.last_hash = line.hash
    changed = ["last_line", "last_hash"]
    if verb in Activity.MOVING and at > conversation.activity_at:
        conversation.activity_at = at
        changed.append("activity_at")
    # One statement: what else the verb changed on the row goes with it (post_message moves last_sequence).
    conversation.save(update_fields=[*changed, "last_sequence"])
    return line


def digest(line: Activity, *, previous: bytes) -> bytes:
    """SHA-256 over the previous line's hash and this line's opaque ids; names are not in it."""
    fields = {
        "conversation": str(line.conversation_id),
        "number": line.number,
        "verb": str(line.verb),
        "at": line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": str(line.actor_id),
        "subject": str(line.subject_id),
        "message": str(line.message_id),
        "attachment": str(line.attachment_id),
        "count": line.count,
    }
    return hashlib.sha256(previous + json.dumps(fields, sort_keys=True).encode()).digest()


def faults_in_chain(conversation: Conversation) -> Iterator[str]:
    """Names every line that was edited, removed or inserted; nothing when the chain holds."""
    lines: QuerySet[Activity] = Activity.unscoped.filter(conversation=conversation).order_by("number")
    previous = b""
    expected = 1
    for line in lines.iterator():
        if line.number != expected:
            yield f"line {expected} is missing"
            expected = line.number
        if bytes(line.hash) != digest(line, previous=previous):
            yield f"line {line.number} was changed, or a line before it"
        previous = bytes(line.hash)
        expected += 1
    if expected - 1 != conversation.last_line or previous != bytes(conversation.last_hash):
        yield f"the chain ends at line {expected - 1}, the conversation says {conversation.last_line}"
