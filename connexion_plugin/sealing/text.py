"""AES-256-GCM over small things: texts, titles, names, and the keys that other keys wrap.

Sealed bytes are: version (1 byte), nonce (12, random), ciphertext and tag (16). The associated data is
the caller's context, which names the record and what it hangs on: no row can be served in another's place.
"""

import logging
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connexion_plugin.exceptions import Tampered

VERSION = b"\x01"
KEY_BYTES = 32
NONCE_BYTES = 12
OVERHEAD_BYTES = len(VERSION) + NONCE_BYTES + 16

# What the database gives back for a BinaryField: bytes on SQLite, a memoryview on PostgreSQL.
Sealed = bytes | memoryview

logger = logging.getLogger(__name__)


def new_key() -> bytes:
    """32 random bytes."""
    return os.urandom(KEY_BYTES)


def context(kind: str, *ids: UUID, field: str = "") -> bytes:
    """The associated data of one field of one record: its kind, its ids (record first, then parents).

    Every part is preceded by its length, so that no two different lists of parts give the same bytes.
    """
    parts = [kind.encode(), *(record_id.bytes for record_id in ids), field.encode()]
    return b"".join(len(part).to_bytes(2) + part for part in parts)


def seal_bytes(*, key: bytes, plain: bytes, context: bytes) -> bytes:
    """Seal `plain` by a 32-byte key; 29 bytes longer than it was."""
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plain, VERSION + context)


def unseal_bytes(*, key: bytes, sealed: Sealed, context: bytes, report: bool = True) -> bytes:
    """What was sealed. Raises Tampered when the bytes, the key or the context are not those of the sealing.

    `report` is false only where another key is tried next.
    """
    sealed = bytes(sealed)
    if len(sealed) >= OVERHEAD_BYTES and sealed[:1] == VERSION:
        try:
            return AESGCM(key).decrypt(sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], VERSION + context)
        except InvalidTag:
            pass
    if report:
        # The context holds kinds and ids, never content: it says which row to look at.
        logger.error("Sealed bytes do not open in their place: %s", describe(context))
    raise Tampered(describe(context))


def seal(*, key: bytes, text: str, context: bytes) -> bytes:
    """Seal a text, as UTF-8."""
    return seal_bytes(key=key, plain=text.encode(), context=context)


def unseal(*, key: bytes, sealed: Sealed, context: bytes) -> str:
    """The text that was sealed. Raises Tampered."""
    return unseal_bytes(key=key, sealed=sealed, context=context).decode()


def describe(context: bytes) -> str:
    """A context for the operator's eyes: `message 1b4e28ba-… 6fa459ea-… text`."""
    words = []
    while context:
        length = int.from_bytes(context[:2])
        part, context = context[2 : 2 + length], context[2 + length :]
        words.append(str(UUID(bytes=part)) if length == 16 else part.decode(errors="replace"))
    return " ".join(words).strip()
