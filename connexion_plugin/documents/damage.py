"""Documents that were found damaged while they were read: the next archive looks at them before it begins.

A whole archive cannot be read before it is sent, so what is damaged inside is found midway, and cuts it. Without this
memory it would cut each later one too; and each other damaged one, one more (`actions.rereading`). It is the shared
cache's, and may be lost: then one more is cut.
"""

import logging
from uuid import UUID

from django.core.cache import cache

REMEMBERED_SECONDS = 90 * 24 * 60 * 60
SOUGHT_SECONDS = 60 * 60

logger = logging.getLogger(__name__)


def remember(document: UUID) -> None:
    """For whoever is about to say that it is damaged, which matters more than that this fails."""
    try:
        cache.set(_name(document), True, REMEMBERED_SECONDS)
    except Exception as error:
        logger.warning("document %s: its damage is not remembered: %s", document, type(error).__name__)


def is_remembered(document: UUID) -> bool:
    return bool(cache.get(_name(document)))


def forget(document: UUID) -> None:
    """It was read in whole: what was damaged is mended, or was another's fault."""
    cache.delete(_name(document))


def seek_in(conversation: UUID) -> bool:
    """From now on it is sought among the documents of this conversation, for an hour; False where it was already."""
    return bool(cache.add(_sought(conversation), True, SOUGHT_SECONDS))


def is_sought_in(conversation: UUID) -> bool:
    return bool(cache.get(_sought(conversation)))


def _sought(conversation: UUID) -> str:
    return f"connexion:damage-sought:{conversation.hex}"


def _name(document: UUID) -> str:
    return f"connexion:damaged:{document.hex}"
