"""Sessions sealed at rest: allauth keeps the code that it has just mailed in one (access.md, spec N2)."""

import json
from typing import Any

from connexion_plugin.sealing import secrets

_CONTEXT = b"session"


class SealedSerializer:
    """For `SESSION_SERIALIZER`: JSON, sealed with the standing key. Costs no statement once that is cached."""

    def dumps(self, obj: Any) -> bytes:
        return secrets.seal_secret(json.dumps(obj, separators=(",", ":")), context=_CONTEXT)

    def loads(self, data: bytes) -> Any:
        return json.loads(secrets.unseal_secret(data, context=_CONTEXT))
