"""AES-256-GCM over small things: texts, titles, names, and the keys that other keys wrap.

Sealed bytes are: version (1 byte), nonce (12, random), ciphertext and tag (16). The associated data is
`records.context`, which names the record and what it hangs on: no row can be served in another's place.
"""

import logging
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connexion_plugin.exceptions import Tampered
from connexion_plugin.sealing.records import describe

VERSION = b"\x01"
KEY_BYTES = 32
TEXT_BEGINS_AT = 13
OVERHEAD_BYTES = TEXT_BEGINS_AT + 16

# What the database gives back for a BinaryField: bytes on SQLite, a memoryview on PostgreSQL.
Sealed = bytes | memoryview

logger = logging.getLogger(__name__)


def new_key() -> bytes:
    """32 random bytes."""
    return os.urandom(KEY_BYTES)


def seal_bytes(*, key: bytes, plain: bytes, context: bytes) -> bytes:
    """Seal `plain` by a 32-byte key; 29 bytes longer than it was."""
    nonce = os.urandom(TEXT_BEGINS_AT - len(VERSION))
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plain, VERSION + context)


def unseal_bytes(*, key: bytes, sealed: Sealed, context: bytes, report: bool = True) -> bytes:
    """What was sealed. Raises Tampered when the bytes, the key or the context are not those of the sealing.

    `report` is false only where another key is tried next.
    """
    sealed = bytes(sealed)
    nonce, ciphertext = sealed[1:TEXT_BEGINS_AT], sealed[TEXT_BEGINS_AT:]
    if len(sealed) >= OVERHEAD_BYTES and sealed[:1] == VERSION:
        try:
            return AESGCM(key).decrypt(nonce, ciphertext, VERSION + context)
        except InvalidTag:
            pass
    if report:
        logger.error("Sealed bytes do not open in their place: %s", describe(context))
    raise Tampered(describe(context))


def seal(*, key: bytes, text: str, context: bytes) -> bytes:
    """Seal a text, as UTF-8."""
    return seal_bytes(key=key, plain=text.encode(), context=context)


def unseal(*, key: bytes, sealed: Sealed, context: bytes) -> str:
    """The text that was sealed. Raises Tampered."""
    return unseal_bytes(key=key, sealed=sealed, context=context).decode()
