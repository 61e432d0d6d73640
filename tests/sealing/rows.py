"""Sealed rows as the verbs write them, without the verbs."""

from datetime import UTC, datetime, time
from uuid import uuid4

from django.db import transaction

from connexion_plugin.models import Collaborator, Conversation, Message, Participation, Persona
from connexion_plugin.sealing import keys, records, text


def message_context(message, field):
    return records.context("message", message.id, message.conversation_id, field=field)


def make_conversation(organization, *, title="Devis de la toiture", day):
    now = datetime.now(UTC)
    address = f"{uuid4().hex}@example.ca"
    conversation = Conversation(
        organization=organization,
        collaborator=Collaborator.unscoped.create(organization=organization, address=address),
        activity_at=now,
        created_at=now,
        title_expires_at=datetime.combine(day, time.max, UTC),
    )
    with transaction.atomic():
        key = keys.wrap_new(
            organization_id=organization.id,
            day=day,
            context=records.context("conversation", conversation.id, field="key"),
        )
        conversation.title_key, conversation.title_epoch_id = key.wrapped, key.epoch_id
        conversation.title_sealed = text.seal(
            key=key.key, text=title, context=records.context("conversation", conversation.id, field="title")
        )
        conversation.save()
        persona = Persona.unscoped.create(address=address)
        Participation.unscoped.create(
            conversation=conversation, persona=persona, role="owner", seat="released",
            invited_at=now, joined_at=now, activity_at=now,
        )  # fmt: skip
    return conversation


def make_message(
    organization, *, expires_at, words="La toiture sera refaite en juin.", conversation=None, day=None
):
    """A posted message; `day` other than that of its expiry is the defect that destruction must notice."""
    day = day or keys.day_of(expires_at)
    conversation = conversation or make_conversation(organization, day=day)
    sequence = Message.unscoped.filter(conversation=conversation).count() + 1
    message = Message(
        conversation=conversation,
        sender=Participation.unscoped.get(conversation=conversation),
        sequence=sequence,
        posted_at=datetime.now(UTC),
        expires_at=expires_at,
        idempotency_key=uuid4(),
    )
    with transaction.atomic():
        key = keys.wrap_new(organization_id=organization.id, day=day, context=message_context(message, "key"))
        message.key, message.epoch_id = key.wrapped, key.epoch_id
        message.text_sealed = text.seal(key=key.key, text=words, context=message_context(message, "text"))
        message.save()
    return message


def read(message):
    """The text of a message, from its row as the database has it now. Raises KeyGone or Tampered."""
    row = Message.unscoped.get(id=message.id)
    key = keys.unwrap(epoch_id=row.epoch_id, wrapped=row.key, context=message_context(row, "key"))
    return text.unseal(key=key, sealed=row.text_sealed, context=message_context(row, "text"))
