"""What no day ends: second-factor seeds, and digests by a key (Message-IDs, recovery codes, signatures).

All derive from the standing key, and not from the master key: a new master key changes none of them.
"""

import hashlib
import hmac
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from connexion_plugin.sealing import keys, text


@dataclass(frozen=True)
class SecretKey:
    """What secrets are sealed by, for whoever seals or reads many at once: it is derived but once."""

    _key: bytes = field(repr=False)

    def seal(self, value: bytes | str, *, context: bytes) -> bytes:
        """Seal a secret that lives as long as its row; `context` names that row (records.context)."""
        plain = value.encode() if isinstance(value, str) else value
        return text.seal_bytes(key=self._key, plain=plain, context=context)

    def unseal(self, sealed: text.Sealed, *, context: bytes) -> bytes:
        """What was sealed; a str comes back as its UTF-8. Raises Tampered."""
        return text.unseal_bytes(key=self._key, sealed=sealed, context=context)


def secret_key() -> SecretKey:
    return SecretKey(_derived("secret"))


def seal_secret(value: bytes | str, *, context: bytes) -> bytes:
    """One secret; see `SecretKey.seal`."""
    return secret_key().seal(value, context=context)


def unseal_secret(sealed: text.Sealed, *, context: bytes) -> bytes:
    """One secret; see `SecretKey.unseal`."""
    return secret_key().unseal(sealed, context=context)


def keyed_digest(*parts: bytes, purpose: str) -> bytes:
    """32 bytes that nobody else can compute, the same for ever. Purposes never meet: each has its own key."""
    mac = hmac.new(_derived(f"digest: {purpose}"), digestmod=hashlib.sha256)
    for part in parts:
        mac.update(len(part).to_bytes(8) + part)
    return mac.digest()


def _derived(purpose: str) -> bytes:
    info = b"connexion " + purpose.encode()
    return HKDF(SHA256(), text.KEY_BYTES, salt=None, info=info).derive(keys.standing_key())
