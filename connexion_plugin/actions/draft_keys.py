"""The key of a draft: it seals what is typed, and wraps the keys of what is uploaded to it (sealing.md)."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from connexion_plugin.exceptions import Tampered
from connexion_plugin.models import Draft
from connexion_plugin.sealing import keys, records, text

# As the form's fields are called, and as they were typed: a draft may hold what could not be posted.
Typed = Mapping[str, str]


def draft_key(draft: Draft) -> bytes:
    """32 bytes. Raises KeyGone once the day on which the draft lapses is over."""
    return keys.unwrap(epoch_id=draft.epoch_id, wrapped=draft.key, context=draft_context(draft, "key"))


def standing_key(draft: Draft) -> bytes:
    """The key that the draft has, which what was uploaded to it needs; a new one where there is none any more."""
    if draft.revision:
        with suppress(keys.KeyGone, Tampered):
            return draft_key(draft)
    return text.new_key()


def seal_draft(draft: Draft, typed: Typed, *, key: bytes, lapses_at: datetime) -> None:
    """What is typed, and the key under the day on which the draft lapses; the caller saves, in its transaction."""
    draft.lapses_at = lapses_at
    epoch = keys.open_epoch(organization_id=draft.organization_id, day=keys.day_of(lapses_at))
    wrapped = epoch.wrap(key=key, context=draft_context(draft, "key"))
    draft.key, draft.epoch_id = wrapped.wrapped, wrapped.epoch_id
    draft.content_sealed = text.seal(
        key=key, text=json.dumps(dict(typed)), context=draft_context(draft, "content")
    )


def draft_context(draft: Draft, field: str) -> bytes:
    hangs_on = draft.participation_id or draft.persona_id
    assert hangs_on is not None  # the constraint `draft_of_a_seat_or_of_a_persona`
    return records.context("draft", draft.pk, hangs_on, field=field)
