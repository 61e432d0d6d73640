"""Which record, and what it hangs on: the associated data of everything sealed.

A message's text is sealed with `context("message", message_id, conversation_id, field="text")`, its key
wrapped with the same and field "key". Served in another row's place, neither opens.
"""

from uuid import UUID


def context(kind: str, *ids: UUID, field: str = "") -> bytes:
    """The associated data of one field of one record: its kind, its ids (record first, then parents).

    Every part is preceded by its length, so that no two different lists of parts give the same bytes.
    """
    parts = [kind.encode(), *(record_id.bytes for record_id in ids), field.encode()]
    return b"".join(len(part).to_bytes(2) + part for part in parts)


def describe(context: bytes) -> str:
    """A context for the operator's eyes: `message 1b4e28ba-… 6fa459ea-… text`; it holds no content."""
    words = []
    while context:
        length = int.from_bytes(context[:2])
        part, context = context[2 : 2 + length], context[2 + length :]
        words.append(str(UUID(bytes=part)) if len(part) == 16 else part.decode(errors="replace"))
    return " ".join(words).strip()
