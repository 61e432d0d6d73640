"""Epoch keys that this process has read lately. For reading only: whatever wraps asks row and store anew."""

import threading
import time
from collections.abc import Iterable
from uuid import UUID

CACHE_SECONDS = 300
CACHE_ENTRIES = 4096


class KeyCache:
    """Keys by epoch, for some minutes; a key that is gone is remembered as None, so that thirty expired
    titles do not ask thirty times."""

    def __init__(self, seconds: float = CACHE_SECONDS, entries: int = CACHE_ENTRIES) -> None:
        self._seconds = seconds
        self._entries = entries
        self._kept: dict[UUID, tuple[float, bytes | None]] = {}
        self._lock = threading.Lock()

    def known(self, epoch_ids: Iterable[UUID]) -> dict[UUID, bytes | None]:
        """Those of `epoch_ids` that are fresh."""
        oldest = time.monotonic() - self._seconds
        found = {epoch_id: kept for epoch_id in epoch_ids if (kept := self._kept.get(epoch_id))}
        return {epoch_id: key for epoch_id, (kept_at, key) in found.items() if kept_at > oldest}

    def keep(self, keys: dict[UUID, bytes | None]) -> None:
        now = time.monotonic()
        with self._lock:
            for epoch_id, key in keys.items():
                self._kept.pop(epoch_id, None)
                if len(self._kept) >= self._entries:
                    del self._kept[next(iter(self._kept))]  # the oldest: a dictionary keeps its order
                self._kept[epoch_id] = (now, key)

    def drop(self, epoch_id: UUID) -> None:
        with self._lock:
            self._kept.pop(epoch_id, None)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
