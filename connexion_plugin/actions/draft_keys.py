"""The key of a draft: it seals what is typed, and wraps the keys of what is uploaded to it (sealing.md)."""

from connexion_plugin.models import Draft
from connexion_plugin.sealing import keys, records


def draft_key(draft: Draft) -> bytes:
    """32 bytes. Raises KeyGone once the day on which the draft lapses is over."""
    return keys.unwrap(epoch_id=draft.epoch_id, wrapped=draft.key, context=draft_context(draft, "key"))


def draft_context(draft: Draft, field: str) -> bytes:
    hangs_on = draft.participation_id or draft.persona_id
    assert hangs_on is not None  # the constraint `draft_of_a_seat_or_of_a_persona`
    return records.context("draft", draft.pk, hangs_on, field=field)
