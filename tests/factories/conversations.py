"""Conversations by the verbs themselves: no row that the product could not have written."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from connexion_plugin.actions.conversations import Beginning, start_conversation
from connexion_plugin.actions.messages import post_message
from connexion_plugin.models import Collaborator, Conversation, Message, Participation, Persona


def in_days(days: float) -> datetime:
    return timezone.now() + timedelta(days=days)


def start(
    collaborator: Collaborator,
    *,
    to: Sequence[str],
    title: str = "Acte de vente, 44 rue des Érables",
    text: str = "Bonjour, voici l’acte.",
    language: str = "fr",
    key: UUID | None = None,
    **more: Any,
) -> Conversation:
    """By whoever holds the collaborator's address. `more` is of `Beginning`."""
    persona = Persona.unscoped.select_related("user").get(address=collaborator.address)
    return start_conversation(
        person=persona.user or AnonymousUser(),
        collaborator=collaborator,
        beginning=Beginning(
            **{
                "title": title,
                "addresses": to,
                "language": language,
                "text": text,
                "expires_at": in_days(364),
                **more,
            }
        ),
        idempotency_key=key or uuid4(),
    )


def seat_of(user: Any, conversation: Conversation) -> Participation:
    return Participation.unscoped.select_related("conversation").get(
        conversation=conversation, holder=user, seat=Participation.Seat.TAKEN
    )


def post(
    user: Any, conversation: Conversation, text: str, *, key: UUID | None = None, days: float = 364
) -> Message:
    return post_message(
        participation=seat_of(user, conversation),
        text=text,
        expires_at=in_days(days),
        idempotency_key=key or uuid4(),
    )
