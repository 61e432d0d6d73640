"""A new master key: the key files are sealed anew, one by one; no data is touched.

First every node must be able to read both: add the new key to PREVIOUS_MASTER_KEYS and restart; then put it
in MASTER_KEY, the old one in PREVIOUS_MASTER_KEYS, and restart; then `connexion_keys rewrap`; then remove the
old key, and destroy the backups that it opens. Killed midway, run it again.
"""

from dataclasses import dataclass, field

from connexion_plugin.exceptions import Tampered
from connexion_plugin.sealing.stores import key_store


@dataclass
class Rotation:
    """How many files were sealed anew, and the names of those that no master key opens."""

    resealed: int = 0
    damaged: set[str] = field(default_factory=set)


def rewrap_store() -> Rotation:
    """Seal every file of the store by the current master key. When it returns, all are."""
    store = key_store()
    rotation = Rotation()
    changed = True
    # Another round until one finds nothing: a node not yet restarted may still be making keys.
    while changed:
        changed = False
        for file_id in sorted(store.file_ids() - rotation.damaged):
            try:
                resealed = store.reseal(file_id)
            except Tampered:
                rotation.damaged.add(file_id)
                continue
            rotation.resealed += resealed
            changed = changed or resealed
    # Last, so that the store opens with the old key alone until all is done.
    store.reseal_mark()
    return rotation
