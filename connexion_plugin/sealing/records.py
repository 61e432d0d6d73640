"""A record and its own key: made, opened, wrapped again. What verbs and pages use.

    keys.ensure_epoch(organization_id=…, day=keys.day_of(expires_at))            # before the transaction
    epoch = keys.open_epoch(organization_id=…, day=…)                             # within it
    record = records.create("message", message_id, conversation_id, epoch=epoch)
    Message(text_sealed=record.seal("text", text), key=record.wrapped, epoch_id=record.epoch_id, …)

    records.open_record("message", m.id, m.conversation_id, epoch_id=m.epoch_id, wrapped=m.key).unseal(
        "text", m.text_sealed
    )
"""

from dataclasses import dataclass
from uuid import UUID

from connexion_plugin.sealing import keys, text


def context_for(label: str, record_id: UUID, *parents: UUID, field: str) -> bytes:
    """The associated data of one field: which record, what it hangs on, which field. `field` "key" is the
    record's wrapped key."""
    return text.context(label, record_id, *parents, field=field)


@dataclass(frozen=True)
class RecordKey:
    """One record's key, open. `wrapped` and `epoch_id` are what its row keeps."""

    label: str
    ids: tuple[UUID, ...]
    epoch_id: UUID
    wrapped: bytes
    key: bytes

    def context(self, field: str) -> bytes:
        """The associated data of a field; the documents' segments use it too."""
        return context_for(self.label, *self.ids, field=field)

    def seal(self, field: str, plain: str) -> bytes:
        return text.seal(key=self.key, text=plain, context=self.context(field))

    def unseal(self, field: str, sealed: text.Sealed) -> str:
        """Raises Tampered."""
        return text.unseal(key=self.key, sealed=sealed, context=self.context(field))

    def seal_bytes(self, field: str, plain: bytes) -> bytes:
        return text.seal_bytes(key=self.key, plain=plain, context=self.context(field))

    def unseal_bytes(self, field: str, sealed: text.Sealed) -> bytes:
        """Raises Tampered."""
        return text.unseal_bytes(key=self.key, sealed=sealed, context=self.context(field))

    def moved(self, *parents: UUID, epoch: keys.OpenEpoch, label: str | None = None) -> "RecordKey":
        """The same key, wrapped under another epoch, another label or other parents: a longer expiry, a
        draft's document that is posted. Where `ids` or label change, its fields must be sealed anew."""
        return _wrapped(label or self.label, (self.ids[0], *(parents or self.ids[1:])), self.key, epoch)


def create(label: str, record_id: UUID, *parents: UUID, epoch: keys.OpenEpoch) -> RecordKey:
    """A new key for a new record, wrapped under `epoch`."""
    return _wrapped(label, (record_id, *parents), text.new_key(), epoch)


def open_record(label: str, record_id: UUID, *parents: UUID, epoch_id: UUID, wrapped: text.Sealed) -> RecordKey:
    """The key of a record, from its row. Raises KeyGone (show a tombstone) or Tampered."""
    context = context_for(label, record_id, *parents, field="key")
    key = keys.unwrap(epoch_id=epoch_id, wrapped=wrapped, context=context)
    return RecordKey(label, (record_id, *parents), epoch_id, bytes(wrapped), key)


def _wrapped(label: str, ids: tuple[UUID, ...], key: bytes, epoch: keys.OpenEpoch) -> RecordKey:
    wrapped = epoch.wrap(key=key, context=context_for(label, *ids, field="key"))
    return RecordKey(label, ids, wrapped.epoch_id, wrapped.wrapped, key)
