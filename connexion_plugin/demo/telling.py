"""Tells the story: accounts, organizations, and conversations written by the verbs under a clock moved back."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest import mock
from uuid import NAMESPACE_URL, UUID, uuid5

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from connexion_plugin import personas
from connexion_plugin.actions.conversations import Beginning, first_message, start_conversation
from connexion_plugin.actions.documents import new_document_key
from connexion_plugin.actions.messages import open_message, post_message
from connexion_plugin.demo.story import Post, Thread
from connexion_plugin.documents.parts import sealed_storage
from connexion_plugin.documents.uploads import SealedUpload, sealed_upload
from connexion_plugin.models import Collaborator, Conversation, Message, Participation, Persona

CHUNK_BYTES = 256 * 1024


def tell(thread: Thread) -> Conversation:
    """Writes one conversation of the story with all that happened in it. Once: its id is made of its title."""
    key = uuid5(NAMESPACE_URL, f"connexion-demo:{thread.title}")
    told = Conversation.unscoped.filter(pk=key, last_sequence__gte=len(thread.posts)).first()
    if told is not None:
        return told
    first, *others = thread.posts
    collaborator = Collaborator.unscoped.get(address=first.by, organization__name=thread.organization)
    with clock_at(first.days_ago):
        conversation = start_conversation(
            person=_holder_of(first.by),
            collaborator=collaborator,
            beginning=Beginning(
                title=thread.title,
                addresses=thread.to,
                language=thread.language,
                text=first.text,
                documents=documents_of(first),
                expires_at=timezone.now() + timedelta(days=first.expires_in_days),
            ),
            idempotency_key=key,
        )
    _open(first_message(conversation), first)
    for number, post in enumerate(others):
        with clock_at(post.days_ago):
            message = post_message(
                participation=_seat(conversation, post.by),
                text=post.text,
                documents=documents_of(post),
                expires_at=timezone.now() + timedelta(days=post.expires_in_days),
                idempotency_key=uuid5(key, str(number)),
            )
        _open(message, post)
    return conversation


def documents_of(post: Post) -> list[SealedUpload]:
    return [
        sealed_upload(name=name, chunks=_noise(size), key_for=new_document_key, storage=sealed_storage())
        for name, size in post.documents
    ]


@contextmanager
def clock_at(days_ago: float) -> Iterator[None]:
    """The verbs read the time from one place: `timezone.now`."""
    moment = timezone.now() - timedelta(days=days_ago)
    began: datetime = timezone.now()
    real: Callable[[], datetime] = timezone.now
    with mock.patch.object(timezone, "now", side_effect=lambda: moment + (real() - began)):
        yield


def _open(message: Message, post: Post) -> None:
    for number, address in enumerate(post.opened_by, start=1):
        with clock_at(post.days_ago - number * 0.01):
            open_message(participation=_seat_by_id(message.conversation_id, address), message=message)


def _holder_of(address: str) -> AbstractBaseUser:
    user = Persona.unscoped.select_related("user").get(address=personas.normalise(address)).user
    assert user is not None
    return user


def _seat(conversation: Conversation, address: str) -> Participation:
    return _seat_by_id(conversation.pk, address)


def _seat_by_id(conversation_id: UUID, address: str) -> Participation:
    return Participation.unscoped.select_related("conversation").get(
        conversation=conversation_id, persona__address=personas.normalise(address)
    )


def _noise(size: int) -> Iterator[bytes]:
    """The demo's documents are noise of the size that they say."""
    while size > 0:
        piece = os.urandom(min(size, CHUNK_BYTES))
        size -= len(piece)
        yield piece
