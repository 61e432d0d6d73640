"""How nothing is readable at rest, and how what expired is gone (sealing.md). Only this room knows a cipher.

Verbs use `keys` (epoch keys, and what they wrap), `text` (the cipher), `records` (the names of what is
sealed), `segments` (documents) and `secrets` (what no day ends). Beneath lies the key store: `key_store` its
contract, `folder` the one there is. The operator's are `destruction`, `rotation` and `backup`.
"""
