"""How nothing is readable at rest, and how what expired is gone (sealing.md). Only this room knows a cipher.

`records` is what verbs use: a record's own key, made, opened, re-wrapped. Beneath it `keys` (epoch keys
and what they wrap), `text` (the cipher), `stores` (where epoch keys live); beside it `secrets` (what no
day ends) and, for the operator, `destruction`, `rotation` and `backup`.
"""
